import { expect, test } from 'vitest';
import { KeptQuality } from './kept.ts';
import { recordOf as aRecord } from './quality.fixture.ts';
import { NO_QUALITY, withResult, type QualityRecord, type QualityRecords } from './record.ts';

const urlOf = (id: string) => `https://site.test/${id}.wasm`;
const recordOf = (change: Partial<QualityRecord>) => {
	const variantId = change.variantId ?? 'q4';
	const referenceId = change.referenceId ?? 'f32';
	return aRecord({
		...{ variantId, referenceId, adapter: 'a GPU' },
		...{ libraryUrl: urlOf(variantId), referenceLibraryUrl: urlOf(referenceId) },
		...change
	});
};
/** A fake of what is persisted. */
function kept(...records: QualityRecord[]) {
	let current = records.reduce(withResult, NO_QUALITY);
	return new KeptQuality(
		{
			get current() {
				return current;
			},
			problem: null,
			update: (change: (value: QualityRecords) => QualityRecords) => {
				current = change(current);
				return Promise.resolve();
			}
		},
		{ adapter: () => 'a GPU', libraryUrlOf: (id) => (id === 'gone' ? null : urlOf(id)) }
	);
}

test('the newest result of a variant counts', () => {
	const results = kept(recordOf({ at: 1, set: 'one' }), recordOf({ at: 2, set: 'two' }));
	expect(results.of('q4')).toMatchObject({ kind: 'measured', record: { at: 2 } });
	expect(results.of('f32')).toEqual({ kind: 'reference' });
	expect(results.of('f16')).toBeNull();
});

test.each([
	['another GPU', { adapter: 'another' }],
	['another library', { libraryUrl: 'https://site.test/old.wasm' }],
	['another library of the reference', { referenceLibraryUrl: 'https://site.test/old.wasm' }],
	['a variant that the catalogue lost', { variantId: 'gone' }]
])('results of %s say nothing here', (_, change) => {
	expect(kept(recordOf(change)).current).toEqual([]);
});

test('what was added is there at once', async () => {
	const results = kept();
	await results.add(recordOf({ at: 7 }));
	expect(results.of('q4')).toMatchObject({ record: { at: 7 } });
});
