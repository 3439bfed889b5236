// Numbers of the CommonMark 0.31 examples that we render otherwise, by reason; checked both ways.

/** Raw HTML is shown as text: equal but for the escaping. */
export const RAW_HTML_AS_TEXT = [
	21,
	31,
	201,
	308,
	309,
	344,
	475,
	476,
	477,
	491,
	494,
	524,
	536,
	642,
	643,
	...range(148, 164),
	...range(169, 191),
	...range(613, 617),
	623,
	...range(625, 631)
];

export const OTHER: Record<string, number[]> = {
	'`\\[ … \\]` is a formula, as models write them': [12],
	'of the named references, only those of HTML 4 are known': [25],
	'a tag that is an element of ours within a line begins no block of HTML': [165, 166, 167],
	'a bare address is a link, as in GitHub Flavored Markdown': [602, 608, 611, 612]
};

function range(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
