import type { Facts } from '../models/facts.ts';
import { importsSafeCall, type LibraryMetadata } from '../models/library.ts';
import { LARGEST_VOCABULARY } from './vocabulary.ts';

/**
 * Who chooses the tokens. `engine`: the library's functions on the GPU, with buffers for every sequence of the batch
 * it was compiled for. `lean`: the page itself, from the logits; these buffers are then never allocated.
 */
export type TokenSampling = 'engine' | 'lean';

/** What choosing tokens on the GPU allocates with the first token, and keeps. */
export interface SamplingBuffers {
	/** Bytes of all buffers. */
	bytes: number;
	/** Bytes of one, batch x vocabulary x 4; null: there is none, or the vocabulary is not known. */
	bindingBytes: number | null;
	/** Sequences the library was compiled for, or is assumed to be; null: there are no buffers. */
	batch: number | null;
	/** Why the figure may be wrong, by all of its bytes; null: it is known. */
	doubt: string | null;
}

/** What MLC's compiler takes where nobody says otherwise. */
export const DEFAULT_BATCH = 128;

/** Of `softmax_with_temperature` one, of `argsort_probs` five: its sorted values, indices and temporaries. */
const SOFTMAX_BUFFERS = 1;
const ALL_BUFFERS = 6;

// Figures above these are damage, not sizes.
const MOST_VOCABULARY = 2 ** 24;
const MOST_BATCH = 2 ** 16;
const upTo = (most: number, n: number | null | undefined): number | null =>
	typeof n === 'number' && n <= most ? n : null;

const roundUp = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

const NONE: SamplingBuffers = { bytes: 0, bindingBytes: null, batch: null, doubt: null };

/**
 * MLC plans these functions for the whole batch and writes 0 for them into `memory_usage`, because the vocabulary is
 * symbolic there. Measured on libraries with batch 4 and 32 (all six buffers, within 40 KB) and 128 (softmax alone).
 * A library that declares its own workspace counts them in its temporaries.
 */
export function samplingBuffers(facts: Facts, sampling: TokenSampling): SamplingBuffers {
	if (sampling === 'lean' || (facts.library && facts.library.workspaceBytes !== null)) return NONE;
	const { count, doubt } = buffersOf(facts.library ?? null);
	if (count === 0) return NONE;
	const vocabulary = upTo(MOST_VOCABULARY, facts.config?.vocabSize);
	const stated = upTo(MOST_BATCH, facts.library?.maxBatchSize);
	const batch = stated ?? DEFAULT_BATCH;
	const bufferBytes = batch * (vocabulary ?? LARGEST_VOCABULARY) * 4;
	const doubts = [
		doubt,
		facts.library && stated === null && 'it does not say for how many sequences it was built',
		facts.library && vocabulary === null && 'how many tokens it chooses from is not known'
	].filter((why) => typeof why === 'string');
	return {
		bytes: Math.max(count * roundUp(bufferBytes), declaredBytes(facts.library)),
		bindingBytes: vocabulary === null ? null : bufferBytes,
		batch,
		doubt: doubts.length ? doubts.join(', and ') : null
	};
}

/** What the library itself declares for these functions: 0 wherever that was looked at. */
const declaredBytes = (library: LibraryMetadata | undefined): number =>
	['softmax_with_temperature', 'argsort_probs', 'sample_with_top_p']
		.map((name) => library?.memoryUsage[name] ?? 0)
		.reduce((sum, bytes) => sum + bytes, 0);

/** The most that choosing tokens may take while nothing was read: all buffers, for the compiler's own batch. */
export const mostSamplingBytes = (vocabulary: number, sampling: TokenSampling): number =>
	sampling === 'lean' ? 0 : ALL_BUFFERS * roundUp(DEFAULT_BATCH * vocabulary * 4);

/** How many buffers of batch x vocabulary the engine's sampling takes with a library. Unknown: as many as there may be. */
function buffersOf(library: LibraryMetadata | null): { count: number; doubt: string | null } {
	if (!library) return { count: ALL_BUFFERS, doubt: null };
	const usage = library.memoryUsage;
	const onGpu = importsSafeCall(library);
	if (Object.keys(usage).length === 0)
		return onGpu === false
			? { count: 0, doubt: null }
			: { count: ALL_BUFFERS, doubt: 'it does not say which functions choose its tokens' };
	if (usage['softmax_with_temperature'] === undefined) return { count: 0, doubt: null };
	if (usage['argsort_probs'] !== undefined)
		return {
			count: ALL_BUFFERS,
			doubt: onGpu === false ? 'its runtime may choose tokens without the GPU' : null
		};
	// Libraries of 2024 have the function too, and a runtime that samples on the CPU.
	if (onGpu === false) return { count: 0, doubt: null };
	return {
		count: SOFTMAX_BUFFERS,
		doubt: onGpu === null ? 'it is not known whether its runtime chooses tokens on the GPU' : null
	};
}
