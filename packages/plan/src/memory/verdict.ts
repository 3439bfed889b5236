import type { DeviceReading } from '../device/adapter.ts';
import type { Budget } from '../device/budget.ts';
import { granted, type Granted } from '../device/granted.ts';
import { withoutShaderF16 } from '../device/shader-f16.ts';
import type { Variant } from '../models/catalog.ts';
import { otherEngine } from '../models/engine-imports.ts';
import { hostBytesWhileLoading, largestTensor, type Facts } from '../models/facts.ts';
import { bytes, count, percent, tokens } from '../words.ts';
import type { Estimate } from './estimate.ts';
import { largestKvBuffer } from './plan.ts';
import { samplingBuffers, type TokenSampling } from './sampling.ts';

export type VerdictKind = 'fits' | 'tight' | 'blocked';

/** One reason, as a sentence for a person; the code is for tests and styling. */
export interface Reason {
	code:
		| 'no-webgpu'
		| 'no-adapter'
		| 'limits-below-floor'
		| 'needs-shader-f16'
		| 'needs-feature'
		| 'needs-another-engine'
		| 'tensor-above-binding'
		| 'tensor-above-buffer'
		| 'context-above-model'
		| 'over-budget'
		| 'over-threshold'
		| 'near-threshold'
		| 'estimate-uncertain'
		| 'may-fit'
		| 'failed-here-before'
		| 'host-memory'
		| 'above-heap'
		| 'software-adapter';
	sentence: string;
}

/** Something concrete that would help, computed for this device. */
export type Offer =
	| {
			kind: 'variant';
			variantId: string;
			contextWindow: number;
			peakBytes: number;
			sentence: string;
	  }
	| { kind: 'context'; contextWindow: number; peakBytes: number; sentence: string }
	| { kind: 'declare-gpu'; sentence: string }
	| { kind: 'check-exactly'; sentence: string }
	| { kind: 'load-once-anyway'; sentence: string };

export interface Verdict {
	kind: VerdictKind;
	/** Never empty for tight and blocked. */
	reasons: readonly Reason[];
	/** Things worth knowing that do not change the verdict (host memory, software adapter). */
	warnings: readonly Reason[];
	/** True where only the budget stands in the way: "load once anyway" may be offered. */
	overridable: boolean;
}

/** Ratio of the budget above which a load is blocked; `off` blocks nothing by the budget. */
export type Threshold = number | 'off';

export const DEFAULT_THRESHOLD = 0.9;

/** Up to here it fits without a word. */
export const FITS_RATIO = 0.8;

/** What a verdict depends on besides the variant: the same for all of them. */
export interface Situation {
	/** What the browser said of the GPU; null: not known yet. */
	reading: DeviceReading | null;
	budget: Budget | null;
	threshold: Threshold;
	/** Bytes our page holds on the GPU now. */
	usedBytes?: number;
	/** Of these, bytes of the model that leaves before the new one loads. */
	outgoingBytes?: number;
}

/** What is asked: this variant at this window. */
export interface Question {
	variant: Variant;
	contextWindow: number;
	estimate: Estimate | null;
	facts: Facts | null;
	/** A load of this variant at this window or a smaller one ran out of memory here. */
	failedHere?: boolean;
	/** It was loaded here before, at whatever window. */
	loadedHere?: boolean;
	/** Who would choose the tokens; `engine` where it is not said. */
	sampling?: TokenSampling;
}

/** Whether a variant can be loaded at a context window here. Hard limits come first and cannot be overridden. */
export function verdict(question: Question, situation: Situation): Verdict {
	const warnings = warningsOf(question, situation);
	const hard = hardLimits(question, situation);
	if (hard.length) return { kind: 'blocked', reasons: hard, warnings, overridable: false };
	const { kind, reasons } = byBudget(question, situation);
	if (question.failedHere && kind !== 'blocked')
		return {
			kind: 'tight',
			reasons: [...reasons, FAILED_HERE],
			warnings,
			overridable: false
		};
	return { kind, reasons, warnings, overridable: kind === 'blocked' };
}

const FAILED_HERE: Reason = {
	code: 'failed-here-before',
	sentence: 'Loading it ran out of GPU memory here not long ago.'
};

