import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import type { Calibration, Correction } from './calibration.ts';
import { EXACT_MARGIN, planOf, shapeOf, type Plan, type PlanOptions } from './plan.ts';

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
	/** Buffers for choosing tokens on the GPU: allocated with the first token, then kept. */
	samplingBytes: number;
	/** Sequences that these buffers are for; null: there are none, or not known. */
	samplingBatch: number | null;
	/** Live bytes once loaded, before the first prompt: weights, KV and runtime. */
	afterLoadBytes: number;
	/** Highest live bytes while chatting, the sum of the five parts: what the verdict compares with the budget. */
	peakBytes: number;
	/** False where only a total is known: the parts are then a guess and must be shown as one. */
	exactParts: boolean;
	/** Loads of such libraries took what was planned, here or wherever they were measured: only then is a plan exact. */
	verified: boolean;
	confidence: Confidence;
	/** How far the true peak may lie above or below, as a ratio of peakBytes: 0.02 means 2 %. */
	marginRatio: number;
	/** Bytes that the true peak does not exceed, as far as is known; never less than peakBytes. */
	mostBytes: number;
	/** A sentence on what limits the confidence, when something does. */
	note: string | null;
	/** What loads of other variants with the same kind of library changed in it; null: there were none, or it was measured. */
	correction: Correction | null;
}

/** What an estimate depends on beside the variant's files and what was measured of it. */
export interface EstimateOptions extends PlanOptions {
	/** What loads of the same kind of library took here; left out or null: there were none. */
	calibration?: Calibration | null | undefined;
}

/** What the meter saw of one variant with one library on one adapter. */
export interface Measured {
	contextWindow: number;
	afterLoadBytes: number;
	peakBytes: number;
}

const MEASURED_MARGIN = 0.01;

/** Above this a window is a mistake, and its bytes would not be whole numbers any more. */
const MOST_TOKENS = 2 ** 31;

/**
 * Bytes a variant will take at a context window, by the best that is known of it: measured on this device,
 * planned from its library, from its weights manifest, or the catalogue's declared figure. `measured` are all
 * windows seen of this variant here, with the same `options.sampling`; where they took what was planned, the plan of
 * every window is verified. null when nothing usable is known: that is not "does not fit".
 */
export function estimate(
	variant: Variant,
	contextWindow: number,
	facts: Facts | null = null,
	measured: readonly Measured[] = [],
	options: EstimateOptions = {}
): Estimate | null {
	const window = [contextWindow, variant.defaultContextWindow].find(
		(n) => n >= 1 && n <= MOST_TOKENS
	);
	if (window === undefined) return null;
	const whole = Math.floor(window);
	const seen = measured.filter(plausible);
	const here = seen.find((m) => m.contextWindow === whole);
	const known = facts ?? {};
	const asPlanned = ({ contextWindow, peakBytes }: Measured): boolean => {
		const plan = planOf(variant, contextWindow, known, options);
		return plan !== null && Math.abs(peakOf(plan) / peakBytes - 1) <= EXACT_MARGIN;
	};
	const { calibration } = options;
	const verifiedHere =
		options.verifiedHere === true || seen.some(asPlanned) || calibration?.trusted === true;
	const planned = planOf(variant, whole, known, { ...options, verifiedHere });
	const shape = shapeOf(variant, whole, known);
	const { plan, correction } = (planned && shape && calibration?.correct(planned, shape)) ?? {
		plan: planned,
		correction: null
	};
	if (here) return fromMeasured(here, plan);
	return plan && bounded({ ...fromPlan(whole, plan), correction }, seen);
}

const plausible = ({ contextWindow, afterLoadBytes, peakBytes }: Measured): boolean =>
	contextWindow >= 1 && afterLoadBytes > 0 && peakBytes >= afterLoadBytes && peakBytes < Infinity;

const peakOf = (plan: Parts): number => sums(plan).peakBytes;

type Parts = Pick<
	Estimate,
	'weightsBytes' | 'kvBytes' | 'activationsBytes' | 'runtimeBytes' | 'samplingBytes'
>;

