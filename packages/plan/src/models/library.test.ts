import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { qwenLibrary, qwenMetadata, wasmAround } from '../memory/worked-example.fixture.ts';
import { FileError } from './file-error.ts';
import {
	findLibraryMetadata,
	importsSafeCall,
	parseLibrary,
	readLibraryMetadata
} from './library.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const SMALL = '{"model_type":"llama","params":[{"name":"w","shape":[2],"dtype":"float32"}]}';

function thrown(run: () => unknown): FileError {
	try {
		run();
	} catch (error) {
		if (error instanceof FileError) return error;
		throw error;
	}
	throw new Error('nothing was thrown');
}

describe('a library’s fingerprint', () => {
	const base = qwenMetadata('q4f16_1');
	const fingerprint = (metadata: object, imports = ['TVMFFIWasmSafeCall', 'other']) =>
		readLibraryMetadata(wasmAround(JSON.stringify(metadata), imports)).fingerprint;

	it('is the same for models that differ in sizes alone', () => {
		expect(fingerprint(base)).toMatch(/^[0-9a-f]{16}$/);
		expect(fingerprint(qwenMetadata('q4f32_1', 'vocab_size'))).toBe(fingerprint(base));
		expect(fingerprint({ ...base, prefill_chunk_size: 2048, params: [] })).toBe(fingerprint(base));
		const { model_type, ...rest } = base;
		const { prefill, ...others } = base.memory_usage;
		const reordered = { model_type, ...rest, memory_usage: { ...others, prefill } };
		expect(fingerprint(reordered, ['other', 'TVMFFIWasmSafeCall'])).toBe(fingerprint(base));
	});

	it('is another one for another compiler, runtime, batch or set of functions', () => {
		const all = [
			fingerprint(base),
			fingerprint({ ...base, pipeline_parallel_stages: 1 }),
			fingerprint({ ...base, max_batch_size: 128 }),
			fingerprint({ ...base, memory_usage: { ...base.memory_usage, argsort_probs: 0 } }),
			fingerprint(base, ['other']),
			readLibraryMetadata(encode(JSON.stringify(base))).fingerprint
		];
		expect(new Set(all).size).toBe(all.length);
	});
});