/** The budget's bytes that a new model may take, beside what stays loaded; null when no budget is known. */
export function availableBytes(situation: Situation): number | null {
	const total = situation.budget?.bytes;
	if (total === undefined || !Number.isFinite(total)) return null;
	const used = finite(situation.usedBytes);
	return total - Math.max(0, used - finite(situation.outgoingBytes));
}

const finite = (n: number | undefined): number =>
	n !== undefined && Number.isFinite(n) ? Math.max(0, n) : 0;

function hardLimits(question: Question, { reading }: Situation): Reason[] {
	const { variant, contextWindow, facts } = question;
	if (reading && reading.kind !== 'ready')
		return [{ code: reading.kind, sentence: `${reading.sentence} ${reading.remedy}` }];
	const reasons: Reason[] = [];
	const otherwise = facts?.library ? otherEngine(facts.library) : null;
	if (otherwise !== null) reasons.push({ code: 'needs-another-engine', sentence: otherwise });
	if (reading) {
		const { limits, features } = reading.device;
		const given = granted(limits);
		if (given.kind === 'refused')
			reasons.push({ code: 'limits-below-floor', sentence: given.sentence });
		else reasons.push(...bufferLimits(question, given));
		if (variant.quantization.needsShaderF16 && !features.includes('shader-f16'))
			reasons.push({
				code: 'needs-shader-f16',
				sentence: `${variant.quantization.name} needs 16-bit shaders (shader-f16). ${withoutShaderF16(reading.device)}`
			});
		for (const feature of variant.requiredFeatures)
			if (feature !== 'shader-f16' && !features.includes(feature))
				reasons.push({
					code: 'needs-feature',
					sentence: `This model needs the WebGPU feature “${feature}”, which this GPU does not offer.`
				});
	}
	const most = facts?.config?.maxContextWindow ?? variant.maxContextWindow;
	if (most !== null && contextWindow > most)
		reasons.push({
			code: 'context-above-model',
			sentence: `The model was made for ${tokens(most)} at most; ${tokens(contextWindow)} are set.`
		});
	return reasons;
}

function bufferLimits(
	{ variant, contextWindow, facts, sampling }: Question,
	granted: Granted
): Reason[] {
	const tensor = largestTensor(facts);
	const buffers = facts && samplingBuffers(facts, sampling ?? 'engine');
	const kv = largestKvBuffer(variant, contextWindow, facts);
	const declared = tensor ? null : variant.requiredBindingBytes;
	const candidates = [
		declared !== null && { bytes: declared, what: 'Its largest tensor' },
		tensor && { bytes: tensor.bytes, what: `Its largest tensor (${tensor.name})` },
		kv !== null && { bytes: kv, what: `One layer of the KV cache at ${tokens(contextWindow)}` },
		typeof buffers?.bindingBytes === 'number' && {
			bytes: buffers.bindingBytes,
			what: facts?.library?.maxBatchSize
				? `One sampling buffer, for the batch of ${count(buffers.batch ?? 1)} that the library was compiled for,`
				: `One sampling buffer, for a batch of ${count(buffers.batch ?? 1)} (assumed: the library was not read or does not say),`
		}
	];
	const reasons: Reason[] = [];
	for (const candidate of candidates) {
		if (!candidate) continue;
		const { bytes: size, what } = candidate;
		// A buffer above the binding size loads without an error and generates garbage.
		if (size > granted.maxStorageBufferBindingSize)
			reasons.push({
				code: 'tensor-above-binding',
				sentence: `${what} takes ${bytes(size)}, and this GPU binds ${bytes(granted.maxStorageBufferBindingSize)} at most: it would answer nonsense.`
			});
		else if (size > granted.maxBufferSize)
			reasons.push({
				code: 'tensor-above-buffer',
				sentence: `${what} takes ${bytes(size)}, and buffers of this GPU end at ${bytes(granted.maxBufferSize)}.`
			});
	}
	return reasons;
}

