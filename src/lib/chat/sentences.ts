/** A mark that ends a sentence, with what closes after it, before white space; or the end of a line. */
const END = /[.!?…。！？]["'”’)\]*_`]*(?=\s)|[。！？]|\n/gu;

/**
 * What is whole of a text that is still growing, from `from` on, as it should be read out; and where the rest begins.
 * `finished`: nothing follows, so the rest is whole too.
 */
export function wholeSentences(
	text: string,
	from: number,
	finished = false
): { said: string; upTo: number } {
	let upTo = from;
	if (finished) upTo = text.length;
	else
		for (const match of text.slice(from).matchAll(END)) upTo = from + match.index + match[0].length;
	return { said: spoken(text.slice(from, upTo)), upTo };
}

/** Without the marks of Markdown, which a screen reader would spell. */
function spoken(text: string): string {
	return text
		.replace(/^\s*(?:[#>]+|[-*+]|\|)\s+|^\s*(?:`{3,}|~{3,}).*$/gm, '')
		.replace(/[*_`|]+/g, '')
		.replace(/\s+/g, ' ')
		.trim();
}
