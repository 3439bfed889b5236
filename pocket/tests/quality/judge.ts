import { architecture, type VariantSpec } from '../../model/architecture.ts';
import { conversation } from '../../model/files.ts';
import { Reference } from '../../model/reference.ts';
import { tensors, type Checkpoint } from '../../model/weights.ts';
import { encode, encodeExactly, SPECIAL, type Tokenizer } from '../../model/tokenizer.ts';

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
	readonly #tokenizer: Tokenizer;
	readonly #answers: Stored[];
	/** The tokens in the reference's cache. */
	#fed: number[] = [];
	#logits: Float32Array = new Float32Array();
	readonly #known = new Map<string, Stored | undefined>();

	constructor(
		variant: VariantSpec,
		checkpoint: Checkpoint,
		tokenizer: Tokenizer,
		answers: readonly Answer[]
	) {
		const { values } = tensors(architecture, variant, checkpoint);
		this.#reference = new Reference(architecture, variant, values);
		this.#tokenizer = tokenizer;
		this.#answers = answers.map((answer) => ({
			...answer,
			tokens: [...encodeExactly(tokenizer, answer.text), END]
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
			if (answer && reread) prompt.push(...encode(this.#tokenizer, answer.text), END);
			else prompt.push(...(answer?.tokens ?? [END]));
			return answer?.id ?? null;
		});
	}
	/** The tokens of the whole answer to a first question. */
	write(question: string): number[] {
		const prompt = this.#opening(conversation.system_message);
		this.#ask(prompt, question);
		this.#feed(prompt);
		const longest = Math.max(...this.#answers.map(({ tokens }) => tokens.length));
		const tokens: number[] = [];
		while (tokens.length < longest && tokens.at(-1) !== END) {
			tokens.push(this.#best());
			this.#step(tokens.at(-1));
		}
		return tokens;
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
		this.#fed.length = same;
		for (const token of tokens.slice(same)) this.#step(token);
	}
	#step(token: number) {
		this.#logits = this.#reference.step(token);
		this.#fed.push(token);
	}
	#best(): number {
		return this.#logits.indexOf(Math.max(...this.#logits));
	}
}
