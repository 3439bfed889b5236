import { describe, expect, test } from 'vitest';
import { bytes, count, duration, percent } from './words.ts';

describe('bytes', () => {
	test('keeps three significant digits and moves to the next unit in time', () => {
		expect(bytes(1)).toBe('1 byte');
		expect(bytes(431 * 2 ** 20)).toBe('431 MiB');
		expect(bytes(1.21 * 2 ** 30)).toBe('1.21 GiB');
		expect(bytes(1023 * 2 ** 20)).toBe('1.00 GiB');
	});
	test('never prints NaN', () => {
		expect(bytes(NaN)).toBe('unknown');
		expect(bytes(Infinity)).toBe('unknown');
	});
});

test('counts are grouped as English does', () => {
	expect(count(1234567)).toBe('1,234,567');
	expect(count(999)).toBe('999');
});

test('ratios and durations read as a person says them', () => {
	expect(percent(0.904)).toBe('90%');
	expect(duration(59.6)).toBe('1 min 0 s');
	expect(duration(3700)).toBe('1 h 1 min');
});
