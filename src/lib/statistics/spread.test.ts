import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { add, deviation, merge, NO_SPREAD, spreadOf, spreadSchema, type Spread } from './spread.ts';

const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 60 });
const parse = (value: unknown): Spread => v.parse(spreadSchema, value);

function expectClose(actual: Spread, expected: Spread) {
	expect({ ...actual, mean: 0, squares: 0 }).toEqual({ ...expected, mean: 0, squares: 0 });
	expect(Math.abs(actual.mean - expected.mean)).toBeLessThanOrEqual(1e-9 * expected.max + 1e-300);
	expect(Math.abs(actual.squares - expected.squares)).toBeLessThanOrEqual(
		1e-9 * Math.max(1, expected.count) * expected.max ** 2 + 1e-300
	);
}

test('a spread says what the textbook formulas say of the same figures', () => {
	fc.assert(
		fc.property(values, (given) => {
			const spread = spreadOf(given);
			expect(spread.count).toBe(given.length);
			if (given.length === 0) return;
			const mean = given.reduce((a, b) => a + b, 0) / given.length;
			expectClose(spread, {
				count: given.length,
				mean,
				squares: given.reduce((sum, value) => sum + (value - mean) ** 2, 0),
				min: Math.min(...given),
				max: Math.max(...given)
			});
		})
	);
});

test('two spreads merged are one pass over all figures, in either order', () => {
	fc.assert(
		fc.property(values, values, (a, b) => {
			const whole = spreadOf([...a, ...b]);
			expectClose(merge(spreadOf(a), spreadOf(b)), whole);
			expectClose(merge(spreadOf(b), spreadOf(a)), whole);
		})
	);
});

test('a figure that no measurement can give changes nothing', () => {
	const spread = spreadOf([1, 2, 3]);
	for (const value of [NaN, Infinity, -Infinity, -1, 1e300])
		expect(add(spread, value)).toBe(spread);
});

test('the deviation is the sample’s, and takes two figures', () => {
	expect(deviation(NO_SPREAD)).toBeNull();
	expect(deviation(spreadOf([5]))).toBeNull();
	expect(deviation(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]))).toBeCloseTo(Math.sqrt(32 / 7), 12);
});

describe('a stored spread', () => {
	test('comes back as it was', () => {
		fc.assert(
			fc.property(values, values, (a, b) => {
				const spread = merge(spreadOf(a), spreadOf(b));
				expect(parse(JSON.parse(JSON.stringify(spread)))).toEqual(spread);
			})
		);
	});

	test('that cannot be is none', () => {
		const good = spreadOf([1, 2, 3]);
		for (const bad of [
			null,
			7,
			{ ...good, count: -1 },
			{ ...good, count: 2.5 },
			{ ...good, mean: 9 },
			{ ...good, mean: NaN },
			{ ...good, min: 5 },
			{ ...good, squares: 1e9 },
			{ ...good, squares: -1 },
			{ ...good, max: Infinity },
			{ ...NO_SPREAD, max: 1 }
		])
			expect(parse(bad)).toEqual(NO_SPREAD);
	});
});
