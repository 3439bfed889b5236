import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { importsSafeCall, type Attention } from '../models/library.ts';
import { parseQuantization } from '../models/quantization.ts';
import type { Shape } from './causes.ts';
import { fromDeclared, roughKvBytes } from './declared.ts';
import type { Confidence } from './estimate.ts';
import {
	cachePages,
	cacheWorkspaceBytes,
	CHAT_BYTES,
	GENERATION_GAP_BYTES,
	generationOf,
	kvBytes,
	kvLayerBytes,
	PAGE_TOKENS,
	temporaryBytes,
	weightsBytes
} from './formula.ts';
import { mostSamplingBytes, samplingBuffers, type TokenSampling } from './sampling.ts';
import { kindWasMeasured } from './verified.ts';
import { mostTokensOf } from './vocabulary.ts';

/** Plans from a library were within this of what was measured, as a ratio of the peak. */
export const EXACT_MARGIN = 0.02;

/**
 * Raised with every change of what is planned for some library: differences between plan and measurement that were
 * kept under other formulas mean nothing any more. plan-revision.test.ts fails when it was forgotten.
 */
export const PLAN_REVISION = 1;

/** The parts of an estimate, before anything measured comes in. */
export interface Plan {
	weightsBytes: number;
	kvBytes: number;
	activationsBytes: number;
	runtimeBytes: number;
	/** Buffers for choosing tokens; they come with the first token and are no part of what a load takes. */
	samplingBytes: number;
	/** Sequences these buffers are for; null: there are none, or not known. */
	samplingBatch: number | null;
	exactParts: boolean;
	/** Libraries of this kind took what was planned wherever they were measured; see `kindWasMeasured`. */
	verified: boolean;
	confidence: Confidence;
	/** Bytes by which the peak may be wrong, either way. */
	marginBytes: number;
	/** Bytes that the peak does not exceed, where they are known better than by the margin; else null. */
	mostBytes: number | null;
	note: string | null;
}

/** What a plan depends on beside the variant's files. */
export interface PlanOptions {
	/** Who chooses the tokens in the load that is planned; `engine` where it is not said. */
	sampling?: TokenSampling | undefined;
	/** A library of this kind was loaded on this device and took what was planned. */
	verifiedHere?: boolean | undefined;
}

/** The best plan the facts allow; null when not even a declared figure is there. */
export function planOf(
	variant: Variant,
	contextWindow: number,
	facts: Facts,
	options: PlanOptions = {}
): Plan | null {
	const { sampling = 'engine', verifiedHere = false } = options;
	return (
		fromLibrary(variant, contextWindow, facts, sampling, verifiedHere) ??
		fromManifest(variant, contextWindow, facts, sampling) ??
		fromDeclared(
			variant,
			contextWindow,
			exactKvAt(variant, facts),
			mostSamplingBytes(mostTokensOf(variant), sampling)
		)
	);
}

/** Bytes of the KV cache at a window; null where the attention's shape is not known. */
function exactKvAt(variant: Variant, facts: Facts): ((contextWindow: number) => number) | null {
	const attention = facts.config?.attention;
	if (!attention) return null;
	return (window) =>
		kvBytes(attention, pagesOf(variant, window, facts), elementBytesOf(variant, facts));
}

/** Bytes of an activation or KV element: the library knows best, the variant's name says the same. */
const elementBytesOf = (variant: Variant, facts: Facts): 2 | 4 =>
	parseQuantization(facts.library?.quantization ?? '')?.computeBytes ??
	variant.quantization.computeBytes;

const vocabOf = (facts: Facts): number | null => facts.config?.vocabSize ?? null;

/** The sliding window in force: the record's override, else the chat config, else the library; null for none. */
function slidingWindow(variant: Variant, { config, library }: Facts): number | null {
	const own = variant.overrides['sliding_window_size'];
	if (own !== undefined) return own > 0 ? own : null;
	return config ? config.slidingWindowSize : (library?.slidingWindowSize ?? null);
}

const pagesOf = (variant: Variant, contextWindow: number, facts: Facts): number =>
	cachePages(
		contextWindow,
		slidingWindow(variant, facts),
		facts.library?.attention?.pagesExtra ?? 1
	);

const UNKNOWN_CHUNK = 2048;

