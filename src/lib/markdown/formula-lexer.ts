import type { Token, Tokens } from 'marked';
import { isProse, isSpacedFormula, isTightFormula } from './formula-likeness.ts';
import { MAX_FORMULA_CHARS, MAX_FORMULA_LINES, MAX_FORMULA_STARTS } from './limits.ts';

export interface FormulaToken extends Tokens.Generic {
	type: 'formula';
	source: string;
	display: boolean;
}

/** Unfinished TeX, or TeX other than a formula, shown as written. As Markdown, it would lose its backslashes. */
export interface SourceToken extends Tokens.Generic {
	type: 'source';
	text: string;
}

export function isFormula(token: Token): token is FormulaToken {
	return token.type === 'formula';
}

export function isSource(token: Token): token is SourceToken {
	return token.type === 'source';
}

const DOLLARS = /^\$((?:\\[^\n]|[^\\$\n])+)\$(?!\d)/;
const DOUBLE = /^\$\$((?:\\[^]|[^\\$]|\$(?!\$))+)\$\$/;
const ROUND = /^\\\(([^]+?)\\\)/;
const SQUARE = /^\\\[([^]+?)\\\]/;
const BEGIN = /^\\begin\{([A-Za-z]{1,16}\*?)\}/;
/** Mathematical environments, which need no delimiters around them. */
const ENVIRONMENTS =
	/^(?:(?:equation|align|alignat|gather|multline|flalign|eqnarray)\*?|aligned|alignedat|gathered|split|cases|rcases|dcases|array|subarray|[pbvBV]?matrix\*?|smallmatrix|CD)$/;

