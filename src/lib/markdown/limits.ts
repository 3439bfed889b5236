// What a model may write is unbounded, and one lexer call cannot be interrupted: these bound each call.

/** Past this, the rest of an answer is plain text. */
export const MAX_FORMATTED_CHARS = 131_072;

/** A single block (a list, a table, a quote) longer than this is plain text. Fenced code has no such limit. */
export const MAX_BLOCK_CHARS = 16_384;
export const MAX_BLOCK_LINES = 384;

/** A table with more is shown as plain text: each new piece of an answer would lay out the whole table again. */
export const MAX_COLUMNS = 64;

/** A single run of inline text (a paragraph, a cell) longer than this is plain text. */
export const MAX_INLINE_CHARS = 8_192;

/** Characters that may open or close something, per run: the lexer is quadratic in these. */
export const MAX_INLINE_MARKS = 1_024;

/** Quotes in lists in quotes, and emphasis in links in emphasis; deeper markers are text. */
export const MAX_NESTING = 12;

/** Link definitions that count; later ones define nothing. */
export const MAX_DEFINITIONS = 512;
export const MAX_DEFINITION_CHARS = 1_024;

/** Formula source; longer stays source. */
export const MAX_FORMULA_CHARS = 2_048;

/** Lines of a formula that contains blank lines. */
export const MAX_FORMULA_LINES = 64;

/** Candidates for the first line of a formula that are tried per paragraph. */
export const MAX_FORMULA_STARTS = 8;

/** Braces and delimiters in one another. */
export const MAX_FORMULA_DEPTH = 40;

/** Code longer than this is not coloured. */
export const MAX_HIGHLIGHT_CHARS = 20_000;

/** New text taken in per frame: a pasted or reopened answer longer than this appears over several. */
export const MAX_FEED_CHARS = 4_096;

/** Plain text is cut into elements of about this size, so that only the visible ones are laid out. */
export const PLAIN_CHUNK_CHARS = 4_096;
