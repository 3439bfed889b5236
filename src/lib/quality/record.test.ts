import { describe, expect, test } from 'vitest';
import { recordOf, summaryOf } from './quality.fixture.ts';
import { NO_QUALITY, parseQuality, withResult } from './record.ts';

const stored = (...records: unknown[]) => ({ version: 1, records });

describe('stored results', () => {
	test('are read as they were written', () => {
		const records = withResult(NO_QUALITY, recordOf());
		expect(parseQuality(structuredClone(records))).toEqual(records);
	});

	test.each([null, 'text', {}, { version: 2, records: [] }, { version: 1, records: 'none' }])(
		'of another form are none: %j',
		(value) => {
			expect(parseQuality(value)).toEqual(NO_QUALITY);
		}
	);

	test('that contradict themselves are dropped, the others stay', () => {
		const { divergence, ...rest } = summaryOf();
		const good = recordOf();
		const bad = [
			recordOf({ adapter: '' }),
			recordOf({ at: Number.NaN }),
			recordOf({ departures: [-1] }),
			recordOf({ summary: summaryOf({ sameToken: 1.1 }) }),
			recordOf({ summary: { ...summaryOf(), positions: 99 } }),
			recordOf({ summary: summaryOf({ lowerBounds: 857 }) }),
			recordOf({ summary: { ...rest, divergence: { ...divergence, largest: 0 } } }),
			recordOf({ summary: { ...rest, divergence: { ...divergence, quantiles: [1, 0, 0, 0, 0] } } })
		];
		for (const record of bad) expect(parseQuality(stored(record, good)).records).toEqual([good]);
	});
});

describe('a result', () => {
	test('replaces the one of the same variants, libraries, adapter and prompts', () => {
		const first = withResult(NO_QUALITY, recordOf({ at: 1 }));
		expect(withResult(first, recordOf({ at: 2 })).records).toEqual([recordOf({ at: 2 })]);
		for (const other of [
			{ variantId: 'other' },
			{ referenceId: 'other' },
			{ libraryUrl: 'other' },
			{ referenceLibraryUrl: 'other' },
			{ adapter: 'other' },
			{ set: 'other' }
		])
			expect(withResult(first, recordOf(other)).records).toHaveLength(2);
	});

	test('beyond the bound takes the place of the oldest', () => {
		let records = NO_QUALITY;
		for (let i = 0; i < 501; i++) records = withResult(records, recordOf({ variantId: `v${i}` }));
		expect(records.records).toHaveLength(500);
		expect(records.records[0]?.variantId).toBe('v1');
	});
});
