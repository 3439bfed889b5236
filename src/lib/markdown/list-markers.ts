// Keyboards for Chinese and Japanese write the full-width space (U+3000) where CommonMark asks for a space.

const MARKER = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t\u3000]/;
const FULL_WIDTH = /^([ \t]*(?:[-*+]|\d{1,9}[.)]))\u3000/gm;
/** What may interrupt a paragraph: a bullet, or the first item of a numbered list. */
const INTERRUPTION = /\n {0,3}(?:[-*+]|1[.)])\u3000(?=[^\s])/;

/** `src`, which begins with a list's marker, with a space after every marker. As long as before. */
export function withPlainMarkers(src: string): string {
	return src.includes('\u3000') && MARKER.test(src) ? src.replace(FULL_WIDTH, '$1 ') : src;
}

/** Where in the paragraph `src` a list starts whose marker is followed by a full-width space; -1: nowhere. */
export function fullWidthListStart(src: string): number {
	if (!src.includes('\u3000')) return -1;
	const index = src.search(INTERRUPTION);
	const end = src.search(/\n[ \t]*\n/);
	return index < 0 || (end >= 0 && end < index) ? -1 : index + 1;
}
