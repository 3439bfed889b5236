import { describe, expect, test } from 'vitest';
import { marksOfRow, marksOfSamples, type Conditions } from './guards.ts';

const codes = (samples: number[]) => marksOfSamples('tg128', samples).map(({ code }) => code);

describe('the repetitions of a test', () => {
	test.each([
		['even ones are not marked', [100, 101, 100, 99, 100], []],
		['a last third that is 5% slower is exactly at the bound', [100, 100, 95], []],
		['a slower one is drift', [100, 100, 94], ['drift']],
		['one that got faster is not', [94, 100, 100], []],
		['with six, thirds are of two', [100, 98, 100, 100, 94, 93], ['drift']],
		['a slow one in the middle is no drift', [100, 60, 100], ['noisy']],
		['a deviation above 10% is noise', [100, 130, 100], ['noisy']],
		['of two nothing is said of drift', [100, 94], []],
		['one alone says nothing', [100], []],
		['none say nothing', [], []]
	])('%s', (_, samples, expected) => {
		expect(codes(samples)).toEqual(expected);
	});

	test('a mark names its test', () => {
		expect(marksOfSamples('pp512', [100, 100, 50])).toContainEqual({
			code: 'drift',
			test: 'pp512'
		});
	});
});

describe('a row', () => {
	const calm: Conditions = { battery: { charging: true }, cpuPressure: 'nominal' };
	const unknown: Conditions = { battery: null, cpuPressure: null };
	const row = { software: false, hidden: false, contextWindow: 4096, askedWindow: 4096 };
	const marked = (start: Conditions, end: Conditions, change: Partial<typeof row> = {}) =>
		marksOfRow(start, end, { ...row, ...change }).map(({ code }) => code);

	test('is not marked where nothing speaks against it, or the browser tells nothing', () => {
		expect(marked(calm, calm)).toEqual([]);
		expect(marked(unknown, unknown)).toEqual([]);
	});

	test.each([
		['battery', marked(calm, { ...calm, battery: { charging: false } })],
		['battery', marked({ ...calm, battery: { charging: false } }, calm)],
		['pressure', marked({ ...calm, cpuPressure: 'serious' }, calm)],
		['pressure', marked(calm, { ...calm, cpuPressure: 'critical' })],
		['software', marked(calm, calm, { software: true })],
		['hidden', marked(calm, calm, { hidden: true })],
		['window', marked(calm, calm, { contextWindow: 2048 })]
	])('%s', (code, found) => {
		expect(found).toEqual([code]);
	});
});
