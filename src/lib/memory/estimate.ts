import { bytes, tokens as inTokens } from '../ui/format.ts';
import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { parseQuantization } from '../models/quantization.ts';
import {
	cachedTokens,
	cacheWorkspaceBytes,
	CHAT_BYTES,
	generationOf,
	kvBytes,
	kvLayerBytes,
	slidingWindow,
	temporaryBytes,
	vocabOf,
	weightsBytes
} from './plan.ts';

export type Confidence = 'declared' | 'manifest' | 'library' | 'measured';

/** Bytes of GPU memory a variant will take at a context window, broken down. */
export interface Estimate {
	contextWindow: number;
	weightsBytes: number;
	kvBytes: number;
	/** Temporaries of prefill and embed: allocated at the first prompt, then kept. */
	activationsBytes: number;
	/** What the runtime keeps besides: KV cache bookkeeping, workspace, small buffers. */
	runtimeBytes: number;
	/** Live bytes once loaded, before the first prompt: weights, KV and runtime. */
	afterLoadBytes: number;
	/** Highest live bytes while chatting, the sum of the four parts: what the verdict is held against. */
	peakBytes: number;
	/** False where only a total is known: the parts are then a guess and must be shown as one. */
	exactParts: boolean;
	confidence: Confidence;
	/** How far the true peak may lie above or below, as a ratio of peakBytes: 0.02 means 2 %. */
	marginRatio: number;
	/** A sentence on what limits the confidence, when something does. */
	note: string | null;
}

/** What the meter saw of one variant with one library on one adapter. */
export interface Measured {
	contextWindow: number;
	afterLoadBytes: number;
	peakBytes: number;
}

interface Parts {
	weightsBytes: number;
	kvBytes: number;
	activationsBytes: number;
	runtimeBytes: number;
}

interface Plan extends Parts {
	exactParts: boolean;
	confidence: Confidence;
	/** Bytes the peak may be wrong by. */
	marginBytes: number;
	note: string | null;
}

/**
 * Bytes a variant will take at a context window, by the best that is known of it: measured on this device,
 * planned from its library, from its weights manifest, or the catalogue's declared figure. null when nothing
 * usable is known: not the same as "does not fit".
 */
export function estimate(
	variant: Variant,
	contextWindow: number,
	facts: Facts | null = null,
	measured: readonly Measured[] = []
): Estimate | null {
	const window = wholeTokens(contextWindow, variant.defaultContextWindow);
	if (window === null) return null;
	const known = facts ?? {};
	const plan =
		planFromLibrary(variant, window, known) ??
		planFromManifest(variant, window, known) ??
		planFromDeclared(variant, window, known);
	const seen = measured.filter(
		(m) => m.afterLoadBytes > 0 && m.peakBytes >= m.afterLoadBytes && Number.isFinite(m.peakBytes)
	);
	const here = seen.find((m) => m.contextWindow === window);
	if (here) return fromMeasured(window, here, plan);
	return plan && within(finish(window, plan), seen);
}

function wholeTokens(...candidates: readonly number[]): number | null {
	for (const n of candidates) if (Number.isFinite(n) && n >= 1) return Math.floor(n);
	return null;
}

function finish(contextWindow: number, plan: Plan): Estimate {
	const { marginBytes, ...rest } = plan;
	const afterLoadBytes = plan.weightsBytes + plan.kvBytes + plan.runtimeBytes;
	const peakBytes = afterLoadBytes + plan.activationsBytes;
	return {
		contextWindow,
		...rest,
		afterLoadBytes,
		peakBytes,
		marginRatio: Math.max(0.02, marginBytes / peakBytes)
	};
}

const computeBytes = (variant: Variant, facts: Facts): 2 | 4 =>
	parseQuantization(facts.library?.quantization ?? '')?.computeBytes ??
	variant.quantization.computeBytes;

/** Chunk of a prefill as MLC writes it into a library's name: `_cs1k`, `_cs512`. */
function chunkInName(libraryUrl: string): number | null {
	const match = /_cs(\d+)(k?)/.exec(libraryUrl);
	return match ? Number(match[1]) * (match[2] ? 1024 : 1) : null;
}

// ctx512-style names have another chunk; 2048 is the largest that text models of the catalogue use.
const UNKNOWN_CHUNK = 2048;

const GENERATION_GAP = 47.75 * 2 ** 20;

