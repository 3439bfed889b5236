import * as v from 'valibot';
import { matches } from '../search.ts';

/** What a search looks through of one conversation: its distinct words, folded, one on each line. */
export interface Searched {
	id: string;
	text: string;
	updatedAt: number;
}

/** Which conversation, and when it was last changed (milliseconds since 1970). */
export type Found = Pick<Searched, 'id' | 'updatedAt'>;

/**
 * Many conversations' words as numbers of words in one vocabulary: a tenth of the bytes of their texts, most of which
 * are the same words again. Typed arrays and one long string are what a database gives back fastest.
 */
export interface Pack {
	/** Distinct words, one on each line. */
	vocabulary: string;
	ids: string[];
	/** [ids.length] */
	updatedAt: number[];
	/** [ids.length]: where in `words` each conversation's end. */
	ends: Uint32Array;
	/** Lines of `vocabulary`, from 0. */
	words: Uint16Array;
}

/** What a number in `words` can say. */
const MAX_VOCABULARY = 2 ** 16;
/** Some 300 long conversations: enough that they share most words, few enough to be written at once. */
const MAX_WORDS = 250_000;

const Shape = v.object({
	vocabulary: v.string(),
	ids: v.array(v.string()),
	updatedAt: v.array(v.number()),
	ends: v.instance(Uint32Array),
	words: v.instance(Uint16Array)
});

/** null: what was stored is no pack. */
export function parsePack(raw: unknown): Pack | null {
	const pack = v.safeParse(Shape, raw);
	if (!pack.success) return null;
	const { ids, updatedAt, ends, words } = pack.output;
	const whole =
		ids.length === ends.length &&
		ids.length === updatedAt.length &&
		ends.every((end, index) => end >= (ends[index - 1] ?? 0) && end <= words.length);
	return whole ? pack.output : null;
}

/** Packs texts in their order; one too large for a vocabulary of its own is left out. */
export function packsOf(texts: readonly Searched[]): Pack[] {
	const packs: Pack[] = [];
	let numbers = new Map<string, number>();
	let ids: string[] = [];
	let updatedAt: number[] = [];
	let ends: number[] = [];
	let words: number[] = [];
	const close = () => {
		if (ids.length > 0)
			packs.push({
				vocabulary: [...numbers.keys()].join('\n'),
				ids,
				updatedAt,
				ends: Uint32Array.from(ends),
				words: Uint16Array.from(words)
			});
		numbers = new Map();
		ids = [];
		updatedAt = [];
		ends = [];
		words = [];
	};
	for (const text of texts) {
		const own = text.text === '' ? [] : text.text.split('\n');
		if (own.length > MAX_VOCABULARY) continue;
		if (words.length + own.length > MAX_WORDS || numbers.size + own.length > MAX_VOCABULARY)
			close();
		for (const word of own) {
			let number = numbers.get(word);
			if (number === undefined) numbers.set(word, (number = numbers.size));
			words.push(number);
		}
		ids.push(text.id);
		updatedAt.push(text.updatedAt);
		ends.push(words.length);
	}
	close();
	return packs;
}

/** What there is to search: packs, and beside them what has changed since they were written. */
export class TextIndex {
	readonly #packs: readonly PackSearch[];
	/** The pack that speaks for a conversation: the last that has it, unless a text of its own does. */
	readonly #packOf = new Map<string, PackSearch>();
	readonly #texts = new Map<string, Searched>();

	constructor(packs: readonly Pack[]) {
		this.#packs = packs.map((pack) => new PackSearch(pack));
		for (const pack of this.#packs) for (const id of pack.ids) this.#packOf.set(id, pack);
	}

	has(id: string): boolean {
		return this.#texts.has(id) || this.#packOf.has(id);
	}

	set(text: Searched): void {
		this.#packOf.delete(text.id);
		this.#texts.set(text.id, text);
	}

	delete(id: string): void {
		this.#packOf.delete(id);
		this.#texts.delete(id);
	}

	/** Leaves only what `keep` says. */
	retain(keep: ReadonlySet<string>): void {
		for (const id of [...this.#packOf.keys(), ...this.#texts.keys()])
			if (!keep.has(id)) this.delete(id);
	}

	/** Of what it holds, roughly. */
	get bytes(): number {
		let bytes = 0;
		for (const pack of this.#packs) bytes += pack.bytes;
		for (const { text } of this.#texts.values()) bytes += text.length;
		return bytes;
	}

	/** Conversations in which all of these folded words occur, each as a part of one of theirs. At most 16 words. */
	find(words: readonly string[]): Found[] {
		const found: Found[] = [];
		for (const pack of this.#packs)
			pack.find(words, (each) => {
				if (this.#packOf.get(each.id) === pack) found.push(each);
			});
		for (const { id, text, updatedAt } of this.#texts.values())
			if (matches(text, words)) found.push({ id, updatedAt });
		return found;
	}
}

class PackSearch {
	readonly #pack: Pack;
	/** Where each line of the vocabulary begins; found at the first search. */
	#starts: Uint32Array | null = null;

	constructor(pack: Pack) {
		this.#pack = pack;
	}

	get ids(): readonly string[] {
		return this.#pack.ids;
	}

	get bytes(): number {
		return this.#pack.vocabulary.length + this.#pack.words.byteLength;
	}

	find(words: readonly string[], found: (each: Found) => void): void {
		const { ids, updatedAt, ends, words: numbers } = this.#pack;
		const starts = (this.#starts ??= startsOf(this.#pack.vocabulary));
		// Of each line of the vocabulary, which of the words occur in it: a bit each.
		const occurs = new Uint16Array(starts.length);
		for (const [index, word] of words.entries())
			if (!this.#mark(word, 1 << index, starts, occurs)) return;
		const all = 2 ** words.length - 1;
		let at = 0;
		for (let n = 0; n < ids.length; n++) {
			const end = ends[n] ?? 0;
			let seen = 0;
			for (; at < end && seen !== all; at++) seen |= occurs[numbers[at] ?? 0] ?? 0;
			at = end;
			if (seen === all) found({ id: ids[n] ?? '', updatedAt: updatedAt[n] ?? 0 });
		}
	}

	/** False: it occurs nowhere. */
	#mark(word: string, bit: number, starts: Uint32Array, occurs: Uint16Array): boolean {
		const { vocabulary } = this.#pack;
		let line = 0;
		let any = false;
		for (let at = vocabulary.indexOf(word); at >= 0; at = vocabulary.indexOf(word, starts[line])) {
			while ((starts[line + 1] ?? Infinity) <= at) line++;
			occurs[line] = (occurs[line] ?? 0) | bit;
			any = true;
			line++;
			if (line >= starts.length) break;
		}
		return any;
	}
}

function startsOf(lines: string): Uint32Array {
	const starts = [0];
	for (let at = lines.indexOf('\n'); at >= 0; at = lines.indexOf('\n', at + 1)) starts.push(at + 1);
	return Uint32Array.from(starts);
}
