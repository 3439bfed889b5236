import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFloat16, roundFloat16, toFloat16 } from '../model/float16.ts';

const halves = Array.from({ length: 0x7c00 }, (_, h) => fromFloat16(h)); // 0 to 65,504, ascending

test('every binary16 number survives the way there and back', () => {
	for (let h = 0; h < 0x10000; h++) {
		const value = fromFloat16(h);
		if (Number.isNaN(value)) expect(toFloat16(value) & 0x7fff).toBeGreaterThan(0x7c00);
		else if (toFloat16(value) !== h) expect.fail(`${h} became ${toFloat16(value)}`);
	}
	expect(halves.at(-1)).toBe(65504);
});

test('rounding takes the nearer neighbour', () => {
	fc.assert(
		fc.property(fc.float({ min: 0, max: 65504, noNaN: true }), fc.boolean(), (size, negative) => {
			const rounded = Math.abs(roundFloat16(negative ? -size : size));
			const h = toFloat16(rounded);
			expect(fromFloat16(h)).toBe(rounded);
			for (const neighbour of [halves[h - 1], halves[h + 1]])
				if (neighbour !== undefined)
					expect(Math.abs(size - rounded)).toBeLessThanOrEqual(Math.abs(size - neighbour));
		}),
		{ numRuns: 2000 }
	);
});

test('halfway between two numbers, the even one is taken', () => {
	for (let h = 0; h + 1 < halves.length; h += 7) {
		const halfway = (halves[h]! + halves[h + 1]!) / 2;
		expect(toFloat16(halfway)).toBe(h % 2 === 0 ? h : h + 1);
		expect(roundFloat16(-halfway)).toBe(-halves[h % 2 === 0 ? h : h + 1]!);
	}
});

test('what is too large becomes infinite, and NaN stays NaN', () => {
	expect(roundFloat16(65519.99)).toBe(65504);
	expect(roundFloat16(65520)).toBe(Infinity);
	expect(roundFloat16(-1e30)).toBe(-Infinity);
	expect(roundFloat16(NaN)).toBeNaN();
	expect(Object.is(roundFloat16(-1e-9), -0)).toBe(true);
});
