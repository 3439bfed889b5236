import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	comparePosition,
	KEEP,
	keepPosition,
	mostLikely,
	NotFinite,
	type Keep
} from './position.ts';

const f32 = (values: readonly number[]) => Float32Array.from(values);
/** Logits of these probabilities. */
const logitsOf = (...probabilities: number[]) => f32(probabilities.map(Math.log));

/** Divergence over every token, written apart from the code under test. */
function plain(reference: Float32Array, other: Float32Array): number {
	const probabilities = (logits: Float32Array) => {
		const powers = Array.from(logits, (x) => Math.exp(x));
		const sum = powers.reduce((a, b) => a + b, 0);
		return powers.map((power) => power / sum);
	};
	const [p, q] = [probabilities(reference), probabilities(other)];
	return p.reduce((sum, x, i) => sum + x * Math.log(x / (q[i] as number)), 0);
}

const NEXT = 0;
/** Keeps two logits whatever is left. */
const FEW: Keep = { least: 2, most: 2, rest: 1e-4 };

/** Distinct logits for the same vocabulary, for reference and variant, and an order of the tokens. */
const pairs = fc.integer({ min: 2, max: 40 }).chain((size) => {
	const logits = fc
		.uniqueArray(fc.integer({ min: -2000, max: 2000 }), { minLength: size, maxLength: size })
		.map((values) => f32(values.map((x) => x / 128)));
	const order = fc.shuffledSubarray(
		Array.from({ length: size }, (_, i) => i),
		{ minLength: size, maxLength: size }
	);
	return fc.tuple(logits, logits, order);
});
const digits = (x: number) => 1e-12 + Math.abs(x) * 1e-9;

describe('a comparison', () => {
	test('gives the divergence, the token and both probabilities', () => {
		const kept = keepPosition(logitsOf(0.5, 0.25, 0.25), 1);
		const found = comparePosition(kept, logitsOf(0.25, 0.5, 0.25));
		// 0.5 ln 2 + 0.25 ln 0.5 + 0
		expect(found.divergence).toBeCloseTo(0.25 * Math.LN2, 7);
		expect(found.sameToken).toBe(false);
		expect(found.referenceLogProbability).toBeCloseTo(Math.log(0.25), 7);
		expect(found.logProbability).toBeCloseTo(Math.log(0.5), 7);
		expect(found.lowerBound).toBe(false);
	});

	test('with tokens that were not kept counts them as one, and says that it is a lower bound', () => {
		const kept = keepPosition(logitsOf(0.5, 0.25, 0.125, 0.125), NEXT, FEW);
		expect([...kept.tokens]).toEqual([0, 1]);
		expect(Math.exp(kept.logRest as number)).toBeCloseTo(0.25, 7);
		const found = comparePosition(kept, logitsOf(0.25, 0.25, 0.375, 0.125));
		// 0.5 ln 2 + 0 + 0.25 ln (0.25 / 0.5)
		expect(found.divergence).toBeCloseTo(0.25 * Math.LN2, 7);
		expect(found.lowerBound).toBe(true);
	});

	test('with the reference itself is exactly 0', () => {
		fc.assert(
			fc.property(pairs, fc.constantFrom(KEEP, FEW), ([logits], keep) => {
				const found = comparePosition(keepPosition(logits, NEXT, keep), logits);
				expect(found.divergence).toBe(0);
				expect(found.sameToken).toBe(true);
				expect(found.logProbability).toBe(found.referenceLogProbability);
			})
		);
	});

	test('is never negative, and equals the plain sum where every token is kept', () => {
		fc.assert(
			fc.property(pairs, ([reference, other]) => {
				const { divergence } = comparePosition(keepPosition(reference, NEXT), other);
				expect(divergence).toBeGreaterThanOrEqual(0);
				const wanted = plain(reference, other);
				expect(Math.abs(divergence - wanted)).toBeLessThan(digits(wanted));
			})
		);
	});

	test('with few kept tokens is at most the exact one', () => {
		fc.assert(
			fc.property(pairs, ([reference, other]) => {
				const { divergence } = comparePosition(keepPosition(reference, NEXT, FEW), other);
				const exact = plain(reference, other);
				expect(divergence).toBeLessThanOrEqual(exact + digits(exact));
			})
		);
	});

	test('does not depend on the order of the tokens', () => {
		fc.assert(
			fc.property(pairs, fc.constantFrom(KEEP, FEW), ([reference, other, order], keep) => {
				const moved = (logits: Float32Array) => f32(order.map((i) => logits[i] as number));
				const before = comparePosition(keepPosition(reference, NEXT, keep), other);
				const after = comparePosition(
					keepPosition(moved(reference), order.indexOf(NEXT), keep),
					moved(other)
				);
				expect(after.sameToken).toBe(before.sameToken);
				for (const name of ['divergence', 'logProbability', 'referenceLogProbability'] as const)
					expect(Math.abs(after[name] - before[name])).toBeLessThan(digits(before[name]));
			})
		);
	});
});

