import { hasRightToLeft } from './direction.ts';

// Bidirectional controls reorder what is read, and tag characters hide text: both are spelled out.
// The zero-width joiners stay: Persian, Indic scripts and emoji need them.
const CONTROLS = '[\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]|[\\u{E0000}-\\u{E0FFF}]';
/** More marks than any script puts on a letter cover the lines around it, and thousands stop the page. */
const MOST_MARKS = 12;
const HIDDEN = `${CONTROLS}|\\p{M}{${MOST_MARKS + 1},}`;
const HIDDEN_ONCE = new RegExp(HIDDEN, 'u');
// A subdivision flag (Scotland, Wales) is a black flag, tag letters and a cancel tag.
const FLAG_OR_HIDDEN = new RegExp(
	`\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{2,6}\\u{E007F}|${HIDDEN}`,
	'gu'
);

export function isHiding(text: string): boolean {
	return HIDDEN_ONCE.test(text);
}

/**
 * `text` with every character that hides or reorders text replaced by its code point, as `⟨U+202E⟩`, and marks piled on
 * a letter by their number.
 */
export function visible(text: string): string {
	if (!isHiding(text)) return text;
	return text.replace(FLAG_OR_HIDDEN, (match) => {
		if (match.startsWith('\u{1F3F4}')) return match;
		const points = [...match];
		if (points.length > MOST_MARKS)
			return `${points.slice(0, MOST_MARKS).join('')}⟨${points.length - MOST_MARKS} more marks⟩`;
		const point = match.codePointAt(0) ?? 0;
		return `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
	});
}

// They act as one letter of their direction would, and answers in Arabic, Hebrew and Persian are full of them.
const MARKS = /[\u061C\u200E\u200F]/u;
const MARKS_APART = /([\u061C\u200E\u200F]+)/u;

/** As `visible`, for prose: direction marks stay where there are right-to-left letters for them to order. */
export function visibleProse(text: string): string {
	if (!MARKS.test(text) || !hasRightToLeft(text)) return visible(text);
	return text
		.split(MARKS_APART)
		.map((part) => (MARKS.test(part) ? part : visible(part)))
		.join('');
}