function planFromLibrary(variant: Variant, window: number, facts: Facts): Plan | null {
	const library = facts.library;
	if (!library) return null;
	const weights = facts.manifest?.gpuBytes ?? weightsBytes(library, vocabOf(facts));
	if (weights === null) return null;
	const elementBytes = computeBytes(variant, facts);
	const attention = library.attention ?? facts.config?.attention ?? null;
	const recurrent = library.kvStateKind === 'rnn_state';
	if (!attention && !recurrent) return null;
	const sliding = slidingWindow(variant.overrides, facts.config, library);
	const { pages } = cachedTokens(window, sliding);
	const doubts: string[] = [];
	let marginBytes = 0;

	const kv = attention && !recurrent ? kvBytes(attention, pages, elementBytes) : 0;
	let runtime = library.workspaceBytes;
	if (runtime === null) {
		const generation = generationOf(library);
		const chunk = library.prefillChunkSize ?? chunkInName(variant.libraryUrl) ?? UNKNOWN_CHUNK;
		runtime =
			attention && !recurrent
				? cacheWorkspaceBytes(attention, pages, chunk, elementBytes, generation)
				: 0;
		if (generation === 'unknown') {
			marginBytes += GENERATION_GAP;
			doubts.push('the library does not say which runtime it was built with');
		}
		if (library.prefillChunkSize === null) {
			marginBytes += runtime / 2;
			doubts.push('the library does not say how many tokens it takes at once');
		}
	}
	let activations = temporaryBytes(library, vocabOf(facts), variant.vision);
	if (activations === null) {
		activations = boundedTemporaries(variant, facts, elementBytes);
		marginBytes += activations;
		doubts.push('the library does not declare its temporaries');
	}
	// A declared workspace speaks of a runtime that is not TVM's: what chatting adds is its logits.
	activations += library.workspaceBytes === null ? CHAT_BYTES : 4 * 4 * (vocabOf(facts) ?? 0);

	if (library.kvStateKind === 'hybrid') {
		// How many layers have attention is not in the metadata: all of them is the upper bound.
		marginBytes += kv + runtime / 4;
		doubts.push('it has recurrent layers whose state its library does not declare');
	} else if (recurrent) {
		marginBytes += weights / 10;
		doubts.push('its recurrent state is not declared by its library');
	} else if (library.kvStateKind === 'none') {
		marginBytes += kv;
	}
	if (!library.attention && attention)
		doubts.push('the KV cache is planned from the chat config, not from the library');
	if (variant.vision && !('image_embed' in library.memoryUsage)) {
		marginBytes += activations / 2;
		doubts.push('the library does not declare what an image takes');
	}
	return {
		weightsBytes: weights,
		kvBytes: kv,
		activationsBytes: activations,
		runtimeBytes: runtime,
		exactParts: marginBytes === 0,
		confidence: library.kvStateKind === 'kv_cache' && library.attention ? 'library' : 'manifest',
		marginBytes,
		note: noteOf('Planned from the library, but', doubts)
	};
}

const noteOf = (start: string, doubts: readonly string[]): string | null =>
	doubts.length ? `${start} ${doubts.join(', and ')}.` : null;

/**
 * Temporaries of a prefill where no library declares them: in the measured Llama-like libraries a token of
 * the chunk holds four times the inner width of the MLP, its embedding, and one row of f32 logits is kept.
 */
function boundedTemporaries(variant: Variant, facts: Facts, elementBytes: number): number {
	const chunk = facts.library?.prefillChunkSize ?? chunkInName(variant.libraryUrl) ?? UNKNOWN_CHUNK;
	const hidden = facts.config?.hiddenSize ?? 4096;
	const inner = facts.config?.intermediateSize ?? 4 * hidden;
	return chunk * (4 * inner + hidden) * elementBytes + 4 * (vocabOf(facts) ?? 0);
}

function planFromManifest(variant: Variant, window: number, facts: Facts): Plan | null {
	const manifest = facts.manifest;
	if (!manifest) return null;
	const elementBytes = computeBytes(variant, facts);
	const attention = facts.config?.attention ?? null;
	const temporaries = boundedTemporaries(variant, facts, elementBytes) + CHAT_BYTES;
	if (!attention) {
		const kv = roughKvBytes(variant, window);
		return {
			weightsBytes: manifest.gpuBytes,
			kvBytes: kv,
			activationsBytes: temporaries,
			runtimeBytes: GENERATION_GAP,
			exactParts: false,
			confidence: 'manifest',
			marginBytes: 0.75 * (kv + temporaries + GENERATION_GAP),
			note: 'The weights are exact; the KV cache is a rough guess until the library is read.'
		};
	}
	const { pages } = cachedTokens(window, slidingWindow(variant.overrides, facts.config, undefined));
	const chunk = chunkInName(variant.libraryUrl) ?? UNKNOWN_CHUNK;
	const kv = kvBytes(attention, pages, elementBytes);
	const runtime = cacheWorkspaceBytes(attention, pages, chunk, elementBytes, 'unknown');
	return {
		weightsBytes: manifest.gpuBytes,
		kvBytes: kv,
		activationsBytes: temporaries,
		runtimeBytes: runtime,
		exactParts: false,
		confidence: 'manifest',
		marginBytes: GENERATION_GAP + temporaries / 2 + (facts.config?.recurrent ? kv : 0),
		note: facts.config?.recurrent
			? 'The weights are exact; recurrent layers make the rest an upper bound.'
			: 'Weights and KV cache are exact; temporaries are bounded until the library is read.'
	};
}

/** Against what was really allocated the catalogue's figure was between 0.87 and 2.33 times as large. */
const DECLARED_MARGIN = 0.57;

