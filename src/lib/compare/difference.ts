/** A part of a text, in UTF-16 units. */
export interface Range {
	start: number;
	end: number;
}

/**
 * The first word that differs, in each of the texts; null: this text ends there. The result is null if the texts are
 * equal, or fewer than two.
 */
export function firstDifference(texts: readonly string[]): (Range | null)[] | null {
	const [first, ...others] = texts;
	if (first === undefined || others.length === 0) return null;
	const shared = Math.min(...others.map((other) => sharedLength(first, other)));
	if (texts.every(({ length }) => length === shared)) return null;
	// "cat" and "cats" differ in their fourth letter, and the word that differs begins before it.
	const start = Math.min(...texts.map((text) => wordStart(text, shared)));
	return texts.map((text) => wordFrom(text, start));
}

function sharedLength(a: string, b: string): number {
	const most = Math.min(a.length, b.length);
	let length = 0;
	while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
	return length;
}

/** A word is looked for in so much of a text: segmenting a whole long answer for one word takes longer than a frame. */
const REACH_CHARS = 200;
const words = new Intl.Segmenter('en', { granularity: 'word' });

/** Where the word begins that goes on over this place; without one, the place itself. */
function wordStart(text: string, at: number): number {
	const from = Math.max(0, at - REACH_CHARS);
	const here = words.segment(text.slice(from, at + REACH_CHARS)).containing(at - from);
	return here?.isWordLike ? from + here.index : at;
}

/** The first word at this place or after it; punctuation counts as one. */
function wordFrom(text: string, start: number): Range | null {
	for (const { segment, index } of words.segment(text.slice(start, start + REACH_CHARS)))
		if (segment.trim() !== '') return { start: start + index, end: start + index + segment.length };
	return null;
}
