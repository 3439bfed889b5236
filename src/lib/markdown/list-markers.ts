// Chinese and Japanese input methods insert a full-width space (U+3000) where CommonMark requires a space.

const MARKER = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t\u3000]/;
const FULL_WIDTH = /^([ \t]*(?:[-*+]|\d{1,9}[.)]))\u3000/gm;
/** A paragraph is interrupted by a bullet or by the first item of a numbered list. */
const INTERRUPTION = /\n {0,3}(?:[-*+]|1[.)])\u3000(?=[^\s])/;

/** Replaces the full-width space after list markers by a space, if `src` begins with a marker. The length is kept. */
export function withPlainMarkers(src: string): string {
	return src.includes('\u3000') && MARKER.test(src) ? src.replace(FULL_WIDTH, '$1 ') : src;
}

/** The offset of a list in the paragraph `src` whose marker is followed by a full-width space, or -1. */
export function fullWidthListStart(src: string): number {
	if (!src.includes('\u3000')) return -1;
	const index = src.search(INTERRUPTION);
	const end = src.search(/\n[ \t]*\n/);
	return index < 0 || (end >= 0 && end < index) ? -1 : index + 1;
}
