import { inlineCode } from './elements.ts';
import { formulaAt } from './formula-lexer.ts';

const MAY_OPEN = /(`+)(?:[^`]|[^`][^]*?[^`])\1(?!`)|`+|\\|\$|<code>/gi;

/**
 * `masked`, in which marked hid what emphasises nothing in `text`, with formulas and code elements hidden, too. They
 * are looked for in `text`, as the mask hides the backslash of `\(` already.
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

/** From where to where they reach, but for those in code. */
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
