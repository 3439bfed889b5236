import type { ChatConfig } from '../models/config.ts';
import type { Facts } from '../models/facts.ts';
import {
	hasSymbolicVocab,
	paramBytes,
	type Attention,
	type LibraryMetadata
} from '../models/library.ts';

const MiB = 2 ** 20;

/** Tokens of one page of the KV cache: WebLLM asks for no other. */
const PAGE_TOKENS = 16;

/** Tokens the KV cache holds: a sliding window caps it, whatever the context window. */
export function cachedTokens(
	contextWindow: number,
	sliding: number | null
): { tokens: number; pages: number } {
	const tokens = sliding === null ? contextWindow : Math.min(contextWindow, sliding);
	// TVM keeps one page in reserve, and two more for each sequence that slides.
	const pages = Math.ceil(tokens / PAGE_TOKENS) + 1 + (sliding === null ? 0 : 2);
	return { tokens, pages };
}

/** Bytes of one layer's keys and values: a single GPU buffer. */
export const kvLayerBytes = (attention: Attention, pages: number, elementBytes: number): number =>
	pages * 2 * attention.keyValueHeads * PAGE_TOKENS * attention.headDim * elementBytes;

export const kvBytes = (attention: Attention, pages: number, elementBytes: number): number =>
	attention.layers * kvLayerBytes(attention, pages, elementBytes);

/**
 * What TVM's paged KV cache keeps besides pages: query, key, value and output of one chunk, two f32 scores per
 * head, and a workspace that depends on the generation of the library. Measured to the byte.
 */
export function cacheWorkspaceBytes(
	attention: Attention,
	pages: number,
	chunk: number,
	elementBytes: number,
	generation: Generation
): number {
	const { queryHeads, keyValueHeads, headDim } = attention;
	const perToken =
		2 * queryHeads * headDim * elementBytes +
		2 * keyValueHeads * headDim * elementBytes +
		2 * queryHeads * 4;
	const small =
		generation === 'newer' ? MiB / 2 + 8 * pages + 14_436 : 48.25 * MiB + 20 * pages + 14_524;
	return chunk * perToken + small;
}

/** `older` has the larger workspace, so it also stands for generations not known. */
export type Generation = 'older' | 'newer' | 'unknown';

/** Known by the batch size they were compiled for; others were not measured. */
export function generationOf(library: LibraryMetadata): Generation {
	if (library.maxBatchSize === 80) return 'older';
	if (library.maxBatchSize === 128) return 'newer';
	return 'unknown';
}

/** What the runtime adds to the declared temporaries while chatting: 1 to 2 MiB measured on TVM's. */
export const CHAT_BYTES = MiB;

/**
 * Bytes of temporaries that the first prompt allocates and that then stay: those of prefill and embed, and
 * the logits where the library does not know how wide they are. null: the library does not declare them.
 */
export function temporaryBytes(
	library: LibraryMetadata,
	vocabSize: number | null,
	vision: boolean
): number | null {
	const usage = library.memoryUsage;
	// WebLLM takes the single functions where they exist; hybrid models only ever run the batch pair.
	const prefill =
		library.kvStateKind === 'hybrid'
			? (usage['batch_prefill'] ?? usage['prefill'])
			: (usage['prefill'] ?? usage['batch_prefill']);
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
	return sum;
}

/** The sliding window in force: a record's override, else the chat config, else the library; null for none. */
export function slidingWindow(
	overrides: Readonly<Record<string, number>>,
	config: ChatConfig | undefined,
	library: LibraryMetadata | undefined
): number | null {
	const own = overrides['sliding_window_size'];
	if (own !== undefined) return own > 0 ? own : null;
	return config ? config.slidingWindowSize : (library?.slidingWindowSize ?? null);
}

export const vocabOf = (facts: Facts): number | null => facts.config?.vocabSize ?? null;
