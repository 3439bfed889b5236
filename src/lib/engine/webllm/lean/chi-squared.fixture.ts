/**
 * Pearson's test of counts against probabilities: the chance of a deviation at least this large if the draws do come
 * from them. Categories expected fewer than `least` times are pooled; a category of probability 0 must not occur.
 */
export function chiSquared(
	counts: ReadonlyMap<number, number>,
	probabilities: ReadonlyMap<number, number>,
	draws: number,
	least = 5
): { statistic: number; degrees: number; pValue: number } {
	for (const token of counts.keys())
		if (!probabilities.get(token)) return { statistic: Infinity, degrees: 0, pValue: 0 };
	let statistic = 0;
	let degrees = -1;
	const rest = { expected: 0, found: 0 };
	const add = (expected: number, found: number) => {
		statistic += (found - expected) ** 2 / expected;
		degrees++;
	};
	for (const [token, probability] of probabilities) {
		const [expected, found] = [probability * draws, counts.get(token) ?? 0];
		if (expected >= least) add(expected, found);
		else {
			rest.expected += expected;
			rest.found += found;
		}
	}
	if (rest.expected > 0) add(rest.expected, rest.found);
	return { statistic, degrees, pValue: upperGamma(degrees / 2, statistic / 2) };
}

/** Q(a, x), regularized: by its series below a + 1, by Lentz's continued fraction above (Numerical Recipes, 6.2). */
function upperGamma(a: number, x: number): number {
	if (x <= 0) return 1;
	const front = Math.exp(-x + a * Math.log(x) - logGamma(a));
	if (x < a + 1) {
		let term = 1 / a;
		let sum = term;
		for (let n = 1; n < 10_000 && term > sum * 1e-15; n++) sum += term *= x / (a + n);
		return 1 - front * sum;
	}
	let b = x + 1 - a;
	let c = 1 / 1e-300;
	let d = 1 / b;
	let h = d;
	for (let i = 1; i < 10_000; i++) {
		const step = -i * (i - a);
		b += 2;
		d = 1 / (step * d + b || 1e-300);
		c = b + step / c || 1e-300;
		h *= d * c;
		if (Math.abs(d * c - 1) < 1e-15) break;
	}
	return front * h;
}

/** Lanczos's approximation, g = 7. */
function logGamma(x: number): number {
	const terms = [
		676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
		12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7
	];
	const t = x + 6.5;
	const sum = terms.reduce((sum, term, i) => sum + term / (x + i), 0.9999999999998099);
	return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