/** Tokens of a prefill chunk: fixed in the library, and part of its name (`_cs1k`, `_cs512`). */
function chunkOf({ libraryUrl }: Variant, { library }: Facts): number {
	if (library?.prefillChunkSize) return library.prefillChunkSize;
	const match = /_cs(\d+)(k?)/.exec(libraryUrl);
	return match ? Number(match[1]) * (match[2] ? 1024 : 1) : UNKNOWN_CHUNK;
}

function fromLibrary(
	variant: Variant,
	contextWindow: number,
	facts: Facts,
	sampling: TokenSampling,
	verifiedHere: boolean
): Plan | null {
	const { library, config } = facts;
	if (!library) return null;
	// Every tensor of the manifest is uploaded; without one, those the library names.
	const weights = facts.manifest?.gpuBytes ?? weightsBytes(library, vocabOf(facts));
	const attention = library.attention ?? config?.attention ?? null;
	const paged = library.kvStateKind !== 'rnn_state' && library.kvStateKind !== 'none';
	if (weights === null || (paged && !attention)) return null;

	const doubts: string[] = [];
	let marginBytes = 0;
	const doubt = (byBytes: number, why: string) => {
		marginBytes += byBytes;
		doubts.push(why);
	};

	const elementBytes = elementBytesOf(variant, facts);
	const pages = pagesOf(variant, contextWindow, facts);
	const kv = attention && paged ? kvBytes(attention, pages, elementBytes) : 0;
	let runtime = library.workspaceBytes ?? 0;
	if (library.workspaceBytes === null && attention && paged) {
		runtime = cacheWorkspaceBytes(
			attention,
			pages,
			chunkOf(variant, facts),
			elementBytes,
			generationOf(library),
			importsSafeCall(library) ?? false
		);
		if (library.prefillChunkSize === null)
			doubt(runtime / 2, 'it does not say how many tokens it takes at once');
	}

	let activations = temporaryBytes(library, vocabOf(facts), variant.vision);
	if (activations === null) {
		activations = boundedTemporaries(variant, facts);
		doubt(activations, 'it does not declare its temporaries');
	}
	// A library that declares its workspace counts in its temporaries all that chatting takes.
	if (library.workspaceBytes === null) activations += CHAT_BYTES;
	const buffers = samplingBuffers(facts, sampling);
	if (buffers.doubt !== null) doubt(buffers.bytes, buffers.doubt);
	if (variant.vision && library.memoryUsage['image_embed'] === undefined)
		doubt(activations, 'it does not declare what an image takes');

	if (library.kvStateKind === 'hybrid' || library.kvStateKind === 'rnn_state') {
		const state = recurrentStateBytes(variant, facts);
		runtime += state ?? 0;
		doubt(
			state ?? weights / 10,
			state === null
				? 'its recurrent layers keep a state of a size it does not declare'
				: 'the state of its recurrent layers is planned from the chat config'
		);
	} else if (library.kvStateKind !== 'kv_cache')
		doubt(kv + activations, `it keeps its state in a way not known here (${library.kvStateKind})`);
	if (!library.attention && paged) doubt(kv / 20, 'its KV cache is planned from the chat config');
	const fewer = config?.attention?.layers;
	const layers = library.attention?.layers;
	if (library.kvStateKind === 'hybrid' && layers && fewer && fewer < layers)
		doubt(kv * (1 - fewer / layers), 'the chat config names fewer layers with a KV cache');
	if (LATENT.test(library.modelType))
		doubt(kv + runtime, 'its attention keeps a compressed cache, which was not measured');
	if (library.shards > 1)
		doubt(weights + kv + runtime, 'it was compiled to be spread over several GPUs');
	const peak = weights + kv + activations + runtime + buffers.bytes;
	if (!Number.isSafeInteger(peak)) return null;

	const exact = doubts.length === 0;
	const measured = verifiedHere || kindWasMeasured(library);
	if (!measured) marginBytes += UNVERIFIED_MARGIN * peak;
	const verified = exact && measured;
	return {
		weightsBytes: weights,
		kvBytes: kv,
		activationsBytes: activations,
		runtimeBytes: runtime,
		samplingBytes: buffers.bytes,
		samplingBatch: buffers.batch,
		exactParts: verified,
		verified,
		confidence: exact ? 'library' : 'manifest',
		marginBytes,
		mostBytes: null,
		note: exact ? null : `Planned from the library, but ${doubts.join(', and ')}.`
	};
}

/**
 * The last kind of library that was planned before one was measured took 4 to 21 % more (one sampling buffer, five
 * loads): the next one may hide as much.
 */
