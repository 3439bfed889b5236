import { describe, expect, test } from 'vitest';
import { bytes, count, duration, percent, rate, tokens } from './words.ts';

describe('bytes', () => {
	test('keeps three significant digits and moves to the next unit in time', () => {
		expect(bytes(1)).toBe('1 byte');
		expect(bytes(431 * 2 ** 20)).toBe('431 MiB');
		expect(bytes(1.21 * 2 ** 30)).toBe('1.21 GiB');
		expect(bytes(1023 * 2 ** 20)).toBe('1.00 GiB');
	});
	test.each([
		[0, '0 bytes'],
		[0.4, '0 bytes'],
		[1.4, '1 byte'],
		[2, '2 bytes'],
		[999.4, '999 bytes'],
		[999.5, '0.98 KiB'],
		[1024, '1.00 KiB'],
		[9.99 * 1024, '9.99 KiB'],
		[9.996 * 1024, '10.0 KiB'],
		[99.9 * 1024, '99.9 KiB'],
		[99.96 * 1024, '100 KiB'],
		[999.4 * 1024, '999 KiB'],
		[999.6 * 1024, '0.98 MiB'],
		[5 * 2 ** 40, '5.00 TiB'],
		// There is no larger unit.
		[2 ** 60, '1048576 TiB'],
		[-1, '−1 byte'],
		[-3 * 2 ** 20, '−3.00 MiB']
	])('writes %d as %s', (n, words) => {
		expect(bytes(n)).toBe(words);
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

test('one token is one, and a broken figure is said to be unknown', () => {
	expect([0, 1, 1.4, 1.6, 32_768].map(tokens)).toEqual([
		'0 tokens',
		'1 token',
		'1 token',
		'2 tokens',
		'32,768 tokens'
	]);
	expect([count(NaN), percent(Infinity), duration(NaN)]).toEqual(Array(3).fill('unknown'));
});

test('speeds have one decimal below a hundred', () => {
	expect([0, 31.44, 99.94, 100, 100.4, 2345].map(rate)).toEqual([
		'0.0',
		'31.4',
		'99.9',
		'100',
		'100',
		'2,345'
	]);
});

test.each([
	[-5, '0 s'],
	[0, '0 s'],
	[59.4, '59 s'],
	[60, '1 min 0 s'],
	[130, '2 min 10 s'],
	[3599, '59 min 59 s'],
	[3600, '1 h 0 min'],
	[3659, '1 h 0 min'],
	[3660, '1 h 1 min'],
	[7325, '2 h 2 min'],
	[90_000, '25 h 0 min']
])('%d seconds are %s', (seconds, words) => {
	expect(duration(seconds)).toBe(words);
});
