import type { Token, TokenizerThis, Tokens } from 'marked';
import { decodeReferences } from './entities.ts';

/** HTML that models use where Markdown has no syntax. Tags with attributes and all other tags stay text. */
export const INLINE_TAGS = [
	'b',
	'i',
	's',
	'u',
	'em',
	'del',
	'ins',
	'kbd',
	'sub',
	'sup',
	'mark',
	'small',
	'strong',
	'details',
	'summary'
] as const;
export type InlineTag = (typeof INLINE_TAGS)[number];

/** A line break, or the start or end of an element. */
export type TagMark = 'break' | { name: InlineTag; closes: boolean };

const NAMES = new Set<string>(INLINE_TAGS);
const TAG = /^<(\/?)([a-z]{1,8})[ \t]*(\/?)>$/i;

function isInlineTag(name: string): name is InlineTag {
	return NAMES.has(name);
}

/** Parses a whole tag; null: it stays text. */
export function readTag(raw: string): TagMark | null {
	const match = TAG.exec(raw);
	const name = match?.[2]?.toLowerCase();
	if (!match || name === undefined) return null;
	const [, slash, , selfClosing] = match;
	// Browsers take `</br>` for a break, too.
	if (name === 'br') return 'break';
	return isInlineTag(name) && !selfClosing ? { name, closes: slash === '/' } : null;
}

/** `<details>` or `</details>` alone: the blocks between them are lexed as usual. */
export interface FoldToken extends Tokens.Generic {
	type: 'fold-start' | 'fold-end';
}
export interface SummaryToken extends Tokens.Generic {
	type: 'summary';
	tokens: Token[];
}

export function isFold(token: Token): token is FoldToken {
	return token.type === 'fold-start' || token.type === 'fold-end';
}
export function isSummary(token: Token): token is SummaryToken {
	return token.type === 'summary';
}

const CODE = /^<code>([^<`]{1,1000})<\/code>/i;

/** A `<code>` element, whose content is not Markdown. */
export function inlineCode(src: string): Tokens.Codespan | undefined {
	const match = src.startsWith('<') ? CODE.exec(src) : null;
	return match
		? { type: 'codespan', raw: match[0], text: decodeReferences(match[1] ?? '') }
		: undefined;
}

const OPENING = /^ {0,3}</;
const FOLD = /^ {0,3}<(\/?)details[ \t]*>[ \t]*\n?/i;
const SUMMARY =
	/^ {0,3}<summary[ \t]*>((?:(?!\n[ \t]*\n|<\/?summary)[^]){0,1000})<\/summary[ \t]*>[ \t]*\n?/i;
const RULE = /^ {0,3}<hr[ \t]*\/?>[ \t]*(?:\n|$)/i;
const BLANK_LINE = /\n[ \t]*\n/;
const FOLD_TAG = /<(\/?)details[ \t]*>/i;
/** A block that begins with one of these tags is a paragraph and not raw HTML. */
const INLINE_START = new RegExp(
	`^ {0,3}</?(?:br|code|${INLINE_TAGS.slice(0, -2).join('|')})[ \\t]*/?>`,
	'i'
);

export function blockElement(this: TokenizerThis, src: string): Tokens.Generic | undefined {
	if (!OPENING.test(src)) return undefined;
	const fold = FOLD.exec(src);
	if (fold) return { type: fold[1] ? 'fold-end' : 'fold-start', raw: fold[0] };
	const rule = RULE.exec(src);
	if (rule) return { type: 'hr', raw: rule[0] };
	const summary = SUMMARY.exec(src);
	if (!summary) return undefined;
	const tokens: Token[] = [];
	this.lexer.inline(summary[1]?.trim() ?? '', tokens);
	return { type: 'summary', raw: summary[0], tokens };
}

/** The offset of a `</details>` at the end of a paragraph, or -1. With its `<details>` in the paragraph it is inline. */
export function foldEnd(src: string): number {
	const end = src.search(BLANK_LINE);
	const tag = FOLD_TAG.exec(end < 0 ? src : src.slice(0, end));
	return tag?.[1] ? tag.index : -1;
}

export function startsInlineElement(src: string): boolean {
	return INLINE_START.test(src);
}