const UNVERIFIED_MARGIN = 0.21;

/** Models whose cache holds one compressed row for keys and values together (multi-head latent attention). */
const LATENT = /^(?:deepseek_v[23]|minicpm3)/;

/** The state of recurrent layers, held as f32 once per step that can be taken back; null when not derivable. */
function recurrentStateBytes(variant: Variant, { config }: Facts): number | null {
	const recurrent = config?.recurrent;
	if (!recurrent?.elements) return null;
	const history = Math.max(1, variant.overrides['max_history_size'] ?? 1);
	return recurrent.layers * recurrent.elements * 4 * history;
}

/**
 * Temporaries where no library declares them. In the measured Llama-like libraries a prefill holds four times
 * the inner width of the MLP and one embedding per token of the chunk, and one row of f32 logits.
 */
function boundedTemporaries(variant: Variant, facts: Facts): number {
	const hidden = facts.config?.hiddenSize ?? 4096;
	const inner = facts.config?.intermediateSize ?? 4 * hidden;
	const perToken = (4 * inner + hidden) * elementBytesOf(variant, facts);
	return chunkOf(variant, facts) * perToken + 4 * (vocabOf(facts) ?? 0);
}

function fromManifest(
	variant: Variant,
	contextWindow: number,
	facts: Facts,
	sampling: TokenSampling
): Plan | null {
	const { manifest, config } = facts;
	if (!manifest) return null;
	const activations = boundedTemporaries(variant, facts) + CHAT_BYTES;
	const buffers = samplingBuffers(facts, sampling);
	const known = {
		weightsBytes: manifest.gpuBytes,
		activationsBytes: activations,
		samplingBytes: buffers.bytes,
		samplingBatch: buffers.batch,
		exactParts: false,
		verified: false,
		confidence: 'manifest' as const,
		mostBytes: null
	};
	const attention = config?.attention;
	if (!attention) {
		const kv = roughKvBytes(variant, contextWindow);
		return {
			...known,
			kvBytes: kv,
			runtimeBytes: GENERATION_GAP_BYTES,
			marginBytes: 0.8 * kv + activations + GENERATION_GAP_BYTES + buffers.bytes,
			note: 'The weights are exact; the rest is a rough guess until the library is read.'
		};
	}
	const elementBytes = elementBytesOf(variant, facts);
	const pages = pagesOf(variant, contextWindow, facts);
	const state = config.recurrent ? (recurrentStateBytes(variant, facts) ?? 0) : 0;
	return {
		...known,
		kvBytes: kvBytes(attention, pages, elementBytes),
		runtimeBytes:
			cacheWorkspaceBytes(attention, pages, chunkOf(variant, facts), elementBytes, 'unknown') +
			state,
		marginBytes:
			GENERATION_GAP_BYTES +
			buffers.bytes +
			activations / 2 +
			state +
			(config.recurrent && !state ? manifest.gpuBytes / 10 : 0),
		note: 'Weights and KV cache are exact; the rest is bounded until the library is read.'
	};
}

/** The largest single buffer of the KV cache, one layer's; null when the attention's shape is not known. */
export function largestKvBuffer(
	variant: Variant,
	contextWindow: number,
	facts: Facts | null
): number | null {
	const attention: Attention | null = facts?.library?.attention ?? facts?.config?.attention ?? null;
	if (!facts || !attention || !(contextWindow >= 1)) return null;
	return kvLayerBytes(
		attention,
		pagesOf(variant, contextWindow, facts),
		elementBytesOf(variant, facts)
	);
}

/** The sizes that what a variant allocates can depend on; null where the window is no number of tokens. */
export function shapeOf(variant: Variant, contextWindow: number, facts: Facts): Shape | null {
	if (!(contextWindow >= 1)) return null;
	const attention = facts.library?.attention ?? facts.config?.attention ?? null;
	return {
		batch: facts.library?.maxBatchSize ?? 1,
		vocabulary: vocabOf(facts) ?? 0,
		window: Math.min(contextWindow, slidingWindow(variant, facts) ?? Infinity),
		positions: PAGE_TOKENS * pagesOf(variant, contextWindow, facts),
		layers: attention?.layers ?? 0,
		keyValueHeads: attention?.keyValueHeads ?? 0,
		headDim: attention?.headDim ?? 0,
		elementBytes: elementBytesOf(variant, facts)
	};
}