function byBudget(
	{ estimate, variant }: Question,
	situation: Situation
): { kind: VerdictKind; reasons: Reason[] } {
	const available = availableBytes(situation);
	const peak = estimate?.peakBytes;
	if (!estimate || peak === undefined || !Number.isFinite(peak))
		return uncertain(`How much ${variant.quantization.name} takes is not known yet.`);
	if (available === null || !situation.budget)
		return uncertain('How much memory this GPU has is not known yet.');
	const total = situation.budget.bytes;
	const threshold = usable(situation.threshold);
	// What stays loaded counts against the same threshold as what comes.
	const need = peak + (total - available);
	const needs = `It needs ${bytes(peak)}`;
	const has =
		available < total
			? `${bytes(Math.max(0, available))} of ${bytes(total)} are free`
			: `${bytes(total)} may be used`;
	if (threshold !== 'off' && need > threshold * total) {
		const over: Reason =
			need > total
				? { code: 'over-budget', sentence: `${needs}, and ${has} here.` }
				: {
						code: 'over-threshold',
						sentence: `${needs}: ${percent(need / total)} of the ${bytes(total)} that may be used, above the safety threshold of ${percent(threshold)}.`
					};
		return { kind: 'blocked', reasons: [over] };
	}
	if (need > total)
		return {
			kind: 'tight',
			reasons: [
				{
					code: 'over-budget',
					sentence: `${needs}, and ${has} here. The threshold is off, so it may be tried.`
				}
			]
		};
	const comfortable = Math.min(FITS_RATIO, threshold === 'off' ? 1 : threshold) * total;
	if (need > comfortable)
		return {
			kind: 'tight',
			reasons: [
				{
					code: 'near-threshold',
					sentence: `${needs}: ${percent(need / total)} of the ${bytes(total)} that may be used. Other programs may push it out.`
				}
			]
		};
	// The catalogue's figure leaves out what may be the larger part: up to there it fits only if all of it does.
	const most =
		estimate.confidence === 'declared' && Number.isFinite(estimate.mostBytes)
			? estimate.mostBytes
			: peak;
	if (most + (total - available) > comfortable)
		return {
			kind: 'tight',
			reasons: [
				{
					code: 'may-fit',
					sentence: `It may fit: the catalogue’s figure is ${bytes(peak)}, and up to ${bytes(most)} may be taken.`
				}
			]
		};
	return { kind: 'fits', reasons: [] };
}

const uncertain = (sentence: string): { kind: VerdictKind; reasons: Reason[] } => ({
	kind: 'tight',
	reasons: [{ code: 'estimate-uncertain', sentence }]
});

/** A threshold that is no positive number would block everything: the default stands in. */
const usable = (threshold: Threshold): Threshold =>
	threshold === 'off' || (Number.isFinite(threshold) && threshold > 0)
		? threshold
		: DEFAULT_THRESHOLD;

/** Loading a 1B model in 16 bits took 5.6 GB in the page's process: above this a small machine suffers. */
const HOST_SHARE = 0.25;

/**
 * Bytes to which the engine's 32-bit heap can grow for a tensor, beside what else lies in it. Llama-3.2-1B in q0f32,
 * whose largest tensor takes 4 x 1,050,673,152 bytes there, ended the runtime (seen with engine 0.2.79 only).
 */
const HEAP_BYTES = 2 ** 32 - 128 * 2 ** 20;

function warningsOf({ facts, loadedHere }: Question, { reading }: Situation): Reason[] {
	const device = reading?.kind === 'ready' ? reading.device : null;
	const warnings: Reason[] = [];
	if (device?.software)
		warnings.push({
			code: 'software-adapter',
			sentence: 'Software rendering: no GPU in use. Everything works, but slowly.'
		});
	const host = hostBytesWhileLoading(facts);
	if (host !== null && host > HEAP_BYTES && !loadedHere)
		warnings.push({
			code: 'above-heap',
			sentence: `Loading it is likely to fail: its largest tensor takes about ${bytes(host)} of the engine’s heap while loading, and that ends at ${bytes(2 ** 32)}.`
		});
	const memory = (device?.deviceMemoryGiB ?? 4) * 2 ** 30;
	if (host !== null && host > HOST_SHARE * memory)
		warnings.push({
			code: 'host-memory',
			sentence: `While loading, the page itself takes about ${bytes(host)} of the computer's memory and keeps it until the model is unloaded.`
		});
	return warnings;
}
