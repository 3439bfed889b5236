import { deleteModelInCache, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { extractPrebuilt } from '../../../../scripts/catalog.ts';
import { readCatalog, type Variant } from '#plan/models/catalog.ts';
import { absoluteUrls, modelBaseUrl } from './catalog-record.ts';
import { engineRecord, requiredFeatures } from './engine-record.ts';

const families = readCatalog(extractPrebuilt(), {
	hash: 'abc',
	contextWindow: 2048,
	variants: [
		{ quantization: 'q4f16_1', model: 'q4f16_1/', library: 'pocket-q4f16_1.wasm', downloadBytes: 1 }
	]
});
const variants = families.flatMap((family) => family.variants);
const variant = (id: string): Variant => {
	const found = variants.find((candidate) => candidate.id === id);
	if (!found) throw new Error(`no variant ${id}`);
	return found;
};
const base = 'https://pages.test/headroom/';
const pocket = variant('pocket-q4f16_1');
const llama = variant('Llama-3.2-1B-Instruct-q4f16_1-MLC');

afterEach(() => vi.unstubAllGlobals());

/** The base of a model's files for the engine itself, told by what it deletes. */
async function engineBase(model: string): Promise<string> {
	const deleted: string[] = [];
	const cache = {
		match: () => Promise.resolve(new Response('{"records":[]}')),
		delete: (url: string) => {
			deleted.push(url);
			return Promise.resolve(true);
		}
	};
	vi.stubGlobal('caches', { open: () => Promise.resolve(cache) });
	await deleteModelInCache('m', {
		cacheBackend: 'cache',
		model_list: [{ model, model_id: 'm', model_lib: 'https://lib.test/l.wasm' }]
	});
	const tokenizer = deleted.find((url) => url.endsWith('tokenizer.json')) ?? '';
	return tokenizer.slice(0, -'tokenizer.json'.length);
}

describe('modelBaseUrl', () => {
	it.each([
		'https://huggingface.co/mlc-ai/Llama-3.2-1B-Instruct-q4f16_1-MLC',
		'https://huggingface.co/mlc-ai/Llama-3.2-1B-Instruct-q4f16_1-MLC/',
		'https://huggingface.co/mlc-ai/m/resolve/0123abc',
		'https://huggingface.co/mlc-ai/m/resolve/0123abc/',
		'https://pages.test/headroom/pocket/abc/q4f16_1/',
		'https://host.test/a b/ü'
	])('is what the engine makes of %s', async (modelUrl) => {
		expect(modelBaseUrl({ ...llama, modelUrl })).toBe(await engineBase(modelUrl));
	});

	it('stays as it is when the engine reads it again', async () => {
		const pinned = modelBaseUrl(llama, '0123abc');
		expect(pinned).toBe(`${llama.modelUrl}/resolve/0123abc/`);
		expect(await engineBase(pinned)).toBe(pinned);
	});

	it('keeps a revision that the URL names', () => {
		const modelUrl = 'https://hub.test/m/resolve/old/';
		expect(modelBaseUrl({ ...llama, modelUrl }, 'new')).toBe(modelUrl);
	});

	it('refuses a relative URL instead of guessing its base', () => {
		expect(() => modelBaseUrl(pocket)).toThrow(TypeError);
	});
});

describe('absoluteUrls', () => {
	it('puts pocket below the site, with and without a slash at the end', () => {
		for (const site of [base, base.slice(0, -1)])
			expect(absoluteUrls(pocket, site)).toMatchObject({
				modelUrl: `${base}pocket/abc/q4f16_1/`,
				libraryUrl: `${base}pocket/abc/pocket-q4f16_1.wasm`
			});
	});

	it('changes nothing about a prebuilt variant', () => {
		expect(absoluteUrls(llama, base)).toEqual(llama);
	});
});

describe('engineRecord', () => {
	it('equals what WebLLM lists, but for the revision, the needs and the window', () => {
		for (const record of prebuiltAppConfig.model_list) {
			const found = variants.find(({ id }) => id === record.model_id);
			if (!found) continue;
			const made = engineRecord(found, 1234, base);
			expect(made.model).toBe(`${record.model}/resolve/main/`);
			expect(made.model_lib).toBe(record.model_lib);
			expect(made.model_type).toBe(record.model_type ?? 0);
			expect(made.model_manifest).toBe(record.model_manifest);
			expect(made.buffer_size_required_bytes).toBe(record.buffer_size_required_bytes);
			expect(made.overrides).toEqual({ ...record.overrides, context_window_size: 1234 });
		}
	});

	it('never sets a context window beside a sliding one', () => {
		const overrides = (contextWindowSize: number | null, slidingWindowSize: number | null) =>
			engineRecord(llama, 2048, base, 'main', { contextWindowSize, slidingWindowSize }).overrides;
		expect(overrides(null, 4096)).toMatchObject({
			context_window_size: -1,
			sliding_window_size: 2048
		});
		expect(overrides(null, 1024)).toMatchObject({
			context_window_size: -1,
			sliding_window_size: 1024
		});
		expect(overrides(8192, null)).toEqual({ ...llama.overrides, context_window_size: 2048 });
	});

	it('names shader-f16 once for f16 and not at all for f32', () => {
		for (const found of variants) {
			const named = requiredFeatures(found).filter((feature) => feature === 'shader-f16');
			expect(named.length).toBe(found.quantization.compute === 'f16' ? 1 : 0);
			expect(engineRecord(found, 1024, base).required_features).toEqual(requiredFeatures(found));
		}
	});

	it('makes pocket loadable in a worker: no URL in it is relative', () => {
		const record = engineRecord(pocket, 512, base);
		expect(record.model).toBe(`${base}pocket/abc/q4f16_1/resolve/main/`);
		expect(record.model_lib).toBe(`${base}pocket/abc/pocket-q4f16_1.wasm`);
	});
});
