import type { Variant } from '../models/catalog.ts';
import { readLibraryMetadata, type LibraryMetadata } from '../models/library.ts';
import { parseQuantization } from '../models/quantization.ts';

// Qwen2-0.5B-Instruct as its libraries describe it and as it was measured in Chromium. For tests.

const VOCAB = 151_936;
const HIDDEN = 896;
const INNER = 4864;
const LAYERS = 24;

const MEMORY_USAGE = {
	f32: {
		alloc_embedding_tensor: 3_670_016,
		batch_decode: 54_845_440,
		batch_prefill: 128_598_016,
		batch_verify: 702_021_632,
		decode: 685_568,
		embed: 3_670_016,
		prefill: 80_303_104
	},
	f16: {
		alloc_embedding_tensor: 1_835_008,
		batch_decode: 51_732_480,
		batch_prefill: 88_608_768,
		batch_verify: 662_175_744,
		decode: 646_656,
		embed: 1_835_008,
		prefill: 40_455_424
	}
};

/** The metadata as it lies in the wasm, as a value to be serialized. */
export function qwenMetadata(quantization: string, vocab: number | 'vocab_size' = VOCAB) {
	const compute = quantization.includes('f16') ? 'f16' : 'f32';
	const float = compute === 'f16' ? 'float16' : 'float32';
	const matrix = (name: string, n: number | 'vocab_size', k: number) =>
		quantization.startsWith('q4')
			? [
					{ name: `${name}.q_weight`, shape: [n, k / 8], dtype: 'uint32' },
					{ name: `${name}.q_scale`, shape: [n, k / 32], dtype: float }
				]
			: [{ name: `${name}.weight`, shape: [n, k], dtype: float }];
	const vector = (name: string, n: number) => ({ name, shape: [n], dtype: float });
	return {
		model_type: 'qwen2',
		quantization,
		context_window_size: 32_768,
		sliding_window_size: -1,
		attention_sink_size: -1,
		prefill_chunk_size: 1024,
		tensor_parallel_shards: 1,
		kv_state_kind: 'kv_cache',
		max_batch_size: 80,
		params: [
			...matrix('model.embed_tokens', vocab, HIDDEN),
			...Array.from({ length: LAYERS }, (_, i) => `model.layers.${i}`).flatMap((layer) => [
				...matrix(`${layer}.self_attn.c_attn`, 1152, HIDDEN),
				vector(`${layer}.self_attn.c_attn.bias`, 1152),
				...matrix(`${layer}.self_attn.o_proj`, HIDDEN, HIDDEN),
				...matrix(`${layer}.mlp.gate_up_proj`, 2 * INNER, HIDDEN),
				...matrix(`${layer}.mlp.down_proj`, HIDDEN, INNER),
				vector(`${layer}.input_layernorm.weight`, HIDDEN),
				vector(`${layer}.post_attention_layernorm.weight`, HIDDEN)
			]),
			vector('model.norm.weight', HIDDEN)
		].map((param) => ({ ...param, preprocs: [] })),
		memory_usage: MEMORY_USAGE[compute],
		kv_cache: {
			num_hidden_layers: LAYERS,
			num_attention_heads: 14,
			num_key_value_heads: 2,
			head_dim: 64
		}
	};
}

function leb(n: number): number[] {
	const bytes: number[] = [];
	for (; ; n = Math.floor(n / 128)) {
		bytes.push(n >= 128 ? (n % 128) + 128 : n);
		if (n < 128) return bytes;
	}
}

/** A wasm module that carries `text` in a custom section, between other bytes, and imports functions of `env`. */
export function wasmAround(text: string, imports: readonly string[] = []): Uint8Array {
	const encode = (s: string) => [...new TextEncoder().encode(s)];
	const named = (s: string) => [...leb(encode(s).length), ...encode(s)];
	const section = (id: number, body: number[]) => [id, ...leb(body.length), ...body];
	const env = imports.flatMap((name) => [...named('env'), ...named(name), 0, 0]);
	return Uint8Array.from([
		...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...(imports.length > 0 ? section(2, [...leb(imports.length), ...env]) : []),
		...section(0, encode(`\u0004meta\0\0 ${text}\0trailing`))
	]);
}

export const qwenLibrary = (quantization: string, vocab?: 'vocab_size'): LibraryMetadata =>
	readLibraryMetadata(wasmAround(JSON.stringify(qwenMetadata(quantization, vocab))));

const DECLARED_MIB: Readonly<Record<string, number>> = {
	q4f32_1: 1060.2,
	q4f16_1: 944.62,
	q0f16: 1624.12,
	q0f32: 2654.75
};

export function qwenVariant(name: string, overrides: Partial<Variant> = {}): Variant {
	const quantization = parseQuantization(name);
	if (!quantization) throw new Error(`no quantization ${name}`);
	return {
		id: `Qwen2-0.5B-Instruct-${name}-MLC`,
		familyId: 'Qwen2-0.5B-Instruct',
		quantization,
		origin: 'prebuilt',
		modelUrl: `https://hub.test/Qwen2-0.5B-Instruct-${name}-MLC/resolve/main/`,
		libraryUrl: `https://lib.test/Qwen2-0.5B-Instruct-${name}_cs1k-webgpu.wasm`,
		declaredBytes: (DECLARED_MIB[name] ?? 1000) * 2 ** 20,
		declaredContextWindow: 4096,
		defaultContextWindow: 4096,
		maxContextWindow: null,
		overrides: {},
		requiredFeatures: [],
		requiredBindingBytes: null,
		modelType: 0,
		modelManifest: null,
		vision: false,
		downloadBytes: null,
		...overrides
	};
}

/** Bytes of all parameters. */
export const WEIGHTS = {
	q4f32_1: 309_011_968,
	q4f16_1: 277_996_288,
	q0f16: 988_065_536,
	q0f32: 1_976_131_072
};

/** Live GPU bytes measured: quantization, context window, after load, after the first prefill, peak. */
export const MEASURED = [
	['q4f32_1', 1024, 393_683_920, 477_665_168, 478_369_968],
	['q4f32_1', 4096, 469_185_232, 553_166_480, 553_896_480],
	['q4f32_1', 8192, 569_853_648, 653_834_896, 654_539_696],
	['q4f16_1', 1024, 345_694_416, 387_994_768, 388_662_704],
	['q4f16_1', 4096, 383_446_992, 425_747_344, 426_460_672],
	['q4f16_1', 8192, 433_783_760, 476_084_112, 476_752_048],
	['q0f16', 4096, 1_093_516_240, 1_135_816_592, 1_136_484_528],
	['q0f32', 4096, 2_136_304_336, 2_220_285_584, 2_220_990_384]
] as const;