/**
 * A rough KV cache of a variant of which only the declared figure is known. In the catalogue's records at
 * 4096 tokens it is between 5 and 45 % of a 4-bit f16 figure; 20 % is taken, more for f32, less for
 * weights of more bits.
 */
function roughKvBytes(variant: Variant, window: number): number {
	const { weightBits, computeBytes } = variant.quantization;
	const bits = weightBits || 8 * computeBytes;
	const share = 0.2 * (computeBytes / 2) ** 0.6 * Math.min(1, 4.5 / bits);
	const perToken = (variant.declaredBytes * share) / 4096;
	return Number.isFinite(perToken) ? perToken * window : 0;
}

function planFromDeclared(variant: Variant, window: number, facts: Facts): Plan | null {
	const { declaredBytes, declaredContextWindow } = variant;
	if (!(Number.isFinite(declaredBytes) && declaredBytes > 0)) return null;
	const declaredWindow = wholeTokens(declaredContextWindow, variant.defaultContextWindow) ?? window;
	const attention = facts.config?.attention ?? null;
	const elementBytes = computeBytes(variant, facts);
	const kvAt = (n: number) =>
		attention
			? kvBytes(
					attention,
					cachedTokens(n, slidingWindow(variant.overrides, facts.config, undefined)).pages,
					elementBytes
				)
			: roughKvBytes(variant, n);
	// No more than half of the declared figure is KV: the weights do not vanish at a small window.
	const kvDeclared = Math.min(kvAt(declaredWindow), declaredBytes / 2);
	const kvPerWindow = kvAt(window) * (kvDeclared / kvAt(declaredWindow) || 0);
	const rest = declaredBytes - kvDeclared;
	const weights = Math.round(rest * 0.8);
	const activations = Math.round(rest * 0.15);
	const kv = Math.round(kvPerWindow);
	return {
		weightsBytes: weights,
		kvBytes: kv,
		activationsBytes: activations,
		runtimeBytes: Math.round(rest) - weights - activations,
		exactParts: false,
		confidence: 'declared',
		marginBytes: DECLARED_MARGIN * (rest + kv) + (attention ? 0 : 0.75 * Math.abs(kv - kvDeclared)),
		note: `The catalogue's figure (${bytes(declaredBytes)} at ${inTokens(declaredWindow)}), known to be off by up to a factor of two. Reading the library makes it exact.`
	};
}

/** Totals as measured; the parts keep the plan's shape as far as the totals allow. */
function fromMeasured(contextWindow: number, measured: Measured, plan: Plan | null): Estimate {
	const { afterLoadBytes, peakBytes } = measured;
	const fixed = plan ? plan.weightsBytes + plan.kvBytes : 0;
	const scale = fixed > afterLoadBytes ? afterLoadBytes / fixed : 1;
	const weights = plan ? Math.floor(plan.weightsBytes * scale) : afterLoadBytes;
	const kv = plan ? Math.floor(plan.kvBytes * scale) : 0;
	return {
		contextWindow,
		weightsBytes: weights,
		kvBytes: kv,
		activationsBytes: peakBytes - afterLoadBytes,
		runtimeBytes: afterLoadBytes - weights - kv,
		afterLoadBytes,
		peakBytes,
		exactParts: (plan?.exactParts ?? false) && scale === 1,
		confidence: 'measured',
		marginRatio: 0.01,
		note: null
	};
}

/** A larger window took no less and a smaller one no more: what was measured at others bounds this one. */
function within(planned: Estimate, seen: readonly Measured[]): Estimate {
	const above = seen.filter((m) => m.contextWindow > planned.contextWindow);
	const below = seen.filter((m) => m.contextWindow < planned.contextWindow);
	const most = Math.min(...above.map((m) => m.peakBytes));
	const least = Math.max(...below.map((m) => m.peakBytes));
	if (planned.peakBytes <= most && planned.peakBytes >= least) return planned;
	const bound = planned.peakBytes > most ? most : least;
	const scale = bound / planned.peakBytes;
	const weights = Math.floor(planned.weightsBytes * scale);
	const kv = Math.floor(planned.kvBytes * scale);
	const runtime = Math.floor(planned.runtimeBytes * scale);
	return {
		...planned,
		weightsBytes: weights,
		kvBytes: kv,
		runtimeBytes: runtime,
		activationsBytes: bound - weights - kv - runtime,
		afterLoadBytes: weights + kv + runtime,
		peakBytes: bound,
		exactParts: false,
		note: 'Bounded by what was measured here at another context window.'
	};
}

/** The largest single buffer of the KV cache at a window; null when the attention's shape is not known. */
export function largestKvBuffer(
	variant: Variant,
	contextWindow: number,
	facts: Facts | null
): number | null {
	const attention = facts?.library?.attention ?? facts?.config?.attention ?? null;
	if (!facts || !attention || !(contextWindow >= 1)) return null;
	const sliding = slidingWindow(variant.overrides, facts.config, facts.library);
	return kvLayerBytes(
		attention,
		cachedTokens(contextWindow, sliding).pages,
		computeBytes(variant, facts)
	);
}
