import {
	type Architecture,
	type VariantName,
	type VariantSpec,
	parameters,
	variants
} from './architecture.ts';

/** Positions per page of the KV cache; WebLLM always asks for 16. */
export const PAGE_SIZE = 16;
/** Positions whose rotation is looked up; those between are products of two entries (rope in project_qkv.wgsl). */
export const TURNS_STEP = 64;
/** Small GPU tensors that WebLLM holds at once while a token is drawn: ids, uniform number, token. */
const SMALL_TENSORS = 3;
/** Bytes of the two numbers that WebLLM's sampler keeps on the GPU from loading on. */
const SAMPLER_BYTES = 8;

export const floatBytes = ({ float }: VariantSpec) => (float === 'f16' ? 2 : 4);

/**
 * Bytes of the buffer behind a temporary tensor of `nbytes`: a power of two, and at least the ids of a prefill
 * chunk, so that the pool serves every later tensor from the few buffers of the first token.
 */
export function temporaryBytes(a: Architecture, nbytes: number): number {
	return 2 ** Math.ceil(Math.log2(Math.max(nbytes, 4 * a.prefillChunk)));
}

/** Entries of the rotary table: the first TURNS_STEP positions, and every TURNS_STEPth one. */
export const turns = (a: Architecture) => TURNS_STEP + Math.ceil(a.contextWindow / TURNS_STEP);

/** Bytes the library holds from loading on besides weights and KV pages, whatever the context window. */
export function workspaceBytes(a: Architecture, variant: VariantSpec): number {
	const row = a.hidden + a.heads * a.headDim + a.intermediate; // residual stream, heads, MLP
	const rotary = turns(a) * (a.headDim / 2) * 2 * 4;
	const logits = 4 * a.vocab;
	return a.prefillChunk * row * floatBytes(variant) + rotary + logits + SAMPLER_BYTES;
}

/** Bytes of the KV cache for a context window of `context` positions: whole pages, none to spare. */
export function kvBytes(a: Architecture, variant: VariantSpec, context: number): number {
	const positions = Math.ceil(context / PAGE_SIZE) * PAGE_SIZE;
	return a.layers * positions * 2 * a.kvHeads * a.headDim * floatBytes(variant);
}

/** Bytes of the parameters on the GPU. */
export function weightBytes(a: Architecture, variant: VariantSpec): number {
	return parameters(a, variant).reduce(
		(sum, { shape, dtype }) =>
			sum + shape.reduce((x, y) => x * y, 1) * (dtype === 'float16' ? 2 : 4),
		0
	);
}

/**
 * Temporary GPU bytes of the functions, at most. `prefill` and `decode` count until their token is drawn: the
 * probabilities, both halves of the sorted list, and the small tensors of the sampler. They are kept for the next
 * token. The logits belong to the workspace.
 */
export function memoryUsage(a: Architecture, variant: VariantSpec) {
	const step =
		3 * temporaryBytes(a, 4 * a.vocab) + SMALL_TENSORS * temporaryBytes(a, 4 * a.prefillChunk);
	return {
		embed: a.prefillChunk * a.hidden * floatBytes(variant),
		prefill: step,
		decode: step
	};
}

/** What a library says of itself, as MLC's libraries do, with three fields of our own (marked). */
export function libraryMetadata(a: Architecture, name: VariantName) {
	const variant = variants[name];
	return {
		model_type: 'llama',
		quantization: name,
		context_window_size: a.contextWindow,
		sliding_window_size: -1,
		attention_sink_size: -1,
		prefill_chunk_size: a.prefillChunk,
		max_batch_size: 1,
		tensor_parallel_shards: 1,
		kv_state_kind: 'kv_cache',
		kv_cache: {
			num_hidden_layers: a.layers,
			num_attention_heads: a.heads,
			num_key_value_heads: a.kvHeads,
			head_dim: a.headDim,
			/** Ours. Pages beyond ceil(context / 16); TVM's cache has one, this has none. */
			pages_extra: 0
		},
		memory_usage: memoryUsage(a, variant),
		/** Ours. */
		workspace_bytes: workspaceBytes(a, variant),
		params: parameters(a, variant).map((p) => ({ ...p, preprocs: [] }))
	};
}

/** GPU bytes after loading at a context window, and at most while chatting. */
export function plan(a: Architecture, variant: VariantSpec, context: number) {
	const loadedBytes =
		weightBytes(a, variant) + kvBytes(a, variant, context) + workspaceBytes(a, variant);
	const { embed, prefill } = memoryUsage(a, variant);
	return { loadedBytes, peakBytes: loadedBytes + embed + prefill };
}
