import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildLibrary, kernels } from '../library.ts';
import { architecture as a, parameters, variantNames, variants } from '../model/architecture.ts';
import { kvBytes, libraryMetadata, plan, workspaceBytes } from '../model/metadata.ts';
import { built, site } from './engine.ts';
import { drawSampling, hidingLibrary } from './hidden-sampling.ts';

/** As a reader that has only the file finds it (the JSON is a C string that starts with its first key). */
function metadataIn(library: Buffer): unknown {
	const start = library.indexOf('{"model_type"');
	return JSON.parse(library.subarray(start, library.indexOf(0, start)).toString('latin1'));
}

describe.each(variantNames)('the library of %s', (name) => {
	test('carries its metadata as text, as MLC libraries do', async () => {
		const library = await buildLibrary(a, name);
		expect(metadataIn(library)).toEqual(libraryMetadata(a, name));
		expect(metadataIn(library)).toMatchObject({
			quantization: name,
			prefill_chunk_size: a.prefillChunk,
			kv_state_kind: 'kv_cache',
			params: parameters(a, variants[name])
		});
	});
	test('exports what tvmjs calls, and asks for two imports', async () => {
		const module = await WebAssembly.compile(new Uint8Array(await buildLibrary(a, name)));
		expect(WebAssembly.Module.exports(module).map((e) => e.name)).toEqual(
			expect.arrayContaining([
				'memory',
				'_initialize',
				'TVMWasmAllocSpace',
				'TVMWasmFreeSpace',
				'TVMFFIWasmGetLastError',
				'TVMFFIObjectIncRef',
				'TVMFFIObjectDecRef',
				'TVMFFITypeKeyToIndex',
				'TVMFFIFunctionGetGlobal',
				'TVMFFIFunctionSetGlobal',
				'TVMFFIFunctionCall',
				'TVMFFIWasmFunctionCreate',
				'TVMFFIAnyViewToOwnedAny',
				'TVMFFIErrorSetRaisedFromCStr'
			])
		);
		expect(
			WebAssembly.Module.imports(module)
				.map((i) => `${i.module}.${i.name}`)
				.sort()
		).toEqual(['env.TVMFFIWasmFunctionDeleter', 'env.TVMFFIWasmSafeCall']);
	});
	test('describes each kernel as its WGSL binds it', () => {
		const list = kernels(a, name);
		expect(new Set(list.map((k) => k.name)).size).toBe(list.length);
		for (const { name: entry, wgsl, info } of list) {
			const handles = info.arg_types.filter((t) => t === 'handle').length;
			expect(handles).toBeLessThanOrEqual(10);
			expect(wgsl).toContain(`fn ${entry}(`);
			expect(wgsl).toMatch(new RegExp(`@group\\(0\\) @binding\\(${handles}\\) var<uniform> pod`));
			expect([...wgsl.matchAll(/@binding\((\d+)\)/g)].length).toBe(handles + 1);
			expect(wgsl.startsWith('enable f16;')).toBe(variants[name].float === 'f16');
		}
	});
});

test('a workspace does not depend on the window, and more window costs exactly its pages', () => {
	for (const name of variantNames) {
		const variant = variants[name];
		const page = kvBytes(a, variant, 16);
		for (const context of [1, 16, 17, 255, 256, 1000, a.contextWindow]) {
			expect(kvBytes(a, variant, context)).toBe(Math.ceil(context / 16) * page);
			expect(plan(a, variant, context).loadedBytes - kvBytes(a, variant, context)).toBe(
				plan(a, variant, 1).loadedBytes - page
			);
		}
		expect(libraryMetadata(a, name).workspace_bytes).toBe(workspaceBytes(a, variant));
	}
});

test('what a library for tests hides stands nowhere in its metadata, and the site’s libraries hide nothing', async () => {
	const hiding = await hidingLibrary('q4f32_1', { factor: 7, batch: 113 });
	expect(metadataIn(hiding)).toEqual(libraryMetadata(a, 'q4f32_1'));
	for (const { quantization, library } of built().variants) {
		const shipped = readFileSync(join(site, built().hash, library));
		expect(shipped.equals(await buildLibrary(a, quantization))).toBe(true);
		expect(shipped.equals(hiding)).toBe(false);
	}
});

test('what is hidden is drawn from a seed: factors of one to nine, batches of up to 128', () => {
	const drawn = Array.from({ length: 500 }, (_, seed) => drawSampling(seed));
	expect(new Set(drawn.map(({ factor }) => factor)).size).toBe(9);
	expect(Math.max(...drawn.map(({ factor }) => factor))).toBe(9);
	expect(Math.min(...drawn.map(({ batch }) => batch))).toBe(1);
	expect(Math.max(...drawn.map(({ batch }) => batch))).toBe(128);
	expect(drawSampling(42)).toEqual(drawSampling(42));
});

test('a library of another architecture compiles, and one the kernels cannot run is refused', async () => {
	const larger = { ...a, hidden: 192, intermediate: 384, heads: 6, kvHeads: 3, vocab: 1536 };
	expect(metadataIn(await buildLibrary(larger, 'q4f32_1'))).toMatchObject({
		kv_cache: { num_attention_heads: 6 }
	});
	await expect(buildLibrary({ ...a, vocab: 1022 }, 'q4f32_1')).rejects.toThrow(
		'vocab is a multiple of 4'
	);
});

test('the built files are as large as the build says, and small enough to download', () => {
	const { hash, variants: described } = built();
	expect(described.map((v) => v.quantization)).toEqual(variantNames);
	for (const { quantization, library, model, downloadBytes, declaredBytes } of described) {
		const folder = join(site, hash, model, 'resolve/main');
		const sizes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
		const total = sizes.reduce((x, y) => x + y, statSync(join(site, hash, library)).size);
		expect(downloadBytes).toBe(total);
		expect(total).toBeLessThanOrEqual(quantization.startsWith('q4') ? 1.5e6 : 5e6);
		expect(declaredBytes).toBe(plan(a, variants[quantization], a.contextWindow).peakBytes);
		expect(readdirSync(folder).sort()).toEqual([
			'mlc-chat-config.json',
			'params_shard_0.bin',
			'tensor-cache.json',
			'tokenizer.json'
		]);
		const manifest = JSON.parse(readFileSync(join(folder, 'tensor-cache.json'), 'utf8')) as {
			metadata: { ParamBytes: number };
		};
		expect(manifest.metadata.ParamBytes).toBeLessThan(declaredBytes);
	}
});