describe('readLibraryMetadata', () => {
	it('finds the metadata between other bytes', () => {
		const library = qwenLibrary('q4f16_1');
		expect(library).toMatchObject({
			modelType: 'qwen2',
			quantization: 'q4f16_1',
			prefillChunkSize: 1024,
			contextWindowSize: 32_768,
			slidingWindowSize: null,
			maxBatchSize: 80,
			kvStateKind: 'kv_cache',
			workspaceBytes: null,
			attention: { layers: 24, queryHeads: 14, keyValueHeads: 2, headDim: 64 }
		});
		expect(library.params).toHaveLength(2 + 24 * 11 + 1);
		expect(library.memoryUsage['prefill']).toBe(40_455_424);
	});

	it('ends where the JSON value ends, whatever brackets stand in its strings', () => {
		const text = '{"model_type":"a}]\\"{","params":[]}{"model_type":"b","params":[]}';
		expect(readLibraryMetadata(wasmAround(text)).modelType).toBe('a}]"{');
	});

	it('takes the first of several texts that lists parameters', () => {
		const bytes = wasmAround(
			`{"model_type": 7} {"model_type":"bare"} {"model_type" and no more\0${SMALL}{"model_type":"later","params":[]}`
		);
		expect(readLibraryMetadata(bytes).modelType).toBe('llama');
	});

	it('takes one without parameters where no other has them', () => {
		const library = readLibraryMetadata(wasmAround('{"model_type":"bare"}'));
		expect(library).toMatchObject({ modelType: 'bare', params: null, attention: null });
	});

	it('takes one that stands inside a text that is none itself', () => {
		const invalid = `{"model_type" no colon [${SMALL}]}`;
		const wrong = `{"model_type":7,"inner":${SMALL}}`;
		for (const text of [invalid, wrong])
			expect(readLibraryMetadata(wasmAround(text)).modelType).toBe('llama');
	});

	it('takes an empty list of parameters for none', () => {
		const bytes = wasmAround(`{"model_type":"empty","params":[]}\0${SMALL}`);
		expect(readLibraryMetadata(bytes).modelType).toBe('llama');
		const only = readLibraryMetadata(wasmAround('{"model_type":"empty","params":[]}'));
		expect(only.params).toBeNull();
	});

	it('reads what other compilers write', () => {
		const text = JSON.stringify({
			model_type: 'mistral',
			quantization: 'q4f16_1',
			sliding_window: 4096,
			attention_sink_size: 4,
			prefill_chunk_size: -1,
			tensor_parallel_shards: 2,
			pipeline_parallel_stages: 2,
			disaggregation: false,
			active_vocab_size: null,
			kv_state_kind: null,
			kv_cache: {
				num_hidden_layers: 0,
				num_attention_heads: 0,
				num_key_value_heads: 0,
				head_dim: 0
			},
			memory_usage: null,
			params: [
				{
					name: 'embed',
					shape: [-1, 8],
					dtype: 'float16',
					preprocs: [{ func_name: 'f', out_shape: ['vocab_size', 8], out_dtype: 'float16' }],
					pipeline_stages: [0]
				}
			]
		});
		expect(readLibraryMetadata(wasmAround(text))).toMatchObject({
			slidingWindowSize: 4096,
			prefillChunkSize: null,
			maxBatchSize: null,
			kvStateKind: 'kv_cache',
			attention: null,
			shards: 4,
			memoryUsage: {},
			params: [{ shape: ['vocab_size', 8] }]
		});
	});

	it('takes the last of keys that occur twice, as the engine does', () => {
		const text =
			'{"model_type":"a","prefill_chunk_size":1,"model_type":"b","prefill_chunk_size":2}';
		expect(readLibraryMetadata(wasmAround(text))).toMatchObject({
			modelType: 'b',
			prefillChunkSize: 2
		});
	});

	it('reads names in any script, and bytes that are no UTF-8 as names not known', () => {
		expect(readLibraryMetadata(wasmAround('{"model_type":"模型 \\u00e9🦙"}')).modelType).toBe(
			'模型 é🦙'
		);
		const broken = wasmAround('{"model_type":"a#b"}');
		broken[broken.indexOf('#'.charCodeAt(0))] = 0xff;
		expect(readLibraryMetadata(broken).modelType).toBe('a\ufffdb');
	});

	it('does not look inside the strings of a good one', () => {
		const quoting = JSON.stringify({ model_type: 'outer', note: SMALL });
		expect(readLibraryMetadata(wasmAround(quoting)).modelType).toBe('outer');
	});

	it('ignores fields it does not know, and does without those that are not needed', () => {
		const text = '{"model_type":"x","params":[],"kv_cache":{"head_dim":64},"new":{"a":[1]}}';
		const library = readLibraryMetadata(wasmAround(text));
		expect(library.attention).toBeNull();
		expect(library.kvStateKind).toBe('kv_cache');
	});

	it('keeps a symbolic dimension and a declared workspace', () => {
		const text =
			'{"model_type":"x","params":[{"name":"e","shape":["vocab_size",8],"dtype":"float16"}],"workspace_bytes":77}';
		const library = readLibraryMetadata(wasmAround(text));
		expect(library.params?.[0]?.shape).toEqual(['vocab_size', 8]);
		expect(library.workspaceBytes).toBe(77);
	});

	it('knows what its module imports, and gives the same again from text and imports', () => {
		const bytes = wasmAround(JSON.stringify(qwenMetadata('q4f16_1')), ['TVMFFIWasmSafeCall']);
		const { metadata, text } = findLibraryMetadata(bytes);
		expect(metadata.imports).toEqual([
			{ module: 'env', name: 'TVMFFIWasmSafeCall', kind: 'function' }
		]);
		expect(parseLibrary(text, metadata.imports)).toEqual(metadata);
		expect(readLibraryMetadata(encode(SMALL)).imports).toBeNull();
		expect(readLibraryMetadata(wasmAround(SMALL)).imports).toEqual([]);
	});

	it.each([
		['a negative number', '{"model_type":"x","prefill_chunk_size":-5}', 'prefill_chunk_size'],
		['a number beyond all range', '{"model_type":"x","workspace_bytes":1e400}', 'workspace_bytes'],
		['a fraction', '{"model_type":"x","memory_usage":{"prefill":1.5}}', 'memory_usage.prefill'],
		[
			'a dimension above 2^53',
			'{"model_type":"x","params":[{"name":"w","shape":[9007199254740993],"dtype":"f"}]}',
			'params.0.shape.0'
		],
		['params that are no list', '{"model_type":"x","params":"many"}', 'params']
	])('names the field for %s', (_, text, field) => {
		const error = thrown(() => readLibraryMetadata(wasmAround(text), 'model.wasm'));
		expect(error.kind).toBe('wrong-shape');
		expect(error.file).toBe('model.wasm');
		expect(error.expected).toContain(field);
	});

	it('says that the metadata break off', () => {
		const whole = wasmAround(JSON.stringify(qwenMetadata('q4f16_1')));
		const error = thrown(() => readLibraryMetadata(whole.subarray(0, 5000)));
		expect(error.kind).toBe('truncated');
	});

	it.each([
		['inside a string with escaped quotes', '{"model_type":"a\\"}\\"'],
		['behind a backslash', '{"model_type":"a\\\\\\'],
		['inside a number', '{"model_type":"x","workspace_bytes":12']
	])('says that they break off %s', (_, text) => {
		expect(thrown(() => readLibraryMetadata(encode(text))).kind).toBe('truncated');
	});

	it.each(['NaN', 'Infinity', '-', '01', '0x10'])('refuses %s as a number', (number) => {
		const text = `{"model_type":"x","workspace_bytes":${number}}`;
		expect(thrown(() => readLibraryMetadata(wasmAround(text))).kind).toBe('not-json');
	});

	it('does not take metadata that were quoted as a string', () => {
		const quoted = JSON.stringify(SMALL);
		expect(thrown(() => readLibraryMetadata(wasmAround(quoted))).kind).toBe('no-metadata');
	});

	it('says that a library has no metadata', () => {
		const error = thrown(() => readLibraryMetadata(wasmAround('nothing here')));
		expect(error.kind).toBe('no-metadata');
	});

	it('says what arrived in place of a library', () => {
		expect(thrown(() => readLibraryMetadata(encode('<!doctype html><p>404'))).kind).toBe('html');
		expect(thrown(() => readLibraryMetadata(new Uint8Array())).kind).toBe('empty');
	});

	it('survives values nested deeper than any metadata', () => {
		const deep = `{"model_type":"x","a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
		expect(thrown(() => readLibraryMetadata(wasmAround(deep))).kind).toBe('truncated');
		// One that follows is still found.
		expect(readLibraryMetadata(wasmAround(`${deep}\0${SMALL}`)).modelType).toBe('llama');
	});

	it('takes values that are nested 64 deep, and no deeper', () => {
		const nested = (depth: number) =>
			`{"model_type":"x","a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
		expect(readLibraryMetadata(wasmAround(nested(64))).modelType).toBe('x');
		expect(thrown(() => readLibraryMetadata(wasmAround(nested(65)))).kind).toBe('truncated');
	});

	it('tries a thousand beginnings, and no more', () => {
		const after = (n: number) => encode(`${'{"model_type"\0'.repeat(n)}${SMALL}`);
		expect(readLibraryMetadata(after(999)).modelType).toBe('llama');
		expect(thrown(() => readLibraryMetadata(after(1000))).kind).toBe('truncated');
	});

	it('takes metadata of up to 4 MiB and 100,000 values, and says where there are more', () => {
		const start = '{"model_type":"x","a":"';
		const long = (bytes: number) =>
			encode(`${start}${'y'.repeat(bytes - start.length - 2)}"}followed by more`);
		expect(readLibraryMetadata(long(4 * 2 ** 20)).modelType).toBe('x');
		const error = thrown(() => readLibraryMetadata(long(4 * 2 ** 20 + 1)));
		expect(error.kind).toBe('wrong-shape');
		expect(error.message).toContain('at most 4194304 bytes and 100000 values, found more of them');
		// Two brackets, a comma between the fields, and one behind each number but the last.
		const many = (values: number) =>
			encode(
				`{"model_type":"x","a":[${Array(values - 2)
					.fill(1)
					.join()}]}`
			);
		expect(readLibraryMetadata(many(100_000)).modelType).toBe('x');
		expect(thrown(() => readLibraryMetadata(many(100_001))).kind).toBe('wrong-shape');
	});

	it('says how what breaks off begins, and after how many bytes', () => {
		const { found } = thrown(() => readLibraryMetadata(encode('xx{"model_type":"a",\0')));
		expect(found).toBe('text that breaks off after 18 bytes: “{"model_type":"a",”');
		// A control character is no part of a string, either.
		const control = thrown(() => readLibraryMetadata(encode('{"model_type":"a\u001f","b":1}')));
		expect(control.found).toBe('text that breaks off after 16 bytes: “{"model_type":"a”');
		expect(readLibraryMetadata(encode('{"model_type":"a ","b":1}')).modelType).toBe('a ');
		const broken = `{"model_type":"a","b":${'9'.repeat(60)},}`;
		expect(thrown(() => readLibraryMetadata(encode(broken))).found).toBe(
			`broken JSON: “${broken.slice(0, 60)}…”`
		);
	});

	it('tells runtimes that choose tokens on the GPU by one import, where the imports are known', () => {
		const of = (bytes: Uint8Array) => importsSafeCall(readLibraryMetadata(bytes));
		expect(of(wasmAround(SMALL, ['other', 'TVMFFIWasmSafeCall']))).toBe(true);
		expect(of(wasmAround(SMALL, ['other']))).toBe(false);
		expect(of(wasmAround(SMALL, []))).toBe(false);
		expect(of(encode(SMALL))).toBeNull();
	});

	it('takes no other key for the model’s type', () => {
		for (const text of ['{"model_types":"x","params":[]}', '{ "model_type":"x"}'])
			expect(thrown(() => readLibraryMetadata(wasmAround(text))).kind).toBe('no-metadata');
	});

	it('finds them at every offset', () => {
		for (let offset = 0; offset < 40; offset++)
			for (const filler of ['a', '{', '"', 'e', '{"model_typ'])
				expect(
					readLibraryMetadata(encode(filler.repeat(40).slice(0, offset) + SMALL)).modelType
				).toBe('llama');
	});

	it.each([
		['nothing', {}, { shards: 1, namesStages: false, prefillChunkSize: null, maxBatchSize: null }],
		[
			'one of each',
			{
				tensor_parallel_shards: 1,
				pipeline_parallel_stages: 1,
				prefill_chunk_size: 1,
				max_batch_size: 1,
				workspace_bytes: 0
			},
			{ shards: 1, namesStages: true, prefillChunkSize: 1, maxBatchSize: 1, workspaceBytes: 0 }
		],
		['stages alone', { pipeline_parallel_stages: 3 }, { shards: 3 }],
		['shards alone', { tensor_parallel_shards: 2 }, { shards: 2 }],
		[
			'no tokens at once',
			{ prefill_chunk_size: 0, sliding_window_size: -1 },
			{ prefillChunkSize: null, slidingWindowSize: null }
		],
		[
			'a field left out of the attention',
			{
				kv_cache: {
					num_hidden_layers: 1,
					num_attention_heads: 1,
					num_key_value_heads: 0,
					head_dim: 1
				}
			},
			{ attention: null }
		],
		[
			'the least attention',
			{
				kv_cache: {
					num_hidden_layers: 1,
					num_attention_heads: 1,
					num_key_value_heads: 1,
					head_dim: 1,
					pages_extra: 0
				}
			},
			{ attention: { layers: 1, queryHeads: 1, keyValueHeads: 1, headDim: 1, pagesExtra: 0 } }
		]
	])('reads %s', (_, fields, expected) => {
		const text = JSON.stringify({ model_type: 'x', ...fields });
		expect(readLibraryMetadata(wasmAround(text))).toMatchObject(expected);
	});

	it.each([
		{ prefill_chunk_size: -2 },
		{ tensor_parallel_shards: 0 },
		{ pipeline_parallel_stages: 0 },
		{ workspace_bytes: -1 },
		{ params: [{ name: 'w', shape: [-2], dtype: 'float32' }] }
	])('refuses %j', (fields) => {
		const text = JSON.stringify({ model_type: 'x', ...fields });
		expect(thrown(() => readLibraryMetadata(wasmAround(text))).kind).toBe('wrong-shape');
	});

	it('throws a FileError or returns metadata for any bytes', () => {
		const piece = fc.oneof(
			fc.uint8Array({ maxLength: 60 }),
			fc.constantFrom('{"model_type"', '"', '{', '}', '[', ']', ':', '\\', '\0', SMALL).map(encode),
			fc.json().map(encode)
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, wasm) => {
				const bytes = Uint8Array.from([
					...(wasm ? [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] : []),
					...pieces.flatMap((p) => [...p])
				]);
				try {
					expect(readLibraryMetadata(bytes).modelType).not.toBe('');
				} catch (error) {
					expect(error).toBeInstanceOf(FileError);
				}
			}),
			{ numRuns: runs(500) }
		);
	});

	it('reads the same from every place in the file', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array(), (before, after) => {
				const bytes = Uint8Array.from([...before, 0, ...encode(SMALL), ...after]);
				expect(readLibraryMetadata(bytes).modelType).toBe('llama');
			})
		);
	});

	it('never takes a library cut short for a whole one', () => {
		const whole = encode(SMALL);
		fc.assert(
			fc.property(fc.nat(whole.length - 1), (length) => {
				expect(() => readLibraryMetadata(whole.subarray(0, length))).toThrow(FileError);
			})
		);
	});
});
