import type { Variant } from '../models/catalog.ts';
import { bytes, tokens } from '../words.ts';
import type { Plan } from './plan.ts';

/**
 * The declared figure is weights, KV cache and the largest temporary of all functions, `batch_verify`'s included,
 * which is never called. It leaves out what the KV cache keeps beside its pages, and all buffers for choosing tokens:
 * the catalogue's compiler writes 0 for them. What was really allocated without these buffers was between 1/2.33
 * (Qwen2-0.5B) and 1/0.87 (Phi, Gemma and Mistral) of it; with them a plan for Qwen2.5-0.5B is 0.85 to 0.95 of it, and
 * one for gemma-2b 1.5 times (declared.test.ts).
 */
export const DECLARED_MARGIN = { below: 0.57, above: 0.15 };

/** At 4096 tokens KV is between these shares of the declared figure for 4-bit weights, less for larger ones. */
const LEAST_KV_SHARE = 0.05;
const MOST_KV_SHARE = 0.55;

const sharePerBits = ({ quantization: { weightBits, computeBytes } }: Variant): number =>
	Math.min(1, 4 / (weightBits || 8 * computeBytes));

/** A rough KV cache where only the declared figure is known: of it 20% are taken for f16 and 30% for f32. */
export function roughKvBytes(variant: Variant, contextWindow: number): number {
	const share = (variant.quantization.computeBytes === 4 ? 0.3 : 0.2) * sharePerBits(variant);
	return finite((declaredOf(variant) * share * contextWindow) / 4096);
}

const finite = (n: number): number => (Number.isFinite(n) && n > 0 ? n : 0);

/** 0 for a figure that cannot be one. */
const declaredOf = ({ declaredBytes }: Variant): number =>
	declaredBytes >= 1 && declaredBytes <= 2 ** 50 ? declaredBytes : 0;

/**
 * A plan from the catalogue's figure alone; null where there is none. `exactKvAt`: bytes of the KV cache at a window,
 * where the model's configuration is known. `samplingBytes`: the most that choosing tokens may take.
 */
export function fromDeclared(
	variant: Variant,
	contextWindow: number,
	exactKvAt: ((contextWindow: number) => number) | null,
	samplingBytes: number
): Plan | null {
	const declared = Math.round(declaredOf(variant));
	if (declared === 0) return null;
	const declaredWindow = finite(variant.declaredContextWindow) || contextWindow;
	const kvAt = exactKvAt ?? ((window: number) => roughKvBytes(variant, window));
	// The weights do not vanish at a small window: KV is at most half of what was declared.
	const kvDeclared = Math.round(Math.min(kvAt(declaredWindow), declared / 2));
	const kv = kvAt(contextWindow) * (finite(kvDeclared / kvAt(declaredWindow)) || 1);
	const rest = declared - kvDeclared;
	// How the rest divides is a guess, and shown as one.
	const weights = Math.round(rest * 0.8);
	const activations = Math.round(rest * 0.15);
	const peak = rest + kv;
	// A smaller window saves the less and a larger one costs the more of what KV may be.
	const times = contextWindow / declaredWindow;
	const share = times < 1 ? LEAST_KV_SHARE * sharePerBits(variant) : MOST_KV_SHARE;
	const most = exactKvAt ? peak : Math.max(peak, declared * (1 + share * (times - 1)));
	const mostBytes = most * (1 + DECLARED_MARGIN.above) + samplingBytes;
	const leastBytes =
		(peak - (exactKvAt ? 0 : 0.8 * Math.abs(kv - kvDeclared))) * (1 - DECLARED_MARGIN.below);
	return {
		weightsBytes: weights,
		kvBytes: kv,
		activationsBytes: activations,
		runtimeBytes: rest - weights - activations,
		samplingBytes: 0,
		samplingBatch: null,
		exactParts: false,
		verified: false,
		confidence: 'declared',
		mostBytes,
		marginBytes: Math.max(mostBytes - peak, peak - leastBytes),
		note: `The catalogue declares ${bytes(declared)} at ${tokens(declaredWindow)}. That counts functions that are never called and leaves out the sampling buffers: between ${bytes(leastBytes)} and ${bytes(mostBytes)} may be taken at ${tokens(contextWindow)}.`
	};
}
