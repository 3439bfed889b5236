import { expect, test } from 'vitest';
import { families } from '../models/catalog-data.ts';
import { adviceBySize, SIZES_BYTES } from './by-size.ts';
import { NOTHING_KNOWN } from './judge.ts';

const GiB = 2 ** 30;
const advice = adviceBySize(families, () => NOTHING_KNOWN);

test('graphics cards are sold with 4 to 24 GiB', () => {
	expect(SIZES_BYTES).toEqual([4 * GiB, 6 * GiB, 8 * GiB, 12 * GiB, 16 * GiB, 24 * GiB]);
});

test('every size has an answer that fits in it', () => {
	expect(advice.map(({ sizeBytes }) => sizeBytes)).toEqual(SIZES_BYTES);
	for (const { sizeBytes, balanced, capable } of advice)
		for (const choice of [balanced, capable]) {
			expect(choice?.verdict.kind).toBe('fits');
			expect(choice?.estimate?.peakBytes).toBeLessThan(sizeBytes);
		}
});

test('with more memory the most capable model takes no less of it', () => {
	const taken = advice.map(({ capable }) => capable?.estimate?.peakBytes ?? 0);
	expect(taken.at(-1)).toBeGreaterThan(2 * (taken[0] ?? 0));
});

test('a GPU on which nothing fits has no answer', () => {
	expect(adviceBySize(families, () => NOTHING_KNOWN, [GiB / 2])).toEqual([
		{ sizeBytes: GiB / 2, balanced: null, capable: null }
	]);
});