const BLOCK = /^ {0,3}(?:\$\$((?:\\[^]|[^\\$]|\$(?!\$))+)\$\$|\\\[([^]+?)\\\])[ \t]*(?:\n|$)/;
const BLOCK_OPENING = /^ {0,3}(?:\$\$|\\\[|\\begin\{)/;
const BLOCK_START = /\n {0,3}(?:\$\$|\\\[|\\begin\{)/g;
const LINE_END = /^[ \t]*(?:\n|$)/;
// What ends a formula that was never closed: a blank line, a fence or a heading.
const PARAGRAPH_END = /\n(?:[ \t]*\n| {0,3}(?:```|~~~|#{1,6}\s))/;
/** A line that cannot be part of a formula: a fence, a heading, a quote, a tag, the start of another formula. */
const OTHER_LINE = /^ {0,3}(?:```|~~~|#{1,6}\s|>|<[A-Za-z/!]|\$\$|\\\[)/;

/** The formula that `src` begins with, if any. `before` is the character in front of it. */
export function formulaAt(src: string, before: string): FormulaToken | undefined {
	const first = src[0];
	const near = src.slice(0, MAX_FORMULA_CHARS);
	if (first === '\\' && !'([b'.includes(src.charAt(1))) return undefined;
	if (first === '\\')
		return found(ROUND.exec(near), false) ?? found(SQUARE.exec(near), true) ?? environment(near);
	// US$5, and the middle of a run of dollars.
	if (first !== '$' || /[\w$]/.test(before)) return undefined;
	const double = found(DOUBLE.exec(near), true);
	if (double) return double;
	const single = DOLLARS.exec(near);
	const content = single?.[1];
	if (!single || !content) return undefined;
	const after = near.slice(single[0].length, single[0].length + 16);
	const spaces = Number(/^\s/.test(content)) + Number(/\s$/.test(content));
	// Pandoc's rule, so that "$5 and $10" stays money: no formula has a space at one end only.
	if (spaces === 1) return undefined;
	const isMaths = spaces ? isSpacedFormula(content.trim(), after) : isTightFormula(content, after);
	return isMaths ? found(single, false) : undefined;
}

export function inlineFormula(src: string, tokens: Token[]): FormulaToken | undefined {
	if (src[0] !== '$' && src[0] !== '\\') return undefined;
	return formulaAt(src, tokens.at(-1)?.raw.slice(-1) ?? '');
}

/** `isEnd`: `src` reaches to the end of the text, so the end of a formula may still arrive. */
export function blockFormula(src: string, isEnd: boolean): FormulaToken | SourceToken | undefined {
	if (!BLOCK_OPENING.test(src)) return undefined;
	const near = paragraph(src);
	const closed = found(BLOCK.exec(near), true);
	if (closed) return closed;
	const indent = near.search(/\S/);
	const name = BEGIN.exec(near.slice(indent))?.[1];
	if (name !== undefined && !ENVIRONMENTS.test(name)) {
		const end = environmentEnd(near, indent, name);
		const rest = end < 0 ? null : LINE_END.exec(near.slice(end));
		return rest ? source(near.slice(0, end + rest[0].length)) : undefined;
	}
	if (near.startsWith('$', indent)) return undefined;
	const token = overBlankLines(src, indent, name);
	return token?.type === 'source' && !isEnd ? undefined : token;
}

/**
 * A formula that begins with `\[` or `\begin` at the start of a line and may contain blank lines, but no line of prose.
 * If `src` ends first, it is source, as the rest may follow. Decides line by line and only on complete lines: later text
 * must not change an earlier decision.
 */
function overBlankLines(
	src: string,
	indent: number,
	name: string | undefined
): FormulaToken | SourceToken | undefined {
	const near = src.slice(0, MAX_FORMULA_CHARS);
	const end = name === undefined ? squareEnd(near, indent) : environmentEnd(near, indent, name);
	let isBlankSeen = false;
	let at = 0;
	for (let lines = 0; lines < MAX_FORMULA_LINES; lines++) {
		const newline = near.indexOf('\n', at);
		const stop = newline < 0 ? near.length : newline;
		if (end >= 0 && end <= stop) {
			if (near.slice(end, stop).trim()) return undefined;
			return display(src.slice(0, Math.min(stop + 1, src.length)), indent, name);
		}
		// The last line is incomplete.
		if (newline < 0) {
			const isOpen = src.length < MAX_FORMULA_CHARS && (isBlankSeen || name !== undefined);
			return isOpen ? source(src) : undefined;
		}
		const line = near.slice(lines === 0 ? indent + 2 : at, stop);
		const isOther = lines === 0 ? closesBracket(line) : OTHER_LINE.test(line);
		if (isOther || isProse(line)) return undefined;
		isBlankSeen ||= lines > 0 && !line.trim();
		at = stop + 1;
	}
	return undefined;
}

function display(raw: string, indent: number, name: string | undefined): FormulaToken | undefined {
	const inner = raw.slice(indent).trim();
	const source = (name === undefined ? inner.slice(2, -2) : inner)
		.replace(/\n(?:[ \t]*\n)+/g, '\n')
		.trim();
	return source ? { type: 'formula', raw, source, display: true } : undefined;
}

/** Whether a `]` has no `[` before it: then `\[` is an escaped bracket. */
function closesBracket(line: string): boolean {
	let depth = 0;
	for (const { 0: mark } of line.matchAll(/\\.|[[\]]/g)) {
		if (mark === '[') depth++;
		else if (mark === ']' && --depth < 0) return true;
	}
	return false;
}

function squareEnd(near: string, indent: number): number {
	for (const { 0: mark, index } of near.slice(indent + 2).matchAll(/\\[^]/g))
		if (mark === '\\]') return indent + 2 + index + 2;
	return -1;
}

/** The end of the environment `name` that begins at `at`, or -1. Environments of the same name may be nested. */
function environmentEnd(near: string, at: number, name: string): number {
	let depth = 0;
	const ends = new RegExp(`\\\\(begin|end)\\{${name.replace('*', '\\*')}\\}`, 'g');
	ends.lastIndex = at;
	for (let match = ends.exec(near); match; match = ends.exec(near)) {
		depth += match[1] === 'begin' ? 1 : -1;
		if (depth === 0) return ends.lastIndex;
	}
	return -1;
}

function environment(near: string): FormulaToken | undefined {
	const name = BEGIN.exec(near)?.[1];
	if (name === undefined || !ENVIRONMENTS.test(name)) return undefined;
	const end = environmentEnd(near, 0, name);
	if (end < 0) return undefined;
	const raw = near.slice(0, end);
	return { type: 'formula', raw, source: raw, display: true };
}

// The offset at which the next formula may start, or -1: marked cuts plain text and paragraphs there.

export function inlineFormulaStart(src: string): number {
	return src.indexOf('$');
}

export function blockFormulaStart(src: string, isEnd: boolean): number {
	let tries = MAX_FORMULA_STARTS;
	for (const { index } of paragraph(src).matchAll(BLOCK_START)) {
		if (blockFormula(src.slice(index + 1), isEnd)) return index + 1;
		if (--tries === 0) break;
	}
	return -1;
}

function paragraph(src: string): string {
	const near = src.slice(0, MAX_FORMULA_CHARS);
	const end = near.search(PARAGRAPH_END);
	return end < 0 ? near : near.slice(0, end + 1);
}

function source(raw: string): SourceToken {
	return { type: 'source', raw, text: raw.replace(/\n+$/, '') };
}

function found(match: RegExpExecArray | null, display: boolean): FormulaToken | undefined {
	const source = (match?.[1] ?? match?.[2])?.trim();
	return match && source ? { type: 'formula', raw: match[0], source, display } : undefined;
}
