import { ModelType, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, it } from 'vitest';
import { extractPrebuilt } from '../../../../scripts/catalog.ts';
import { readCatalog, type Family, type Variant } from './catalog.ts';

const pocket = {
	hash: '0123456789abcdef',
	contextWindow: 2048,
	systemMessage: 'You are pocket.',
	variants: [
		{
			quantization: 'q4f16_1',
			model: 'q4f16_1/',
			library: 'pocket-q4f16_1.wasm',
			downloadBytes: 400_000
		},
		{
			quantization: 'q0f32',
			model: 'q0f32/',
			library: 'pocket-q0f32.wasm',
			downloadBytes: 1_400_000,
			declaredBytes: 5_000_000
		}
	]
};
const families = readCatalog(JSON.parse(JSON.stringify(extractPrebuilt())), pocket);
const prebuilt = families.slice(1);
const variants = prebuilt.flatMap((family) => family.variants);
const byId = new Map(variants.map((variant) => [variant.id, variant]));

// Counted from WebLLM's own list, by other means than the extraction's.
const records = prebuiltAppConfig.model_list.filter(
	(record) => record.model_type !== ModelType.embedding
);
const weights = new Set(records.map((record) => record.model));
const idOf = (model: string) => model.slice(model.lastIndexOf('/') + 1);

const family = (id: string): Family => {
	const found = families.find((candidate) => candidate.id === id);
	if (!found) throw new Error(`no family ${id}`);
	return found;
};
const variant = (id: string): Variant => {
	const found = byId.get(id);
	if (!found) throw new Error(`no variant ${id}`);
	return found;
};

describe('the prebuilt catalogue', () => {
	it('has one variant for each set of weights WebLLM lists, embedding models left out', () => {
		expect(variants.map(({ id }) => id).sort()).toEqual([...weights].map(idOf).sort());
		expect(prebuiltAppConfig.model_list.length).toBeGreaterThan(records.length);
		expect(byId.size).toBe(variants.length);
	});

	it('takes every URL and figure over from the record of the same id', () => {
		for (const record of records.filter(({ model_id }) => !model_id.endsWith('-1k'))) {
			const found = variant(record.model_id);
			expect(found.modelUrl).toBe(record.model);
			expect(found.libraryUrl).toBe(record.model_lib);
			expect(found.declaredBytes / 2 ** 20).toBeCloseTo(record.vram_required_MB ?? NaN, 4);
			expect(found.defaultContextWindow).toBe(record.overrides?.context_window_size);
			expect({
				...found.overrides,
				context_window_size: found.defaultContextWindow
			}).toEqual(record.overrides);
			expect(found.requiredFeatures).toEqual(record.required_features ?? []);
			expect(found.requiredBindingBytes).toBe(record.buffer_size_required_bytes ?? null);
			expect(found.modelType).toBe(record.model_type ?? 0);
			expect(found.modelManifest).toBe(record.model_manifest ?? null);
		}
	});

	it('merges every -1k record into the variant with its weights and library', () => {
		const small = records.filter(({ model_id }) => model_id.endsWith('-1k'));
		expect(small.length).toBeGreaterThan(20);
		expect(variants.length + small.length).toBe(records.length);
		for (const record of small) {
			expect(byId.has(record.model_id)).toBe(false);
			const found = variant(record.model_id.replace(/-1k$/, ''));
			expect(found.libraryUrl).toBe(record.model_lib);
			expect(found.defaultContextWindow).toBeGreaterThan(1024);
		}
	});

	it('knows that every f16 variant needs shader-f16, though most records are silent', () => {
		const f16 = variants.filter(({ id }) => /-q\df16/.test(id));
		expect(f16.length).toBe([...weights].filter((model) => model.includes('f16')).length);
		expect(f16.every(({ quantization }) => quantization.needsShaderF16)).toBe(true);
		expect(
			f16.filter(({ requiredFeatures }) => requiredFeatures.length === 0).length
		).toBeGreaterThan(f16.length / 2);
		const others = variants.filter(({ id }) => !/-q\df16/.test(id));
		expect(others.some(({ quantization }) => quantization.needsShaderF16)).toBe(false);
	});

	it('groups by the name before the quantization', () => {
		const names = new Set([...weights].map((model) => idOf(model).replace(/-q\d.*$/, '')));
		expect(prebuilt.map(({ id }) => id).sort()).toEqual([...names].sort());
		expect(
			prebuilt
				.filter(({ variants }) => variants.length >= 3)
				.map(({ id }) => id)
				.sort()
		).toEqual([
			'Llama-3.2-1B-Instruct',
			'Qwen2-0.5B-Instruct',
			'Qwen2.5-0.5B-Instruct',
			'Qwen2.5-Coder-0.5B-Instruct',
			'Qwen3-0.6B',
			'Qwen3.5-0.8B',
			'SmolLM2-360M-Instruct'
		]);
	});

	it('orders the variants of a family by quality', () => {
		expect(
			family('Llama-3.2-1B-Instruct').variants.map(({ quantization }) => quantization.name)
		).toEqual(['q0f32', 'q0f16', 'q4f32_1', 'q4f16_1']);
	});

	it('sees vision in vision records and in those with a model manifest', () => {
		const seeing = records
			.filter(({ model_type, model_manifest }) => model_type === ModelType.VLM || model_manifest)
			.map(({ model_id }) => model_id);
		expect(
			variants
				.filter(({ vision }) => vision)
				.map(({ id }) => id)
				.sort()
		).toEqual(seeing.sort());
		expect(family('gemma-4-E2B-it').vision).toBe(true);
		expect(family('Phi-3.5-vision-instruct').vision).toBe(true);
	});

	it('has a readable name for every family, each its own', () => {
		const names = families.map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		for (const name of names.slice(1)) expect(name).toMatch(/^[A-Z][\w. ]+$/);
	});
});

