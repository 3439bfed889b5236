import { conversation } from '../model/files.ts';
import { encode, encodeExactly, SPECIAL, type Tokenizer } from '../model/tokenizer.ts';
import type { Corpus } from './corpus.ts';
import type { Random } from './random.ts';
import { Visitor } from './variation.ts';

/** Tokens in a training row. */
export const ROW = 256;
const [END, SYSTEM, USER, ASSISTANT] = SPECIAL.map((_, id) => id) as [
	number,
	number,
	number,
	number
];
/** Share of conversations with 1, 2, ... turns. */
const TURNS = [0.42, 0.25, 0.13, 0.08, 0.05, 0.04, 0.03];
/** Tokens after which every answer is decided. */
const DECIDED = 4;
/** Conversations kept for a row with room for them. */
const WAITING = 8;

export interface Row {
	/** [ROW] */
	ids: Uint16Array;
	/** [ROW]: which conversation of the row a token belongs to; attention stays within it. */
	conversation: Uint8Array;
	/** [ROW]: 1 where this token is to be predicted from those before it. */
	learned: Uint8Array;
}
interface Tokens {
	ids: number[];
	learned: number[];
}

/** Endless conversations between a visitor and pocket, as the engine writes them into tokens. */
export class Conversations {
	readonly #corpus: Corpus;
	readonly #tokenizer: Tokenizer;
	readonly #random: Random;
	readonly #visitor: Visitor;
	#waiting: Tokens[] = [];

	constructor(corpus: Corpus, tokenizer: Tokenizer, random: Random) {
		this.#corpus = corpus;
		this.#tokenizer = tokenizer;
		this.#random = random;
		this.#visitor = new Visitor(corpus, random);
	}

	/** One row, filled with whole conversations. */
	row(): Row {
		const row = {
			ids: new Uint16Array(ROW),
			conversation: new Uint8Array(ROW),
			learned: new Uint8Array(ROW)
		};
		let at = 0;
		let n = 0;
		const place = (next: Tokens) => {
			if (at + next.ids.length > ROW) return false;
			row.ids.set(next.ids, at);
			row.learned.set(next.learned, at);
			row.conversation.fill(++n, at, at + next.ids.length);
			at += next.ids.length;
			return true;
		};
		this.#waiting = this.#waiting.filter((next) => !place(next));
		while (this.#waiting.length < WAITING) {
			const next = this.#conversation();
			if (next.ids.length <= ROW && !place(next)) this.#waiting.push(next);
		}
		return row;
	}

	#conversation(): Tokens {
		const random = this.#random;
		const ids: number[] = [];
		const learned: number[] = [];
		const push = (tokens: readonly number[], learn = false) => {
			ids.push(...tokens);
			learned.push(...tokens.map(() => Number(learn)));
		};
		const read = (text: string) => encode(this.#tokenizer, text);
		const system = random.weighted([0.8, 0.12, 0.08]);
		if (system < 2) {
			const text =
				system === 0 ? conversation.system_message : random.pick(this.#corpus.wording.systems);
			push([SYSTEM, ...read(text), END]);
		}
		const turns = 1 + random.weighted(TURNS);
		// After a reload or a swap the engine reads the old answers again, lower-cased.
		const reread = turns > 1 && random.chance(0.2);
		let group = 'pocket';
		for (let turn = 1; turn <= turns; turn++) {
			const last = turn === turns;
			const said = this.#exchange(turn > 1, group);
			group = said.group;
			push([USER, ...read(said.question), END, ASSISTANT]);
			const answer =
				reread && !last
					? [...read(said.answer), END]
					: [...encodeExactly(this.#tokenizer, said.answer), END];
			if (last) push(random.chance(0.75) ? answer.slice(0, DECIDED) : answer, true);
			else if (random.chance(0.3)) {
				// Stopped by the visitor.
				push(answer.slice(0, DECIDED + random.below(8)), !reread);
				push([END]);
			} else push(answer, !reread);
		}
		return { ids, learned };
	}
	/** `group` is the one of the turn before; what is said next stays free of it but for "tell me more". */
	#exchange(later: boolean, group: string) {
		const { topics, followUps, fallback } = this.#corpus;
		switch (this.#random.weighted([0.2, later ? 0.1 : 0, 0.72])) {
			case 0:
				return {
					question: this.#visitor.askSomethingElse(),
					answer: fallback.answer,
					group: 'pocket'
				};
			case 1:
				return {
					question: this.#visitor.askMore(),
					answer: followUps.get(group)!,
					group: 'pocket'
				};
			default: {
				const topic = this.#random.pick(topics);
				return { question: this.#visitor.ask(topic), answer: topic.answer, group: topic.group };
			}
		}
	}
}
