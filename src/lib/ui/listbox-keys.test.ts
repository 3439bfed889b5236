import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexAfter } from './listbox-keys.ts';

const KEYS = ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'];

test('arrows move by one and stop at both ends', () => {
	expect(indexAfter('ArrowDown', 0, 3)).toBe(1);
	expect(indexAfter('ArrowDown', 2, 3)).toBe(2);
	expect(indexAfter('ArrowUp', 2, 3)).toBe(1);
	expect(indexAfter('ArrowUp', 0, 3)).toBe(0);
});

test('with nothing active the arrows begin at the nearest end', () => {
	expect(indexAfter('ArrowDown', -1, 3)).toBe(0);
	expect(indexAfter('ArrowUp', -1, 3)).toBe(2);
});

test('Home and End lead to the first and the last option', () => {
	expect(indexAfter('Home', 40, 66)).toBe(0);
	expect(indexAfter('End', 40, 66)).toBe(65);
});

test('letters and an empty list move nothing', () => {
	expect(indexAfter('a', 0, 3)).toBeNull();
	for (const key of KEYS) expect(indexAfter(key, -1, 0)).toBeNull();
});

test('every key leads to an option of the list', () => {
	fc.assert(
		fc.property(
			fc.constantFrom(...KEYS),
			fc.integer({ min: 1, max: 400 }),
			fc.integer({ min: -1, max: 399 }),
			(key, count, active) => {
				const next = indexAfter(key, Math.min(active, count - 1), count);
				expect(next).toBeGreaterThanOrEqual(0);
				expect(next).toBeLessThan(count);
			}
		)
	);
});
