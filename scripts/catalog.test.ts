import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CatalogError, extract, extractPrebuilt } from './catalog.ts';

const libraries = 'https://lib.test/v1/';
const record = {
	model: 'https://huggingface.co/mlc-ai/Test-1B-q4f16_1-MLC',
	model_id: 'Test-1B-q4f16_1-MLC',
	model_lib: `${libraries}Test-1B.wasm`,
	vram_required_MB: 1000,
	overrides: { context_window_size: 4096 }
};
const from = (...records: unknown[]) => extract({ records, modelVersion: 'v1', libraries });

describe('extract', () => {
	it('makes one row of a record', () => {
		expect(from(record).families).toEqual([
			{
				id: 'Test-1B',
				variants: [{ q: 'q4f16_1', lib: 'Test-1B.wasm', mib: 1000, ctx: 4096 }]
			}
		]);
	});

	it('drops the -1k record of a variant and keeps the order of nothing else in mind', () => {
		const small = {
			...record,
			model_id: `${record.model_id}-1k`,
			overrides: { context_window_size: 1024 }
		};
		expect(from(small, record)).toEqual(from(record));
	});

	it('leaves embedding models out, whatever fields they have', () => {
		expect(from({ model_id: 'e', model_type: 1, dimensions: 384 }).families).toEqual([]);
	});

	it.each([
		['a field nobody has seen', { ...record, experts: 8 }],
		['a new kind of model', { ...record, model_type: 3 }],
		['a new override', { ...record, overrides: { context_window_size: 1, rope: 2 } }],
		['no context window', { ...record, overrides: {} }],
		['no memory figure', { ...record, vram_required_MB: undefined }],
		[
			'an unknown quantization',
			{ ...record, model_id: 'Test-1B-qat8-MLC', model: record.model.replace('q4f16_1', 'qat8') }
		],
		['an id of another form', { ...record, model_id: 'Test-1B' }],
		['weights under another name', { ...record, model: 'https://huggingface.co/other/x' }],
		['a library from elsewhere', { ...record, model_lib: 'https://other.test/Test-1B.wasm' }],
		['a -1k record alone', { ...record, model_id: `${record.model_id}-1k` }]
	])('stops at %s and says which record it is', (_, broken) => {
		expect(() => from(broken)).toThrow(CatalogError);
		expect(() => from(broken)).toThrow(broken.model_id);
	});

	it('stops at two records of one id', () => {
		expect(() => from(record, record)).toThrow(/expected one record, found two/);
	});

	it('stops at a -1k record with another library', () => {
		const other = {
			...record,
			model_id: `${record.model_id}-1k`,
			model_lib: `${libraries}other.wasm`
		};
		expect(() => from(record, other)).toThrow(CatalogError);
	});

	it('stops at a record that is no object', () => {
		expect(() => from(null)).toThrow();
	});

	it('stays small enough for the page', () => {
		const gzip = gzipSync(JSON.stringify(extractPrebuilt())).length;
		expect(gzip).toBeLessThan(4000);
	});
});
