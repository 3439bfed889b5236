// Bidirectional controls reorder what is read, and tag characters hide text: both are spelled out.
// The zero-width joiners stay: Persian, Indic scripts and emoji need them.
const HIDDEN = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]|[\u{E0000}-\u{E0FFF}]/gu;
const HIDDEN_ONCE = new RegExp(HIDDEN.source, 'u');
// A subdivision flag (Scotland, Wales) is a black flag, tag letters and a cancel tag.
const FLAG_OR_HIDDEN = new RegExp(
	`\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{2,6}\\u{E007F}|${HIDDEN.source}`,
	'gu'
);

export function isHiding(text: string): boolean {
	return HIDDEN_ONCE.test(text);
}

/** `text` with every character that hides or reorders text replaced by its code point, as `⟨U+202E⟩`. */
export function visible(text: string): string {
	if (!isHiding(text)) return text;
	return text.replace(FLAG_OR_HIDDEN, (match) => {
		if (match.startsWith('\u{1F3F4}')) return match;
		const point = match.codePointAt(0) ?? 0;
		return `⟨U+${point.toString(16).toUpperCase().padStart(4, '0')}⟩`;
	});
}
