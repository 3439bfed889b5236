import { path, type Conversation } from './conversation.ts';

/** Where a text matched: `ranges` are [from, to) in `text`, ascending, apart from each other. */
export interface Snippet {
	text: string;
	ranges: [number, number][];
}

export interface Hit {
	id: string;
	title: Snippet;
	updatedAt: number;
	/** The message that matches best, to be shown with `switchTo`; null: only the title matches. */
	messageId: string | null;
	snippet: Snippet | null;
}

export const MAX_QUERY_WORDS = 16;
const SNIPPET_CHARS = 160;
const BEFORE_MATCH_CHARS = 40;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Without case and without the marks on Latin, Greek and Cyrillic letters: "Ébène" and "ebene" are alike. */
export function fold(text: string): string {
	const lower = text.toLowerCase();
	// Of ASCII alone, as most texts are, there is nothing to take apart.
	return BEYOND_ASCII.test(lower)
		? lower
				.normalize('NFD')
				.replace(/[\u0300-\u036f]/g, '')
				.replace(/ς/g, 'σ')
		: lower;
}

/** What must occur, folded; empty when the query has nothing to look for. */
export function wordsOf(query: string): string[] {
	const words = fold(query)
		.split(/\s+/)
		.filter((word) => word !== '');
	return [...new Set(words)].slice(0, MAX_QUERY_WORDS);
}

/**
 * Every word of a conversation, folded and once each, kept beside it so that a search need not read it whole. A word
 * of a query holds no space, so it stands in the conversation if and only if it stands in one of these.
 */
export function searchText({ title, messages }: Conversation): string {
	const words = new Set<string>();
	for (const text of [title, ...messages.map(({ text }) => text)])
		for (const word of fold(text).split(/\s+/)) words.add(word);
	words.delete('');
	return [...words].join('\n');
}

/** `text` is folded; all words must occur. */
export function matches(text: string, words: readonly string[]): boolean {
	return words.every((word) => text.includes(word));
}

/** What to show of a conversation that matched: the message with most of the words, and of those rather one on show. */
export function hitOf(conversation: Conversation, words: readonly string[]): Hit {
	const shown = new Set(path(conversation).map(({ id }) => id));
	let best: { id: string; text: string; found: number; onShow: boolean } | null = null;
	for (const { id, text } of conversation.messages) {
		const folded = fold(text);
		const found = words.filter((word) => folded.includes(word)).length;
		const onShow = shown.has(id);
		const better = best
			? found > best.found || (found === best.found && onShow && !best.onShow)
			: found > 0;
		if (better) best = { id, text, found, onShow };
	}
	return {
		id: conversation.id,
		title: { text: conversation.title, ranges: rangesOf(conversation.title, words) },
		updatedAt: conversation.updatedAt,
		messageId: best?.id ?? null,
		snippet: best && snippetOf(best.text, words)
	};
}

/** A stretch of the text around the first word found, on one line. */
export function snippetOf(text: string, words: readonly string[]): Snippet {
	const first = rangesOf(text, words)[0]?.[0] ?? 0;
	let from = Math.max(0, first - BEFORE_MATCH_CHARS);
	if (from > 0) {
		const space = text.slice(from, first).search(/\s/);
		if (space >= 0) from += space + 1;
	}
	const to = Math.min(text.length, from + SNIPPET_CHARS);
	const cut = text.slice(onBoundary(text, from), onBoundary(text, to)).replace(/\s+/g, ' ').trim();
	const line = `${from > 0 ? '…' : ''}${cut}${to < text.length ? '…' : ''}`;
	return { text: line, ranges: rangesOf(line, words) };
}

/** Where the words stand in the text as it is written. */
export function rangesOf(text: string, words: readonly string[]): [number, number][] {
	const { folded, origin } = foldWithOrigin(text);
	const found: [number, number][] = [];
	for (const word of words) {
		if (word === '') continue;
		for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
			found.push([origin[at] ?? 0, origin[at + word.length] ?? text.length]);
		}
	}
	found.sort((a, b) => a[0] - b[0]);
	const merged: [number, number][] = [];
	for (const [from, to] of found) {
		const last = merged.at(-1);
		if (last && from <= last[1]) last[1] = Math.max(last[1], to);
		else if (from < to) merged.push([from, to]);
	}
	return merged;
}

/** `origin[i]`: where in the text the folded text's i-th code unit comes from. */
function foldWithOrigin(text: string): { folded: string; origin: number[] } {
	const origin: number[] = [];
	let folded = '';
	let at = 0;
	for (const character of text) {
		const piece = fold(character);
		for (let index = 0; index < piece.length; index++) origin.push(at);
		// A mark of its own belongs to the letter before: its end is where the next one begins.
		folded += piece;
		at += character.length;
	}
	origin.push(at);
	return { folded, origin };
}

/** Never between the halves of a character. */
function onBoundary(text: string, at: number): number {
	const code = text.charCodeAt(at);
	return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
