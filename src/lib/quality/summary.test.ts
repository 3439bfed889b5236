import { describe, expect, test } from 'vitest';
import type { PositionDifference } from '../engine/position.ts';
import { differenceOf } from './quality.fixture.ts';
import { departure, perplexityRatio, quantile, summarize } from './summary.ts';

const positions = (n: number, of: (i: number) => Partial<PositionDifference> = () => ({})) =>
	Array.from({ length: n }, (_, i) => differenceOf(of(i)));

describe('a summary', () => {
	test('needs a hundred positions', () => {
		expect(summarize(positions(99))).toBeNull();
		expect(summarize(positions(100))).toMatchObject({ positions: 100 });
	});

	test('of equal variants is exactly 0, 100% and 1, without error', () => {
		expect(
			summarize(
				positions(100, (i) => ({ logProbability: -i / 7, referenceLogProbability: -i / 7 }))
			)
		).toEqual({
			positions: 100,
			lowerBounds: 0,
			sameToken: { value: 1, error: 0 },
			divergence: { value: 0, error: 0, quantiles: [0, 0, 0, 0, 0], largest: 0 },
			perplexityRatio: { value: 1, error: 0 }
		});
	});

	test('has mean, error, quantiles and the largest', () => {
		// Divergences 0 to 100, shuffled: mean 50, mean of squares 3350, variance 850.
		const found = summarize(positions(101, (i) => ({ divergence: (i * 37) % 101 })));
		expect(found?.divergence.value).toBe(50);
		expect(found?.divergence.error).toBeCloseTo(Math.sqrt(850 / 100), 12);
		expect(found?.divergence.quantiles).toEqual([1, 5, 50, 95, 99]);
		expect(found?.divergence.largest).toBe(100);
	});

	test('counts equal tokens and lower bounds', () => {
		const found = summarize(
			positions(101, (i) => ({ sameToken: i >= 20, lowerBound: i % 50 === 0 }))
		);
		expect(found?.sameToken.value).toBeCloseTo(81 / 101, 12);
		expect(found?.sameToken.error).toBeCloseTo(Math.sqrt(((81 / 101) * (20 / 101)) / 100), 12);
		expect(found?.lowerBounds).toBe(3);
	});
});

test('the ratio of perplexities has the error that llama.cpp prints', () => {
	const nll = [1, 2, 4, 3, 2.5, 0.5, 1.5, 2, 3.5, 1, 2];
	const base = [1.1, 1.8, 3.5, 3.1, 2.2, 0.4, 1.6, 2, 3, 1.2, 1.9];
	const differences = nll.map((x, i) =>
		differenceOf({ logProbability: -x, referenceLogProbability: -(base[i] as number) })
	);
	// As written there: from sums, sums of squares and of products.
	const n = nll.length;
	const sum = (of: (i: number) => number) => nll.reduce((total, _, i) => total + of(i), 0);
	const at = (values: number[], i: number) => values[i] as number;
	const [mean, meanBase] = [sum((i) => at(nll, i)) / n, sum((i) => at(base, i)) / n];
	const variance = (sum((i) => at(nll, i) ** 2) / n - mean ** 2) / (n - 1);
	const varianceBase = (sum((i) => at(base, i) ** 2) / n - meanBase ** 2) / (n - 1);
	const covariance = (sum((i) => at(nll, i) * at(base, i)) / n - mean * meanBase) / (n - 1);
	const ratio = Math.exp(mean - meanBase);
	const found = perplexityRatio(differences);
	expect(found.value).toBeCloseTo(ratio, 12);
	expect(found.error).toBeCloseTo(ratio * Math.sqrt(variance + varianceBase - 2 * covariance), 12);
});

test('a quantile lies between the two nearest values', () => {
	expect(quantile([1, 3], 0.5)).toBe(2);
	expect(quantile([1, 3, 10], 0.75)).toBe(6.5);
	expect(quantile([1, 3, 10], 1)).toBe(10);
	expect(quantile([4], 0.3)).toBe(4);
});

test('a free answer departs at the first token that differs', () => {
	const answer = [true, true, false, true, false].map((sameToken) => differenceOf({ sameToken }));
	expect(departure(answer)).toBe(2);
	expect(departure(answer.slice(0, 2))).toBeNull();
});
