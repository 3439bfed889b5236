/**
 * Whether `point` is an East Asian letter or punctuation mark, full-width forms included. Follows the proposed CJK
 * amendment of CommonMark (markdown-cjk-friendly), without emoji.
 */
export function isEastAsian(point: number): boolean {
	if (point < 0x1100) return false;
	return (
		point <= 0x11ff || // Hangul letters
		(point >= 0x2e80 && point <= 0xa4cf) || // radicals, punctuation, kana, ideographs, Yi
		(point >= 0xa960 && point <= 0xa97f) ||
		(point >= 0xac00 && point <= 0xd7ff) || // Hangul syllables
		(point >= 0xf900 && point <= 0xfaff) ||
		(point >= 0xfe10 && point <= 0xfe1f) ||
		(point >= 0xfe30 && point <= 0xfe6f) ||
		(point >= 0xff01 && point <= 0xffee) || // full-width and half-width forms
		(point >= 0x16fe0 && point <= 0x18dff) ||
		(point >= 0x1aff0 && point <= 0x1b2ff) ||
		(point >= 0x20000 && point <= 0x3ffff)
	);
}

const UNCASED = /^\p{Lo}/u;

/**
 * Whether `char` begins with a letter of a script without capitals. Such scripts have no spaces between words (Chinese,
 * Thai) or attach particles to words (Korean, Hebrew, Arabic).
 */
export function isUncasedLetter(char: string): boolean {
	return char > '\u007F' && UNCASED.test(char);
}
