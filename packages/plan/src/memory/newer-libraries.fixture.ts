import type { ChatConfig } from '../models/config.ts';
import type { Facts } from '../models/facts.ts';
import { readLibraryMetadata, type LibraryMetadata } from '../models/library.ts';
import type { Manifest } from '../models/manifest.ts';
import { qwenMetadata, wasmAround } from './worked-example.fixture.ts';

// Libraries of v0_2_80, whose runtime chooses tokens on the GPU, as they describe themselves and as they were measured.

export const QWEN_VOCABULARY = 151_936;
const GEMMA_VOCABULARY = 256_000;

const SAFE_CALL = ['TVMFFIWasmSafeCall', 'TVMFFIWasmFunctionDeleter'];

/** A library with this metadata that imports what newer runtimes do; `older`: what those of 2024 did. */
export const libraryOf = (
	metadata: object,
	runtime: 'newer' | 'older' = 'newer'
): LibraryMetadata =>
	readLibraryMetadata(
		wasmAround(JSON.stringify(metadata), runtime === 'newer' ? SAFE_CALL : ['TVMWasmPackedCFunc'])
	);

export const chatConfig = (vocabSize: number): ChatConfig => ({
	vocabSize,
	contextWindowSize: 32_768,
	slidingWindowSize: null,
	maxContextWindow: 32_768,
	tokenizerFiles: ['tokenizer.json'],
	modelType: null,
	attention: null,
	hiddenSize: null,
	intermediateSize: null,
	recurrent: null,
	imageTokens: null,
	replyHeader: '',
	template: null
});

export const manifestOf = (gpuBytes: number, largestBytes = 4): Manifest => ({
	shards: [],
	downloadBytes: gpuBytes,
	gpuBytes,
	largestTensor: { name: 'model.embed_tokens.q_weight', bytes: largestBytes },
	tensorCount: 1
});

/** Qwen2.5-0.5B has the parameters of Qwen2-0.5B. */
export function newerQwenMetadata(quantization: string, overrides: object = {}) {
	const older = qwenMetadata(quantization);
	return {
		...older,
		max_batch_size: 128,
		pipeline_parallel_stages: 1,
		memory_usage: { ...older.memory_usage, softmax_with_temperature: 0 },
		...overrides
	};
}

export const newerQwen = (quantization: string, overrides: object = {}): Facts => ({
	library: libraryOf(newerQwenMetadata(quantization, overrides)),
	config: chatConfig(QWEN_VOCABULARY)
});

export const gemma2b: Facts = {
	library: libraryOf({
		model_type: 'gemma',
		quantization: 'q4f32_1',
		context_window_size: 8192,
		sliding_window_size: -1,
		prefill_chunk_size: 1024,
		tensor_parallel_shards: 1,
		pipeline_parallel_stages: 1,
		kv_state_kind: 'kv_cache',
		max_batch_size: 128,
		params: [{ name: 'model.embed_tokens.q_weight', shape: ['vocab_size', 256], dtype: 'uint32' }],
		memory_usage: {
			prefill: 268_443_648,
			embed: 8_388_608,
			decode: 262_144,
			softmax_with_temperature: 0
		},
		kv_cache: {
			num_hidden_layers: 18,
			num_attention_heads: 8,
			num_key_value_heads: 1,
			head_dim: 256
		}
	}),
	config: chatConfig(GEMMA_VOCABULARY),
	manifest: manifestOf(1_566_613_504)
};

/** Live GPU bytes measured: name, quantization, facts, context window, after load, peak. */
export const NEWER_MEASURED: readonly (readonly [string, string, Facts, number, number, number])[] =
	[
		['Qwen2.5-0.5B', 'q4f32_1', newerQwen('q4f32_1'), 1024, 343_629_940, 506_103_464],
		['Qwen2.5-0.5B', 'q4f16_1', newerQwen('q4f16_1'), 4096, 333_390_708, 454_131_416],
		['Qwen2.5-0.5B', 'q0f16', newerQwen('q0f16'), 8192, 1_093_793_652, 1_214_534_360],
		['Qwen2.5-0.5B', 'q0f32', newerQwen('q0f32'), 2048, 2_035_915_380, 2_198_336_984],
		['gemma-2b', 'q4f32_1', gemma2b, 1024, 1_624_447_604, 2_034_469_544]
	];

/** Bytes kept after softmax and argsort, with libraries of this generation: batch, vocabulary, bytes. */
export const KEPT = [
	[4, 151_936, 14_606_956],
	[32, 151_936, 116_712_652],
	[32, 49_152, 37_762_028]
] as const;
