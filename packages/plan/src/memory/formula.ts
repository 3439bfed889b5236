import {
	hasSymbolicVocab,
	paramBytes,
	type Attention,
	type LibraryMetadata
} from '../models/library.ts';

const MiB = 2 ** 20;

/** Tokens of one page of the KV cache: WebLLM asks for no other size. */
export const PAGE_TOKENS = 16;

/** Pages of the KV cache at a context window; a sliding window caps it. `extra` pages are kept in reserve. */
export function cachePages(contextWindow: number, sliding: number | null, extra: number): number {
	const tokens = sliding === null ? contextWindow : Math.min(contextWindow, sliding);
	// TVM adds two pages for a sequence that slides (num_total_pages in its paged_kv_cache.cc).
	return Math.ceil(tokens / PAGE_TOKENS) + extra + (sliding === null ? 0 : 2);
}

/** Bytes of one layer's keys and values: a single GPU buffer. */
export const kvLayerBytes = (attention: Attention, pages: number, elementBytes: number): number =>
	pages * 2 * attention.keyValueHeads * PAGE_TOKENS * attention.headDim * elementBytes;

export const kvBytes = (attention: Attention, pages: number, elementBytes: number): number =>
	attention.layers * kvLayerBytes(attention, pages, elementBytes);

/** How a library's runtime lays out its KV cache. `older` takes more, so it also stands for those not known. */
export type Generation = 'older' | 'newer' | 'unknown';

/**
 * Told by `pipeline_parallel_stages`: true of every measured library, whatever its batch (Phi-3.5-mini's is 80, as
 * that of the older ones, and its cache has the newer form).
 */
export const generationOf = ({ namesStages }: LibraryMetadata): Generation =>
	namesStages ? 'newer' : 'older';

/** What an older library may take more than a newer one at any window of the catalogue, rounded up. */
export const GENERATION_GAP_BYTES = 48 * MiB;

/**
 * What TVM's paged KV cache keeps besides pages: query, key, value and output of one chunk, two f32 scores per
 * head, and a workspace by generation. Equal to the byte in 34 of 35 measured loads of libraries that do not import
 * TVMFFIWasmSafeCall, and in five of five of those that do (`safeCall`).
 */
export function cacheWorkspaceBytes(
	{ queryHeads, keyValueHeads, headDim }: Attention,
	pages: number,
	chunk: number,
	elementBytes: number,
	generation: Generation,
	safeCall = false
): number {
	const perToken =
		2 * queryHeads * headDim * elementBytes +
		2 * keyValueHeads * headDim * elementBytes +
		2 * queryHeads * 4;
	const small =
		generation === 'newer' ? MiB / 2 + 8 * pages + 14_436 : 48.25 * MiB + 20 * pages + 14_524;
	return chunk * perToken + small + (safeCall ? SAFE_CALL_BYTES : 0);
}

/** What libraries that import TVMFFIWasmSafeCall hold more after loading: the same in five of five loads. */
const SAFE_CALL_BYTES = 16_392;

/** What TVM's runtime takes besides while chatting: 1 to 2 MiB measured. */
export const CHAT_BYTES = MiB;

/**
 * Bytes of temporaries that the first prompt allocates and that then stay: those of prefill and embed (and of
 * an image's embedding), and the logits where the library does not know their width. null: not declared.
 */
export function temporaryBytes(
	library: LibraryMetadata,
	vocabSize: number | null,
	vision: boolean
): number | null {
	const usage = library.memoryUsage;
	// Which of them the engine calls: packages a prompt function, hybrid models and those without a single pair the batch pair.
	const batch = library.kvStateKind === 'hybrid' || usage['decode'] === undefined;
	const order = [
		'prefill_prompt',
		...(batch ? ['batch_prefill', 'prefill'] : ['prefill', 'batch_prefill'])
	];
	const prefill = order.map((name) => usage[name]).find((bytes) => bytes !== undefined);
	if (prefill === undefined) return null;
	const logits = hasSymbolicVocab(library) ? 4 * (vocabSize ?? 0) : 0;
	return prefill + (usage['embed'] ?? 0) + (vision ? (usage['image_embed'] ?? 0) : 0) + logits;
}

/** Bytes of all parameters; null when one of them cannot be resolved. */
export function weightsBytes(library: LibraryMetadata, vocabSize: number | null): number | null {
	if (!library.params) return null;
	let sum = 0;
	for (const param of library.params) {
		const bytes = paramBytes(param, vocabSize);
		if (bytes === null) return null;
		sum += bytes;
	}
	return Number.isSafeInteger(sum) ? sum : null;
}