function sums(parts: Parts): Pick<Estimate, 'afterLoadBytes' | 'peakBytes'> {
	const afterLoadBytes = parts.weightsBytes + parts.kvBytes + parts.runtimeBytes;
	return {
		afterLoadBytes,
		peakBytes: afterLoadBytes + parts.activationsBytes + parts.samplingBytes
	};
}

function fromPlan(contextWindow: number, plan: Plan): Omit<Estimate, 'correction'> {
	const parts = {
		weightsBytes: Math.round(plan.weightsBytes),
		kvBytes: Math.round(plan.kvBytes),
		activationsBytes: Math.round(plan.activationsBytes),
		runtimeBytes: Math.round(plan.runtimeBytes),
		samplingBytes: Math.round(plan.samplingBytes)
	};
	const totals = sums(parts);
	const marginRatio = Math.max(EXACT_MARGIN, plan.marginBytes / Math.max(1, totals.peakBytes));
	return {
		contextWindow,
		...parts,
		...totals,
		samplingBatch: plan.samplingBatch,
		exactParts: plan.exactParts,
		verified: plan.verified,
		confidence: plan.confidence,
		marginRatio,
		mostBytes: Math.ceil(plan.mostBytes ?? totals.peakBytes * (1 + marginRatio)),
		note: plan.note
	};
}

/** The totals as measured; the parts keep the plan's proportions where the plan took more. */
function fromMeasured(
	{ contextWindow, afterLoadBytes, peakBytes }: Measured,
	plan: Plan | null
): Estimate {
	const planned = plan ? plan.weightsBytes + plan.kvBytes : 0;
	const scale = planned > afterLoadBytes ? afterLoadBytes / planned : 1;
	const weightsBytes = plan ? Math.floor(plan.weightsBytes * scale) : afterLoadBytes;
	const kvBytes = plan ? Math.floor(plan.kvBytes * scale) : 0;
	const chatBytes = peakBytes - afterLoadBytes;
	const samplingBytes = Math.min(plan?.samplingBytes ?? 0, chatBytes);
	return {
		contextWindow,
		weightsBytes,
		kvBytes,
		activationsBytes: chatBytes - samplingBytes,
		runtimeBytes: afterLoadBytes - weightsBytes - kvBytes,
		samplingBytes,
		samplingBatch: plan?.samplingBatch ?? null,
		afterLoadBytes,
		peakBytes,
		exactParts: plan !== null && plan.exactParts && scale === 1,
		verified: true,
		confidence: 'measured',
		marginRatio: MEASURED_MARGIN,
		mostBytes: Math.ceil(peakBytes * (1 + MEASURED_MARGIN)),
		note: null,
		correction: null
	};
}

/** A smaller window takes no more, a larger one no less: what was measured at others bounds this one. */
function bounded(planned: Estimate, seen: readonly Measured[]): Estimate {
	const { contextWindow, peakBytes } = planned;
	const others = seen.map((m) => ({ larger: m.contextWindow > contextWindow, bytes: m.peakBytes }));
	const most = Math.min(...others.filter(({ larger }) => larger).map(({ bytes }) => bytes));
	const least = Math.max(...others.filter(({ larger }) => !larger).map(({ bytes }) => bytes));
	// Where two loads contradict each other, what a smaller window took counts.
	const within = (bytes: number): number => Math.max(least, Math.min(most, bytes));
	const bound = within(peakBytes);
	const mostBytes = within(planned.mostBytes);
	if (bound === peakBytes) return { ...planned, mostBytes };
	const scale = bound / peakBytes;
	const weightsBytes = Math.floor(planned.weightsBytes * scale);
	const kvBytes = Math.floor(planned.kvBytes * scale);
	const runtimeBytes = Math.floor(planned.runtimeBytes * scale);
	const samplingBytes = Math.floor(planned.samplingBytes * scale);
	const activationsBytes = bound - weightsBytes - kvBytes - runtimeBytes - samplingBytes;
	const parts = { weightsBytes, kvBytes, activationsBytes, runtimeBytes, samplingBytes };
	return {
		...planned,
		...parts,
		...sums(parts),
		mostBytes,
		exactParts: false,
		verified: false,
		note: 'Limited by what was measured here at another context window.'
	};
}
