import { Hooks, type Token, type Tokens } from 'marked';
import { MAX_FORMULA_CHARS } from './limits.ts';

export interface FormulaToken extends Tokens.Generic {
	type: 'formula';
	source: string;
	display: boolean;
}

export function isFormula(token: Token): token is FormulaToken {
	return token.type === 'formula';
}

// Pandoc's rule, so that "$5 and $10" stays money: no space inside the dollars, no digit after them.
const DOLLARS = /^\$(?![\s$])((?:\\[^\n]|[^\\$\n])+)\$(?!\d)/;
const DOUBLE = /^\$\$((?:\\[^]|[^\\$]|\$(?!\$))+)\$\$/;
const ROUND = /^\\\(([^]+?)\\\)/;
const SQUARE = /^\\\[([^]+?)\\\]/;

const BLOCK = /^ {0,3}(?:\$\$((?:\\[^]|[^\\$]|\$(?!\$))+)\$\$|\\\[([^]+?)\\\])[ \t]*(?:\n|$)/;
const BLOCK_START = /\n {0,3}(?:\$\$|\\\[)/g;
// What ends a formula that was never closed: a blank line, a fence or a heading.
const PARAGRAPH_END = /\n(?:[ \t]*\n| {0,3}(?:```|~~~|#{1,6}\s))/;

export function inlineFormula(src: string, tokens: Token[]): FormulaToken | undefined {
	const first = src[0];
	if (first !== '$' && first !== '\\') return undefined;
	const near = src.slice(0, MAX_FORMULA_CHARS);
	if (first === '\\') return found(ROUND.exec(near), false) ?? found(SQUARE.exec(near), true);
	// US$5, and the middle of a run of dollars.
	if (/[\w$]$/.test(tokens.at(-1)?.raw ?? '')) return undefined;
	const double = found(DOUBLE.exec(near), true);
	if (double) return double;
	const single = DOLLARS.exec(near);
	return /\s$/.test(single?.[1] ?? '') ? undefined : found(single, false);
}

export function blockFormula(src: string): FormulaToken | undefined {
	if (!/^ {0,3}(?:\$\$|\\\[)/.test(src)) return undefined;
	return found(BLOCK.exec(paragraph(src)), true);
}

/** Where in `src` the next formula may start: marked cuts plain text there. */
export const formulaStart = {
	inline: (src: string) => src.indexOf('$'),
	block: (src: string) => {
		const near = paragraph(src);
		for (const { index } of near.matchAll(BLOCK_START))
			if (blockFormula(near.slice(index + 1))) return index + 1;
		return -1;
	}
};

export class FormulaHooks extends Hooks {
	/** Stars and underscores in a formula emphasise nothing. */
	override emStrongMask(src: string): string {
		if (!src.includes('$') && !src.includes('\\(')) return src;
		return src.replace(
			/\$(?![\s$])(?:\\[^\n]|[^\\$\n])+\$(?!\d)|\\\([^]+?\\\)/g,
			(all) => `[${'a'.repeat(all.length - 2)}]`
		);
	}
}

function paragraph(src: string): string {
	const near = src.slice(0, MAX_FORMULA_CHARS);
	const end = near.search(PARAGRAPH_END);
	return end < 0 ? near : near.slice(0, end + 1);
}

function found(match: RegExpExecArray | null, display: boolean): FormulaToken | undefined {
	const source = (match?.[1] ?? match?.[2])?.trim();
	return match && source ? { type: 'formula', raw: match[0], source, display } : undefined;
}
