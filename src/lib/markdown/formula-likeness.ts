// Tells mathematics between two dollars from prices and shell variables. Ambiguous text is shown as written.

const WORDS_IN_FORMULA =
	/\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|operatorname)\*?\s*\{[^{}]*(?:\}|$)/g;
const COMMAND = /\\(?:[A-Za-z]+|.)/g;
const FUNCTION =
	/(?<![A-Za-z])(?:arc)?(?:sin|cos|tan|cot|sec|csc)h?(?![A-Za-z])|(?<![A-Za-z])(?:log|ln|lg|exp|lim|min|max|mod|gcd|lcm|det|dim|ker|arg|sup|inf|deg)(?![A-Za-z])/g;
const OPERATOR = /[\\^_{}=<>+*/|!()[\]≤≥≠≈≡±×÷∈∉⊂⊆∪∩→⇒∞∑∏√∂∇·−-]/;
const SYMBOLS = /^\d*[A-Za-zΑ-Ωα-ω]['′]*(?:\s*,\s*\d*[A-Za-zΑ-Ωα-ω]['′]*)*$/;
const FIGURES = /^[\d\s.,:%/–-]+$/;
const NO_FORMULA_LETTER = /[^\P{L}\p{Script=Latin}\p{Script=Greek}]/u;
const PROSE = /(?<!\p{L})\p{L}{2,}(?:[\s,;:]+\p{L}+){2}|[\p{Lo}\p{M}]{4}/u;

function withoutWords(source: string): string {
	return source
		.replace(WORDS_IN_FORMULA, ' \\ ')
		.replace(COMMAND, ' \\ ')
		.replace(FUNCTION, ' \\ ');
}

/** Whether a line is prose: three words in a row, or four letters in a row of a script without capitals. */
export function isProse(line: string): boolean {
	return PROSE.test(withoutWords(line));
}

/** For `$ a $`, with spaces inside both dollars: `content` is trimmed, `after` the text that follows. */
export function isSpacedFormula(content: string, after: string): boolean {
	if (/^\s*\d/.test(after)) return false;
	const bare = withoutWords(content);
	if (NO_FORMULA_LETTER.test(bare) || /\p{L}{3}/u.test(bare)) return false;
	if (FIGURES.test(content)) return false;
	if (SYMBOLS.test(content)) return true;
	const isCommandLine = /(?:^|\s)-[A-Za-z]{2}/.test(content);
	const isWords = /(?:^|\s)[A-Za-z]{2}[,;]?\s+[A-Za-z]{2}(?:\s|$)/.test(bare);
	return OPERATOR.test(bare) && !isCommandLine && !isWords;
}

/** For `$a$`, without spaces inside the dollars. */
export function isTightFormula(content: string, after: string): boolean {
	const isTex = /[\\^_]/.test(content);
	if (!isTex && /^\d/.test(content) && isPriced(content)) return false;
	// "$PATH:$HOME"
	if (/^[A-Za-z_{]/.test(after) && /[^\p{L}\p{N})}\]'′!|]$/u.test(content)) return false;
	return isTex || !/(?<!\p{L})\p{L}{2,}\s+\p{L}{2,}\s+\p{L}{2,}/u.test(content);
}

/** Text between two prices: "5/month (or AU", "5 to 10". */
function isPriced(content: string): boolean {
	return (
		NO_FORMULA_LETTER.test(content) ||
		/(?<![\p{L}\d])\p{L}{2}/u.test(content.replace(FUNCTION, ' '))
	);
}
