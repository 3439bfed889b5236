import { describe, expect, it } from 'vitest';
import { aCatalog } from '#plan/models/a-catalog.fixture.ts';
import { compiledIn } from '#plan/own/compiled-in.ts';
import type { LookedLibrary } from '../files/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import { findLibrary, type Asked, type LibraryReads } from './find-library.ts';

const CONFIG = {
	model_type: 'llama',
	quantization: 'q4f16_1',
	model_config: {
		hidden_size: 64,
		num_attention_heads: 4,
		num_hidden_layers: 2,
		rope_theta: 500000
	}
};
const PARAMS = [
	{ name: 'embed', shape: ['vocab_size', 64], dtype: 'float16' },
	{ name: 'norm', shape: [64], dtype: 'float16' }
];
const TENSORS = [
	{ name: 'embed', shape: [1000, 64], dtype: 'float16' },
	{ name: 'norm', shape: [64], dtype: 'float16' }
];
const looked = (params: object[] = PARAMS): LookedLibrary => ({
	metadata: JSON.stringify({ model_type: 'llama', quantization: 'q4f16_1', params }),
	imports: null,
	sha256: '0'.repeat(64),
	bytes: 1
});
const asked = (change: Partial<Asked> = {}): Asked => ({
	name: 'alice/Poet-8B',
	quantization: 'q4f16_1',
	vocabSize: 1000,
	compiled: compiledIn(CONFIG),
	tensors: TENSORS,
	...change
});
const withField = (field: object) => ({
	...CONFIG,
	model_config: { ...CONFIG.model_config, ...field }
});

/** Fake files of the fixture's three q4f16_1 libraries. */
function find(
	change: Partial<Asked>,
	{
		llama = CONFIG,
		qwen = withField({ hidden_size: 128 }),
		library = looked()
	}: { llama?: object | Failure; qwen?: object; library?: LookedLibrary | Failure } = {}
) {
	const read: string[] = [];
	const reads: LibraryReads = {
		config: ({ family }) => {
			const config = /llama/i.test(family.id) ? llama : qwen;
			return config instanceof Failure
				? Promise.reject(config)
				: Promise.resolve(JSON.stringify(config));
		},
		library: ({ variant }) => {
			read.push(variant.id);
			return library instanceof Failure ? Promise.reject(library) : Promise.resolve(library);
		}
	};
	return {
		read,
		found: findLibrary(asked(change), aCatalog(), reads, new AbortController().signal)
	};
}

describe('findLibrary', () => {
	it('takes the library that reads the same tensors and was compiled for the same values', async () => {
		const { found, read } = find({});
		expect(await found).toMatchObject({
			kind: 'fits',
			differences: [],
			candidate: { variant: { libraryUrl: 'https://libraries.example/v0/llama-q4f16_1.wasm' } }
		});
		// The one whose configuration differs in shape was never fetched.
		expect(read).toHaveLength(1);
	});

	it('names another rope_theta of the same shapes, and lets nothing else decide it', async () => {
		const { found } = find({ compiled: compiledIn(withField({ rope_theta: 10000 })) });
		expect(await found).toMatchObject({
			kind: 'fits',
			differences: [{ what: 'rope_theta', expected: '500000', found: '10000' }]
		});
	});

	it('names the first tensor of another shape, although the configuration agrees', async () => {
		const tensors = TENSORS.map((tensor) => ({ ...tensor, shape: [...tensor.shape, 1] }));
		expect(await find({ tensors }).found).toMatchObject({
			kind: 'none',
			closest: { difference: { kind: 'shape', what: 'embed', found: '[1000, 64, 1]' } }
		});
	});

	it('names a missing tensor', async () => {
		expect(await find({ tensors: TENSORS.slice(0, 1) }).found).toMatchObject({
			kind: 'none',
			closest: { difference: { kind: 'missing', what: 'norm' } }
		});
	});

	it('does not fetch the library of a model of other shapes, and says the difference', async () => {
		const { found, read } = find({ compiled: compiledIn(withField({ num_hidden_layers: 3 })) });
		expect(await found).toMatchObject({
			kind: 'none',
			closest: { difference: { what: 'num_hidden_layers', expected: '2', found: '3' } }
		});
		expect(read).toEqual([]);
	});

	it('says what could not be looked at', async () => {
		const gone = new Failure('network', 'Gone.', { cause: 'unreachable' });
		expect(await find({}, { llama: gone }).found).toMatchObject({
			kind: 'none',
			unread: { message: 'Gone.' }
		});
		expect(await find({}, { library: gone }).found).toMatchObject({ kind: 'none', unread: gone });
	});

	it('knows none where the catalogue has no such quantization', async () => {
		expect(await find({ quantization: 'q3f16_1' }).found).toEqual({
			kind: 'none',
			closest: null,
			unread: null
		});
	});

	it('ends when it is cancelled', async () => {
		const cancelled = new Failure('cancelled', 'Cancelled.');
		await expect(find({}, { llama: cancelled }).found).rejects.toBe(cancelled);
	});
});