describe('pocket', () => {
	it('comes first, with URLs below the site and its own windows', () => {
		const [first] = families;
		expect(first?.id).toBe('pocket');
		expect(first?.name).toBe('pocket');
		expect(first?.variants.map(({ quantization }) => quantization.name)).toEqual([
			'q0f32',
			'q4f16_1'
		]);
		expect(first?.variants[0]).toMatchObject({
			origin: 'pocket',
			modelUrl: 'pocket/0123456789abcdef/q0f32/',
			libraryUrl: 'pocket/0123456789abcdef/pocket-q0f32.wasm',
			defaultContextWindow: 1024,
			maxContextWindow: 2048,
			downloadBytes: 1_400_000,
			declaredBytes: 5_000_000,
			modelType: 0
		});
	});

	it('declares at least its download where the build declares nothing', () => {
		expect(families[0]?.variants[1]?.declaredBytes).toBe(400_000);
	});
});

describe('readCatalog', () => {
	const one = (row: object) => ({
		modelVersion: 'v0',
		hub: 'https://hub.example/',
		libraries: 'https://libraries.example/',
		families: [{ id: 'One-1B', variants: [{ q: 'q4f16_1', lib: 'l', mib: 1, ctx: 4096, ...row }] }]
	});
	const tiny = (downloadBytes: number, contextWindow = 1) => ({
		...pocket,
		contextWindow,
		variants: [{ ...pocket.variants[0], downloadBytes }]
	});

	it('takes bytes from none and windows from one token', () => {
		const [first, second] = readCatalog(one({ ctx: 1, binding: 0 }), tiny(0));
		expect(first?.variants[0]).toMatchObject({ downloadBytes: 0, defaultContextWindow: 1 });
		expect(second?.variants[0]).toMatchObject({
			declaredContextWindow: 1,
			requiredBindingBytes: 0
		});
	});

	it.each([
		['a window of no tokens', one({ ctx: 0 }), pocket],
		['half a token', one({ ctx: 0.5 }), pocket],
		['a binding of less than nothing', one({ binding: -1 }), pocket],
		['a download of less than nothing', one({}), tiny(-1)],
		['a window of pocket’s of no tokens', one({}), tiny(1, 0)]
	])('refuses %s', (_, catalog, builtIn) => {
		expect(() => readCatalog(catalog, builtIn)).toThrow(/Invalid/);
	});

	it.each([
		['a catalogue of another form', {}, pocket],
		['a pocket of another form', extractPrebuilt(), { hash: 'x' }],
		[
			'an unknown quantization',
			extractPrebuilt(),
			{ ...pocket, variants: [{ ...pocket.variants[0], quantization: 'int8' }] }
		]
	])('refuses %s', (_, catalog, builtIn) => {
		expect(() => readCatalog(catalog, builtIn)).toThrow();
	});
});
