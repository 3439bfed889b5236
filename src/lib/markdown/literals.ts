import { inlineCode } from './elements.ts';
import { formulaAt } from './formula-lexer.ts';

const MAY_OPEN = /(`+)(?:[^`]|[^`][^]*?[^`])\1(?!`)|`+|\\|\$|<code>/gi;

/**
 * Also hides formulas and code elements in `masked`, marked's copy of `text` without links, code and escapes. They are
 * searched in `text`, as the mask already hides the backslash of `\(`.
 */
export function withLiteralsMasked(masked: string, text: string): string {
	if (!/[$\\]|<code>/i.test(text)) return masked;
	let result = '';
	let at = 0;
	for (const [from, to] of literalsIn(text)) {
		result += `${masked.slice(at, from)}[${'a'.repeat(to - from - 2)}]`;
		at = to;
	}
	return result + masked.slice(at);
}

/** Their ranges, except inside code spans. */
function literalsIn(text: string): [from: number, to: number][] {
	const found: [number, number][] = [];
	const marks = new RegExp(MAY_OPEN);
	for (let match = marks.exec(text); match; match = marks.exec(text)) {
		const { 0: mark, index } = match;
		if (mark.startsWith('`')) continue;
		const rest = text.slice(index);
		const literal = mark.length > 1 ? inlineCode(rest) : formulaAt(rest, text.charAt(index - 1));
		if (literal) {
			marks.lastIndex = index + literal.raw.length;
			found.push([index, marks.lastIndex]);
		} else if (mark === '\\') marks.lastIndex = index + 2;
	}
	return found;
}
