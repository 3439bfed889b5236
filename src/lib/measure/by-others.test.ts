import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rowsOf } from './by-others.ts';
import { toJson } from './export.ts';
import { aRow, aRun } from './run.fixture.ts';

const exported = (change: object = {}) => ({
	...(JSON.parse(
		toJson(
			aRun([
				aRow('a', {
					rates: [
						[100, 102],
						[20, 22]
					]
				}),
				aRow('b')
			])
		)
	) as object),
	...change
});

describe('What others measured', () => {
	test('is read from what this page exports', () => {
		const [a, b] = rowsOf(exported());
		expect(a).toEqual({
			gpu: 'A GPU',
			software: false,
			variantId: 'a',
			contextWindow: 4096,
			prefill: expect.closeTo(101) as number,
			decode: expect.closeTo(21) as number,
			loadMs: 1500,
			plannedPeakBytes: 2 ** 30,
			measuredPeakBytes: 2 ** 30
		});
		expect(b?.variantId).toBe('b');
	});

	test.each([
		['another schema', { schema: 'other' }],
		['a later version', { version: 99 }],
		['a run that was stopped', { complete: false }],
		['no device', { device: null }],
		['no results', { results: [] }],
		['a speed that is none', { results: [{ avg_ts: 'fast' }] }]
	])('is not read from %s', (_, change) => {
		expect(() => rowsOf(exported(change))).toThrow();
	});

	test('is in the schema, file by file', () => {
		const files = readdirSync('docs/hardware').filter((file) => file.endsWith('.json'));
		expect(files).not.toEqual([]);
		for (const file of files) {
			const rows = rowsOf(JSON.parse(readFileSync(`docs/hardware/${file}`, 'utf8')));
			for (const { variantId, decode } of rows) {
				expect(variantId, file).not.toBe('');
				expect(decode, file).toBeGreaterThan(0);
			}
		}
	});
});
