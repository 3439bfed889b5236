import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compiledDifferences, compiledIn, shapeDifference } from './compiled-in.ts';
import { parameterDifference } from './parameters.ts';
import { PHI_VISION } from './phi-vision.fixture.ts';

const params = [
	{ name: 'model.embed_tokens.weight', shape: ['vocab_size', 64], dtype: 'float16' },
	{ name: 'model.norm.weight', shape: [64], dtype: 'float16' }
];
const tensors = [
	{ name: 'model.norm.weight', shape: [64], dtype: 'float16' },
	{ name: 'model.embed_tokens.weight', shape: [1000, 64], dtype: 'float16' }
];

describe('the parameters of a library and the tensors of a model', () => {
	it('are equal in any order, with the vocabulary’s size in its place', () => {
		expect(parameterDifference(params, tensors, 1000)).toBeNull();
	});

	it.each([
		['a missing tensor', tensors.slice(0, 1), 'missing', 'model.embed_tokens.weight'],
		[
			'another shape',
			tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.map((n) => (n === 64 ? 65 : n)) })),
			'shape',
			'model.embed_tokens.weight'
		],
		[
			'another type',
			tensors.map((tensor) => ({ ...tensor, dtype: 'float32' })),
			'dtype',
			'model.embed_tokens.weight'
		],
		[
			'a tensor too many',
			[...tensors, { name: 'lm_head.weight', shape: [1000, 64], dtype: 'float16' }],
			'extra',
			'lm_head.weight'
		]
	])('differ by %s', (_, found, kind, what) => {
		expect(parameterDifference(params, found, 1000)).toMatchObject({ kind, what });
	});

	it('differ by the vocabulary', () => {
		expect(parameterDifference(params, tensors, 1001)?.sentence).toBe(
			'Tensor model.embed_tokens.weight is [1000, 64]; the library reads [1001, 64].'
		);
	});

	it('cannot be compared where the library names none', () => {
		expect(parameterDifference(null, tensors, 1000)?.kind).toBe('no-parameters');
	});

	it('are equal only if they are, whatever is changed', () => {
		const tensor = fc.record({
			name: fc.constantFrom('a', 'b', 'c'),
			shape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
			dtype: fc.constantFrom('float16', 'uint32')
		});
		const set = fc.uniqueArray(tensor, { selector: ({ name }) => name });
		const sorted = (list: readonly { name: string }[]) =>
			[...list].sort((a, b) => (a.name < b.name ? -1 : 1));
		fc.assert(
			fc.property(set, set, (library, model) => {
				const equal = JSON.stringify(sorted(library)) === JSON.stringify(sorted(model));
				expect(parameterDifference(library, model, 7) === null).toBe(equal);
			})
		);
	});
});

const LLAMA = {
	model_type: 'llama',
	quantization: 'q4f16_1',
	sliding_window_size: -1,
	model_config: {
		hidden_size: 4096,
		intermediate_size: 14336,
		num_hidden_layers: 32,
		num_attention_heads: 32,
		num_key_value_heads: 8,
		rms_norm_eps: 1e-5,
		position_embedding_base: 500000,
		context_window_size: 8192,
		vocab_size: 128256,
		max_batch_size: 80
	}
};
const ROPE = {
	rope_type: 'llama3',
	factor: 8,
	low_freq_factor: 1,
	high_freq_factor: 4,
	original_max_position_embeddings: 8192
};
const changed = (fields: object, top: object = {}) =>
	compiledIn({ ...LLAMA, ...top, model_config: { ...LLAMA.model_config, ...fields } });
const own = compiledIn(LLAMA);

