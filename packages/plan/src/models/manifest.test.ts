import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from './file-error.ts';
import { parseManifest } from './manifest.ts';

const tensor = (name: string, overrides: object = {}) => ({
	name,
	shape: [8, 4],
	dtype: 'float32',
	format: 'raw',
	nbytes: 128,
	byteOffset: 0,
	...overrides
});

const shard = (dataPath: string, records: object[], overrides: object = {}) => ({
	dataPath,
	format: 'raw-shard',
	nbytes: 128 * records.length,
	records,
	...overrides
});

const manifest = (...records: object[]) => ({ metadata: { ParamBytes: 1 }, records });

function refusal(value: unknown): FileError {
	try {
		parseManifest(value);
	} catch (error) {
		if (error instanceof FileError) return error;
		throw error;
	}
	throw new Error('it was accepted');
}

describe('parseManifest', () => {
	it('counts what is downloaded and what lies on the GPU', () => {
		const parsed = parseManifest(
			manifest(
				shard('params_shard_0.bin', [
					tensor('a'),
					tensor('b', { byteOffset: 128, dtype: 'uint32', format: 'f32-to-bf16' })
				]),
				shard('params_shard_1.bin', [tensor('c', { format: 'f32-to-bf16', nbytes: 64 })], {
					nbytes: 64
				})
			)
		);
		expect(parsed).toEqual({
			shards: [
				{ path: 'params_shard_0.bin', bytes: 256 },
				{ path: 'params_shard_1.bin', bytes: 64 }
			],
			downloadBytes: 320,
			gpuBytes: 384,
			largestTensor: { name: 'a', bytes: 128 },
			tensorCount: 3
		});
	});

	it('takes tensors and shards of no bytes, and a tensor that ends where its shard does', () => {
		const none = tensor('none', { shape: [0], nbytes: 0, byteOffset: 0 });
		const parsed = parseManifest(
			manifest(
				shard('a.bin', [none], { nbytes: 0 }),
				shard('b.bin', [tensor('b')], { nbytes: 128 })
			)
		);
		expect(parsed).toMatchObject({
			downloadBytes: 128,
			largestTensor: { name: 'b', bytes: 128 },
			tensorCount: 2
		});
		// A buffer has four bytes at least.
		expect(parsed.gpuBytes).toBe(132);
		const first = parseManifest(manifest(shard('a.bin', [none], { nbytes: 0 })));
		expect(first.largestTensor).toEqual({ name: 'none', bytes: 4 });
	});

	it('names the first of the largest tensors', () => {
		const two = [tensor('a'), tensor('b', { byteOffset: 128 })];
		expect(parseManifest(manifest(shard('s.bin', two))).largestTensor.name).toBe('a');
	});

	it('rounds a tensor of odd size up to a whole GPU buffer', () => {
		const odd = tensor('a', { shape: [3], dtype: 'float16', nbytes: 6 });
		expect(parseManifest(manifest(shard('s.bin', [odd], { nbytes: 6 }))).gpuBytes).toBe(8);
	});

	it.each([
		'../evil.bin',
		'a/../../evil.bin',
		'/etc/passwd',
		'https://elsewhere.test/a.bin',
		'//elsewhere.test/a.bin',
		'a\\b.bin',
		'%2e%2e/a.bin',
		'a.bin?x=1',
		'a.bin#x',
		'.',
		'a//b.bin',
		''
	])('refuses the shard name %j', (path) => {
		expect(refusal(manifest(shard(path, [tensor('a')]))).kind).toBe('unsafe-path');
	});

	it('lets no accepted path leave the model’s folder', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[./\\a%2e:#?]{1,12}$/), (path) => {
				const base = 'https://hub.test/model/resolve/abc/';
				try {
					const [first] = parseManifest(manifest(shard(path, [tensor('a')]))).shards;
					expect(new URL(first?.path ?? '', base).href.startsWith(base)).toBe(true);
				} catch (error) {
					expect(error).toBeInstanceOf(FileError);
				}
			})
		);
	});

	it.each([
		['a tensor that ends behind its shard', [tensor('a', { byteOffset: 1 })], 'inconsistent'],
		['a tensor listed twice', [tensor('a'), tensor('a', { byteOffset: 128 })], 'inconsistent'],
		['no tensor at all', [], 'inconsistent'],
		['a negative offset', [tensor('a', { byteOffset: -1 })], 'wrong-shape'],
		['a negative dimension', [tensor('a', { shape: [-1] })], 'wrong-shape'],
		['bytes that do not match the shape', [tensor('a', { nbytes: 100 })], 'wrong-length'],
		['a type not known', [tensor('a', { dtype: 'complex64' })], 'wrong-shape'],
		['a negative size', [tensor('a', { nbytes: -1 })], 'wrong-shape'],
		['a size beyond all range', [tensor('a', { byteOffset: 1e300 })], 'wrong-shape'],
		['a shape that is no list', [tensor('a', { shape: '8x4' })], 'wrong-shape']
	])('refuses %s', (_, records, kind) => {
		const error = refusal(manifest(shard('s.bin', records)));
		expect(error.kind).toBe(kind);
		expect(error.file).toBe('tensor-cache.json');
		expect(error.message).toMatch(/^tensor-cache\.json: expected .+, found .+\.$/);
	});

	it('refuses the same shard twice', () => {
		const twice = manifest(shard('s.bin', [tensor('a')]), shard('s.bin', [tensor('b')]));
		expect(refusal(twice).found).toContain('s.bin twice');
	});

	it.each([null, 7, 'text', [], {}, { records: [] }, { records: {} }, { records: [{}] }])(
		'refuses %j',
		(value) => {
			expect(refusal(value).kind).toBe('wrong-shape');
		}
	);

	it('throws only FileError, whatever the value', () => {
		fc.assert(
			fc.property(fc.anything(), (value) => {
				expect(refusal(value)).toBeInstanceOf(FileError);
				expect(refusal({ records: [value] })).toBeInstanceOf(FileError);
			})
		);
	});
});
