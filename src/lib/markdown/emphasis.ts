import { isEastAsian, isUncasedLetter } from './scripts.ts';

/** `end`: the offset after the closing mark. */
export interface Span {
	end: number;
	type: 'em' | 'strong' | 'del';
}

interface Run {
	char: string;
	/** Offset and number of its unused characters. */
	at: number;
	left: number;
	length: number;
	/** Its index among all runs. */
	index: number;
	opens: boolean;
	closes: boolean;
}

const RUN = /\*+|_+|~+/g;
const SPACE = /^\s/u;
const PUNCTUATION = /^[\p{P}\p{S}]/u;
const MARK = /^\p{M}/u;

/**
 * Emphasis, strong emphasis and strikethrough in `text`, keyed by opening offset. This is the algorithm of the CommonMark
 * specification ("process emphasis") with three changes:
 * - East Asian punctuation does not keep a mark from opening or closing, and other punctuation does not if a letter of
 *   a script without capitals is beside the mark or the punctuation: `**注意：**正文`, `**"강조"**는`, `**평균:**85`.
 * - `~~` strikes. A single `~` is a range (`5~7`) or a tone of voice (`好的~`).
 * - `_` beside punctuation opens and closes where `*` does, if a script without capitals is on its other side.
 */
export function spansIn(text: string): Map<number, Span> {
	const spans = new Map<number, Span>();
	const open: Run[] = [];
	// By kind of closer, the run index below which no opener matches: keeps the search linear ("openers_bottom").
	const floor = new Map<string, number>();
	let index = 0;
	for (const match of text.matchAll(RUN)) {
		const run = readRun(text, match[0], match.index, index++);
		if (!run) continue;
		while (run.closes && run.left > 0) {
			const key = `${run.char}${run.opens ? 1 : 0}${run.length % 3}`;
			const i = lastOpener(open, run, floor.get(key) ?? 0);
			const opener = open[i];
			if (!opener) {
				floor.set(key, run.index);
				break;
			}
			const used = run.char === '~' || (opener.left > 1 && run.left > 1) ? 2 : 1;
			opener.left -= used;
			run.at += used;
			run.left -= used;
			spans.set(opener.at + opener.left, {
				end: run.at,
				type: run.char === '~' ? 'del' : used === 2 ? 'strong' : 'em'
			});
			open.length = opener.left > 0 ? i + 1 : i;
		}
		if (run.opens && run.left > 0) open.push(run);
	}
	return spans;
}

function lastOpener(open: Run[], closer: Run, floor: number): number {
	for (let i = open.length - 1; i >= 0; i--) {
		const opener = open[i];
		if (!opener || opener.index < floor) return -1;
		if (opener.char !== closer.char) continue;
		// Rules 9 and 10 of the specification: `*a**b*` is not two emphases.
		const either = opener.closes || closer.opens;
		const odd = (opener.length + closer.length) % 3 === 0 && closer.length % 3 !== 0;
		if (closer.char === '~' || !either || !odd) return i;
	}
	return -1;
}

function readRun(text: string, raw: string, at: number, index: number): Run | null {
	const char = raw.charAt(0);
	const length = raw.length;
	if (char === '~' && length !== 2) return null;
	// Tildes beside `*` and `_` are skipped, as in GitHub Flavored Markdown: `**~~a~~**b` is strong and struck.
	const from = char === '~' ? at : skip(text, at, -1);
	const to = char === '~' ? at + length : skip(text, at + length, 1);
	const before = baseBefore(text, from);
	const after = charAt(text, to);
	const spaceBefore = !before || SPACE.test(before);
	const spaceAfter = !after || SPACE.test(after);
	const punctuationBefore = PUNCTUATION.test(before);
	const punctuationAfter = PUNCTUATION.test(after);
	const uncasedBefore = isUncased(before);
	const uncasedAfter = isUncased(after);
	const left =
		!spaceAfter &&
		(!punctuationAfter ||
			isEastAsian(pointOf(after)) ||
			spaceBefore ||
			punctuationBefore ||
			uncasedBefore ||
			isUncased(charAt(text, to + after.length)));
	const right =
		!spaceBefore &&
		(!punctuationBefore ||
			isEastAsian(pointOf(before)) ||
			spaceAfter ||
			punctuationAfter ||
			uncasedAfter ||
			isUncased(baseBefore(text, from - before.length)));
	// An underscore within a word is part of it.
	const opens = char !== '_' || !right || punctuationBefore || (punctuationAfter && uncasedBefore);
	const closes = char !== '_' || !left || punctuationAfter || (punctuationBefore && uncasedAfter);
	return { char, at, left: length, length, index, opens: left && opens, closes: right && closes };
}

function skip(text: string, at: number, step: 1 | -1): number {
	let to = at;
	while (text.charAt(step > 0 ? to : to - 1) === '~') to += step;
	return to;
}

function isUncased(char: string): boolean {
	return isUncasedLetter(char) || isEastAsian(pointOf(char));
}

function pointOf(char: string): number {
	return char.codePointAt(0) ?? 0;
}

function charAt(text: string, at: number): string {
	const point = text.codePointAt(at);
	return point === undefined ? '' : String.fromCodePoint(point);
}

/** The character before `at` without combining marks: vowel signs, accents, emoji variation selectors. */
function baseBefore(text: string, at: number): string {
	let from = at;
	let char = '';
	for (let most = 4; from > 0 && most > 0; most--) {
		from--;
		const unit = text.charCodeAt(from);
		if (unit >= 0xdc00 && unit <= 0xdfff && from > 0) from--;
		char = charAt(text, from);
		if (char < '\u0300' || !MARK.test(char)) break;
	}
	return char;
}