describe('what is compiled in', () => {
	it('is told in a sentence of bearable length, whatever a field is called', () => {
		const [found] = compiledDifferences(own, changed({ ['x'.repeat(5000)]: 'y'.repeat(5000) }));
		expect(found?.sentence.length).toBeLessThan(1000);
		expect(found?.sentence).toContain('xxx…: the model has none');
	});

	it('has no field that only JavaScript gives to every object', () => {
		const [found] = compiledDifferences(own, changed({ toString: 1 }));
		expect(found).toMatchObject({ what: 'toString', found: 'none', expected: '1' });
	});

	it('is equal for what differs only in what a load sets', () => {
		const other = changed({
			context_window_size: 131072,
			prefill_chunk_size: 8192,
			vocab_size: 128258,
			max_batch_size: 1,
			head_dim: 128,
			rope_scaling: null,
			tie_word_embeddings: false
		});
		expect(compiledDifferences(own, other)).toEqual([]);
	});

	it('goes by any of its names, and by the value, not by the order of its keys', () => {
		const { position_embedding_base, rms_norm_eps, ...rest } = LLAMA.model_config;
		const renamed = compiledIn({
			...LLAMA,
			model_config: {
				...rest,
				rope_theta: position_embedding_base,
				layer_norm_eps: rms_norm_eps,
				rope_scaling: ROPE
			}
		});
		const reversed = Object.fromEntries(Object.entries(ROPE).reverse());
		expect(compiledDifferences(renamed, changed({ rope_scaling: reversed }))).toEqual([]);
	});

	it.each([
		['model_type', changed({}, { model_type: 'mistral' })],
		['rope_theta', changed({ position_embedding_base: 10000 })],
		// Llama 3 and 3.1 share every shape.
		['rope_scaling', changed({ rope_scaling: ROPE })],
		['rms_norm_eps', changed({ rms_norm_eps: 1e-6 })],
		['head_dim', changed({ head_dim: 64 })],
		['hidden_activation', changed({ hidden_act: 'gelu' })],
		['sliding_window_size', changed({}, { sliding_window_size: 4096 })],
		['tie_word_embeddings', changed({ tie_word_embeddings: true })],
		['attention_bias', changed({ attention_bias: true })],
		['final_logit_softcapping', changed({ final_logit_softcapping: 30 })]
	])('differs by %s, both ways', (what, other) => {
		expect(compiledDifferences(own, other)).toMatchObject([{ kind: 'compiled-in', what }]);
		expect(compiledDifferences(other, own)).toMatchObject([{ what }]);
	});

	it('says a value of up to 120 characters whole, and cuts a longer one there', () => {
		const said = (hidden_act: string) =>
			compiledDifferences(own, changed({ hidden_act }))[0]?.expected;
		expect(said('x'.repeat(120))).toBe('x'.repeat(120));
		expect(said('x'.repeat(121))).toBe(`${'x'.repeat(120)}…`);
	});

	it('says a list as a list', () => {
		const [found] = compiledDifferences(own, changed({ layer_types: ['a', ['b']] }));
		expect(found?.expected).toBe('["a",["b"]]');
	});

	it.each<[string, unknown]>([
		['null', null],
		['false', false],
		['-1', -1],
		['an empty object', {}],
		['an empty list', []]
	])('says nothing by %s', (_, value) => {
		expect(compiledDifferences(own, changed({ rope_scaling: value }))).toEqual([]);
	});

	it.each<[string, unknown]>([
		['0', 0],
		['-2', -2],
		['an empty text', ''],
		['true', true],
		['a list of nothing', [null]]
	])('says something by %s', (_, value) => {
		expect(compiledDifferences(own, changed({ rope_scaling: value }))).toHaveLength(1);
	});

	it('has the size of a head and the heads of keys, where they follow from the others', () => {
		const model_config = { ...LLAMA.model_config, num_key_value_heads: null };
		expect(compiledIn({ ...LLAMA, model_config }).fields).toMatchObject({
			num_key_value_heads: 32,
			head_dim: 128
		});
		for (const given of [{ hidden_size: 4096 }, { num_attention_heads: 32 }])
			expect(Object.keys(compiledIn({ model_config: given }).fields)).toEqual(Object.keys(given));
	});

	it.each(['text_config', 'language_config', 'llm_config'])(
		'of a model that sees is what its %s says',
		(key) => {
			const { fields } = compiledIn({
				...LLAMA,
				model_config: { image_size: 336, hidden_size: 1, [key]: LLAMA.model_config }
			});
			expect(fields).toEqual({ ...own.fields, image_size: 336 });
		}
	);

	it('may name no architecture, which differs from every one', () => {
		const unnamed = compiledIn({ model_config: LLAMA.model_config });
		expect(unnamed).toMatchObject({ modelType: null, quantization: null });
		expect(compiledDifferences(unnamed, unnamed)).toEqual([]);
		const differences = compiledDifferences(unnamed, own);
		expect(differences).toMatchObject([{ what: 'model_type', found: 'none', expected: 'llama' }]);
		expect(shapeDifference(differences)?.what).toBe('model_type');
	});

	it('goes by the order of a list', () => {
		const between = (a: unknown, b: unknown) =>
			compiledDifferences(changed({ layer_types: a }), changed({ layer_types: b })).length;
		expect([between([1, 2], [1, 2]), between([1, 2], [2, 1]), between([1, [2]], [[1], 2])]).toEqual(
			[0, 1, 1]
		);
	});

	it('says the first difference in words', () => {
		expect(compiledDifferences(own, changed({ rope_scaling: ROPE }))[0]?.sentence).toMatch(
			/^rope_scaling .+: the model has none, the library was compiled for \{"factor":8,/
		);
	});

	it('tells which differences show in the tensors', () => {
		const between = (fields: object) =>
			shapeDifference(compiledDifferences(own, changed(fields)))?.what ?? null;
		expect(between({ hidden_size: 2048, head_dim: 128 })).toBe('hidden_size');
		expect(between({ rms_norm_eps: 1e-6 })).toBeNull();
	});

	it('holds how images are cut up: the engine goes by the sizes of the model that a library was made for', () => {
		const { vision_config, img_processor } = PHI_VISION.model_config;
		const phi = (change: object) =>
			compiledIn({ ...PHI_VISION, model_config: { ...PHI_VISION.model_config, ...change } });
		expect(compiledDifferences(phi({}), compiledIn(PHI_VISION))).toEqual([]);
		const finer = phi({ vision_config: { ...vision_config, image_size: 448 } });
		expect(compiledDifferences(finer, compiledIn(PHI_VISION))).toMatchObject([
			{ what: 'vision_config' }
		]);
		const more = phi({ img_processor: { ...img_processor, num_img_tokens: 256 } });
		expect(compiledDifferences(more, compiledIn(PHI_VISION))).toMatchObject([
			{ what: 'img_processor' }
		]);
	});

	it('refuses what is no configuration', () => {
		expect(() => compiledIn('{}')).toThrow(/mlc-chat-config\.json: expected/);
	});
});
