import { expect, test } from 'vitest';
import { bestOf, distributionOf, rateOf, ratioTo } from './figures.ts';

test('mean and sample deviation', () => {
	const of = distributionOf([2, 4, 4, 4, 5, 5, 7, 9]);
	expect(of?.mean).toBeCloseTo(5, 12);
	expect(of?.deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
	expect(distributionOf([3])).toEqual({ mean: 3, deviation: null });
	expect(distributionOf([])).toBeNull();
});

test('a rate is in tokens per second', () => {
	expect(rateOf(128, 2000)).toBe(64);
});

test('the best is the highest or the lowest, ties together, and none where there is one figure', () => {
	const figures = [['a', 3] as const, ['b', 5] as const, ['c', null] as const, ['d', 5] as const];
	expect([...bestOf(figures, 'higher')]).toEqual(['b', 'd']);
	expect([...bestOf(figures, 'lower')]).toEqual(['a']);
	expect([...bestOf(figures.slice(1, 3), 'higher')]).toEqual([]);
	expect([...bestOf([['a', NaN] as const, ['b', 1] as const], 'higher')]).toEqual([]);
});

test('a ratio needs both figures', () => {
	expect(ratioTo(6, 4)).toBe(1.5);
	expect([ratioTo(null, 4), ratioTo(6, null), ratioTo(6, 0)]).toEqual([null, null, null]);
});
