import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barScale } from './bar-scale.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

test('a small model on a large budget is zoomed in on', () => {
	const { endBytes, zoomed } = barScale(2 * MiB, 0, 8 * GiB);
	expect(zoomed).toBe(true);
	expect((2 * MiB) / endBytes).toBeGreaterThan(0.5);
});

test('a model above its budget is shown whole, with the budget inside', () => {
	const { endBytes, zoomed } = barScale(6 * GiB, 0, 4 * GiB);
	expect(zoomed).toBe(false);
	expect(endBytes).toBeGreaterThan(6 * GiB);
});

test('everything drawn lies within the bar, except a budget that is zoomed past', () => {
	const bytes = fc.double({ min: 0, max: 1e12, noNaN: true });
	fc.assert(
		fc.property(bytes, bytes, bytes, (peak, live, budget) => {
			const { endBytes, zoomed } = barScale(peak, live, budget);
			expect(Math.max(peak, live)).toBeLessThanOrEqual(endBytes);
			if (!zoomed) expect(budget).toBeLessThanOrEqual(endBytes);
		})
	);
});
