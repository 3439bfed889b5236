import { describe, expect, test } from 'vitest';
import { NO_MEASUREMENTS, parseMeasurements, restOf, withRow, type Row } from './record.ts';
import { aRow, aRun } from './run.fixture.ts';

const failed: Row = {
	kind: 'failed',
	variantId: 'b',
	label: 'Tiny',
	quantization: 'b',
	at: 1,
	failure: { kind: 'device-lost', message: 'The GPU was lost.' }
};

test('what was written is read back', () => {
	const run = aRun([aRow('a', { marks: [{ code: 'drift', test: 'tg128' }] }), failed], {
		leftOut: [{ variantId: 'c', reason: 'Too large.' }],
		fetched: ['a'],
		before: { variantId: 'a', contextWindow: 2048 },
		state: 'open'
	});
	const kept: unknown = JSON.parse(JSON.stringify({ version: 1, run }));
	expect(parseMeasurements(kept)).toEqual({ version: 1, run });
});

describe('hostile', () => {
	const run = aRun();
	const read = (change: object) => parseMeasurements({ version: 1, run: { ...run, ...change } });

	test.each([
		undefined,
		null,
		'run',
		[],
		{ version: 2, run },
		{ version: 1 },
		{ version: 1, run: { ...run, variantIds: 'all' } },
		{ version: 1, run: { ...run, state: 'running' } },
		{ version: 1, run: { ...run, asked: { ...run.asked, contextWindow: -1 } } },
		{ version: 1, run: { ...run, variantIds: Array.from({ length: 1000 }, (_, i) => `v${i}`) } }
	])('%j is no measurement', (raw) => {
		expect(parseMeasurements(raw)).toEqual(NO_MEASUREMENTS);
	});

	test.each([
		['a rate of no time', { tests: [{ ...aRow('a').tests[0], samplesMs: [0] }] }],
		['a time that is not finite', { loadMs: Infinity }],
		['no samples', { tests: [{ ...aRow('a').tests[0], samplesMs: [] }] }],
		['an unknown mark', { marks: [{ code: 'forged', test: null }] }],
		['a variant that was not asked for', { variantId: 'z' }],
		['a label that is no text', { label: { toString: 'x' } }]
	])('a row with %s is measured again', (_, change) => {
		const { run: kept } = read({ rows: [{ ...aRow('a'), ...change }, aRow('b')] });
		expect(kept?.rows.map(({ variantId }) => variantId)).toEqual(['b']);
		expect(kept && restOf(kept)).toEqual(['a']);
	});

	test('of two rows of one variant the last one counts', () => {
		const { run: kept } = read({ rows: [aRow('a'), { ...failed, variantId: 'a' }] });
		expect(kept?.rows.map(({ kind }) => kind)).toEqual(['failed']);
	});
});

test('a finished row takes its variant from the rest', () => {
	const run = aRun([aRow('a'), aRow('b')], { rows: [] });
	expect(restOf(run)).toEqual(['a', 'b']);
	expect(restOf(withRow(run, aRow('a')))).toEqual(['b']);
	expect(restOf(withRow(withRow(run, failed), aRow('a')))).toEqual([]);
});