describe('what is kept', () => {
	const flat = (size: number) => new Float32Array(size);
	/** Each token half as likely as the one before it. */
	const halving = (size: number) => Float32Array.from({ length: size }, (_, i) => -i * Math.LN2);

	test('is everything where the vocabulary is small', () => {
		const kept = keepPosition(f32([1, 3, 2]), NEXT);
		expect([...kept.tokens]).toEqual([1, 2, 0]);
		expect(kept.logRest).toBeNull();
		expect(kept.lowerBound).toBe(false);
	});

	test('is as little as leaves the rest below its bound', () => {
		// After 14 tokens 2^-14 = 6.1e-5 is left, after 13 tokens 1.2e-4.
		const kept = keepPosition(halving(100), NEXT, { ...KEEP, least: 1 });
		expect(kept.tokens.length).toBe(14);
		expect(Math.exp(kept.logRest as number)).toBeCloseTo(2 ** -14, 9);
	});

	test('is no less where the second most likely ones have most of the probability together', () => {
		const kept = keepPosition(f32([0, -0.04, -0.04, -0.04, -1, -9]), NEXT, {
			least: 1,
			most: 6,
			rest: 0.01
		});
		expect([...kept.tokens]).toEqual([0, 1, 2, 3, 4]);
	});

	test('leaves less than one in ten thousand', () => {
		const keptOf = (rest: number) =>
			keepPosition(logitsOf(1 - rest, 0.6 * rest, 0.4 * rest), NEXT, { ...KEEP, least: 1 });
		expect(keptOf(1.05e-4).tokens.length).toBe(2);
		expect(keptOf(0.95e-4).tokens.length).toBe(1);
		expect(keptOf(0.95e-4).lowerBound).toBe(false);
	});

	test('is 256 logits at least', () => {
		expect(keepPosition(halving(1000), NEXT).tokens.length).toBe(256);
	});

	test('is bounded, and then says so', () => {
		const kept = keepPosition(flat(10_000), NEXT);
		expect(kept.tokens.length).toBe(4096);
		expect(kept.lowerBound).toBe(true);
	});

	test('has all or none of equal logits', () => {
		const kept = keepPosition(f32([9, 1, 1, 1, 0]), NEXT, { least: 2, most: 5, rest: 0.5 });
		expect([...kept.tokens]).toEqual([0, 1, 2, 3]);
	});

	test('is everything where nothing may be left, also what is too unlikely for a number', () => {
		// exp(-1000) is 0.
		const kept = keepPosition(f32([-1000, 0, -2000]), NEXT, { least: 1, most: 3, rest: 0 });
		expect([...kept.tokens]).toEqual([1, 0, 2]);
		expect(kept).toMatchObject({ logRest: null, lowerBound: false });
	});

	test('makes a comparison a lower bound from just the rest on that may be left', () => {
		const logits = logitsOf(0.5, 0.25, 0.25);
		const boundAt = (rest: number) => keepPosition(logits, NEXT, { least: 1, most: 1, rest });
		const left = Math.exp(boundAt(1).logRest as number);
		expect(left).toBeCloseTo(0.5, 7);
		expect(boundAt(left).lowerBound).toBe(true);
		expect(boundAt(left * (1 + 2 ** -50)).lowerBound).toBe(false);
	});

	test('keeps the digits of a small rest', () => {
		const kept = keepPosition(f32([0, -50]), NEXT, { least: 1, most: 1, rest: 1e-4 });
		expect(kept.logRest).toBeCloseTo(-50, 12);
		// exp(-1000) is 0.
		const far = keepPosition(f32([0, -1000, -1000]), NEXT, { least: 1, most: 1, rest: 1e-4 });
		expect(far.logRest).toBeCloseTo(-1000 + Math.LN2, 9);
		expect(comparePosition(far, f32([0, -1000, -1000])).divergence).toBe(0);
	});
});

test('of equal logits the first is the most likely', () => {
	expect(mostLikely(f32([1, 3, 3, 2]))).toBe(1);
	expect(mostLikely(f32([-5, -5]))).toBe(0);
	expect([...keepPosition(f32([1, 3, 3, 2]), NEXT).tokens]).toEqual([1, 2, 3, 0]);
});

describe('logits that are no numbers', () => {
	test.each([Number.NaN, Infinity, -Infinity])('are refused: %d', (value) => {
		const logits = f32([0, 1, value, 2]);
		expect(() => mostLikely(logits)).toThrow(NotFinite);
		expect(() => keepPosition(logits, NEXT)).toThrow('The logit of token 2');
		expect(() => comparePosition(keepPosition(f32([1, 2, 3, 4]), NEXT), logits)).toThrow(NotFinite);
	});

	test('a token that the model does not have is refused', () => {
		expect(() => keepPosition(f32([1, 2]), 2)).toThrow(RangeError);
	});
});

test('a position of the largest vocabulary takes milliseconds', () => {
	const vocabulary = 151_936;
	let state = 1;
	// Roughly normal, with a few tokens far above the others, as in a text.
	const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
	const logits = () =>
		Float32Array.from({ length: vocabulary }, (_, i) =>
			i < 20 ? 20 + 5 * next() : 3 * (next() + next() + next() - 1.5)
		);
	const [reference, other] = [logits(), logits()];
	// Of this process alone: other programs take their share of the time on the clock.
	const cpuMs = () => process.cpuUsage().user / 1000;
	const timed = (run: () => unknown) => {
		const took = Array.from({ length: 15 }, () => {
			const startMs = cpuMs();
			run();
			return cpuMs() - startMs;
		}).sort((a, b) => a - b);
		return took[7] as number;
	};
	const kept = keepPosition(reference, NEXT);
	const keepMs = timed(() => keepPosition(reference, NEXT));
	const compareMs = timed(() => comparePosition(kept, other));
	console.log(
		`One position of ${vocabulary} tokens: kept in ${keepMs.toFixed(1)} ms, compared in ${compareMs.toFixed(1)} ms (CPU time, medians of 15)`
	);
	// Twice the aim of 10 ms: a slow machine is no fault.
	expect(Math.max(keepMs, compareMs)).toBeLessThan(20);
});
