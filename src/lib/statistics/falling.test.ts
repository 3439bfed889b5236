import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fallen, fellJustNow, FALLEN_RATIO } from './falling.ts';
import type { RecentRate } from './record.ts';

const at = (rates: readonly number[], depthTokens = 100): RecentRate[] =>
	rates.map((tokensPerSecond, i) => ({ tokensPerSecond, depthTokens, at: i }));
const usual = at([30, 32, 28, 30, 30]);

test('three answers below 0.6 of the mean are a fall, and two or a shallower one are not', () => {
	expect(fallen([...usual, ...at([15, 14, 16])])).toEqual({
		tokensPerSecond: 15,
		usualTokensPerSecond: 30
	});
	expect(fallen([...usual, ...at([15, 14])])).toBeNull();
	expect(fallen([...usual, ...at([15, 19, 16])])).toBeNull();
});

test('with too few answers before there is no mean to fall from', () => {
	expect(fallen([...usual.slice(1), ...at([1, 1, 1])])).toBeNull();
	expect(fallen([])).toBeNull();
});

test('a deeper context is slower by nature and is no fall', () => {
	expect(fallen([...usual, ...at([10, 10, 10], 6000)])).toBeNull();
	const deep = at([12, 12, 12, 12, 12], 6000);
	expect(fallen([...usual, ...deep, ...at([5, 5, 5], 6000)])).toMatchObject({
		usualTokensPerSecond: 12
	});
});

test('what came with conversations, from whichever device, is no measure', () => {
	const kept = usual.map((rate) => ({ ...rate, kept: true as const }));
	expect(fallen([...kept, ...at([1, 1, 1])])).toBeNull();
});

test('it is said by the answer that made it so, and by none after it', () => {
	const slow = [...usual, ...at([15, 14, 16])];
	expect(fellJustNow(slow)).not.toBeNull();
	expect(fellJustNow([...slow, ...at([15])])).toBeNull();
	// Not even after an answer at another depth.
	expect(fellJustNow([...slow, ...at([9], 6000), ...at([15])])).toBeNull();
});

test('a speed that holds within the bound is never told of, whatever its order', () => {
	fc.assert(
		fc.property(
			fc.array(fc.double({ min: FALLEN_RATIO * 50, max: 50, noNaN: true }), { maxLength: 50 }),
			(rates) => {
				expect(fallen(at(rates))).toBeNull();
			}
		)
	);
});
