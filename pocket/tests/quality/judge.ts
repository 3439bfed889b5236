import { architecture, type VariantName, variants } from '../../model/architecture.ts';
import { conversation } from '../../model/files.ts';
import { Reference } from '../../model/reference.ts';
import { loadCheckpoint, loadTokenizer } from '../../model/source.ts';
import { decode, encode, encodeExactly, SPECIAL } from '../../model/tokenizer.ts';
import { tensors } from '../../model/weights.ts';

const END = SPECIAL.indexOf('<|end|>');

export interface Answer {
	id: string;
	text: string;
}
export interface ChatOptions {
	system?: string;
	/** Earlier answers come back through the tokenizer, as after a reload of the page, instead of from the cache. */
	reread?: boolean;
}
interface Stored extends Answer {
	tokens: number[];
}

/** Asks the reference and recognises which of its stored answers it gives. */
export class Judge {
	readonly #reference: Reference;
	readonly #tokenizer = loadTokenizer();
	readonly #answers: Stored[];
	/** The tokens in the reference's cache. */
	#fed: number[] = [];
	#logits: Float32Array = new Float32Array();
	readonly #known = new Map<string, Stored | undefined>();

	constructor(name: VariantName, answers: readonly Answer[]) {
		const { values } = tensors(architecture, variants[name], loadCheckpoint());
		this.#reference = new Reference(architecture, variants[name], values);
		this.#answers = answers.map((answer) => ({
			...answer,
			tokens: [...encodeExactly(this.#tokenizer, answer.text), END]
		}));
	}

	/**
	 * Puts the questions one after another, each below the answers to those before it. Returns the id of every
	 * answer, null where it is none of the stored ones. An answer is written greedily until only one stored
	 * answer begins like it.
	 */
	chat(
		questions: readonly string[],
		{ system = conversation.system_message, reread = false }: ChatOptions = {}
	) {
		const prompt = this.#opening(system);
		return questions.map((question) => {
			this.#ask(prompt, question);
			const key = prompt.join();
			if (!this.#known.has(key)) this.#known.set(key, this.#recognise(prompt));
			const answer = this.#known.get(key);
			// Without the end: the next question begins with it.
			if (answer && reread) prompt.push(...encode(this.#tokenizer, answer.text));
			else prompt.push(...(answer?.tokens.slice(0, -1) ?? []));
			return answer?.id ?? null;
		});
	}
	/** The whole answer to a first question. */
	write(question: string): string {
		const prompt = this.#opening(conversation.system_message);
		this.#ask(prompt, question);
		this.#feed(prompt);
		const longest = Math.max(...this.#answers.map(({ tokens }) => tokens.length));
		const tokens: number[] = [];
		while (tokens.length < longest && tokens.at(-1) !== END) {
			tokens.push(this.#best());
			this.#step(tokens.at(-1));
		}
		return decode(this.#tokenizer, tokens.at(-1) === END ? tokens.slice(0, -1) : tokens);
	}

	#opening(system: string): number[] {
		return encode(
			this.#tokenizer,
			conversation.system_template.replace('{system_message}', system)
		);
	}
	#ask(prompt: number[], question: string) {
		const { user, assistant } = conversation.roles;
		prompt.push(
			...encode(this.#tokenizer, `${user}${question}${conversation.seps[0]}${assistant}`)
		);
	}
	#recognise(prompt: readonly number[]): Stored | undefined {
		this.#feed(prompt);
		let candidates = this.#answers;
		for (let n = 0; candidates.length > 1; n++) {
			if (n > 0) this.#step(this.#best());
			const next = this.#best();
			candidates = candidates.filter(({ tokens }) => tokens[n] === next);
		}
		return candidates[0];
	}
	/** Brings the cache to exactly these tokens, keeping what it shares with them. */
	#feed(tokens: readonly number[]) {
		let same = 0;
		while (same < tokens.length - 1 && this.#fed[same] === tokens[same]) same++;
		this.#reference.rewind(same);
		this.#logits = this.#reference.prefill(tokens.slice(same));
		this.#fed = [...tokens];
	}
	#step(token: number) {
		this.#logits = this.#reference.step(token);
		this.#fed.push(token);
	}
	#best(): number {
		return this.#logits.indexOf(Math.max(...this.#logits));
	}
}
