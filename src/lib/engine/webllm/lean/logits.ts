import { Failure } from '../../../rpc/failure.ts';

/** What a request asks for that changes logits. Names and bounds as in the engine's generation config. */
export interface Adjustments {
	/** Added to the logits of these token ids. */
	logitBias: Readonly<Record<string, number>> | null;
	presencePenalty: number;
	frequencyPenalty: number;
	repetitionPenalty: number;
	/** How often each token was generated so far; prompts are not counted. */
	counts: ReadonlyMap<number, number>;
}

const f32 = Math.fround;

/**
 * Applies bias, then penalties, in place: the order of the engine and the f32 arithmetic of MLC's kernels
 * (`apply_logit_bias_inplace`, `apply_penalty_inplace`). Ids outside of the vocabulary are ignored, as on the GPU.
 */
export function adjust(logits: Float32Array, by: Adjustments): void {
	for (const [key, bias] of Object.entries(by.logitBias ?? {})) {
		const token = Number.parseInt(key, 10);
		const logit = logits[token];
		if (logit !== undefined) logits[token] = logit + f32(bias);
	}
	const [presence, frequency, repetition] = [
		f32(by.presencePenalty),
		f32(by.frequencyPenalty),
		f32(by.repetitionPenalty)
	];
	if (presence === 0 && frequency === 0 && repetition === 1) return;
	for (const [token, count] of by.counts) {
		const logit = logits[token];
		if (logit === undefined) continue;
		const x = f32(logit - f32(presence + f32(count * frequency)));
		logits[token] = x < 0 ? x * repetition : x / repetition;
	}
}

/** Grammar masks write the lowest f32 (MLC) or -3e38 (pocket) into the logits of forbidden tokens. */
const FORBIDDEN_BELOW = -1e38;

/** The largest logit. Throws a `bad-logits` Failure for NaN, infinity and when every token is forbidden. */
export function largest(logits: Float32Array): number {
	let top = -Infinity;
	for (let token = 0; token < logits.length; token++) {
		const x = logits[token] as number;
		if (x > top) top = x;
		else if (x !== x) throw badLogits(`NaN for token ${token}`);
	}
	if (top === Infinity) throw badLogits(`infinity for token ${logits.indexOf(Infinity)}`);
	if (top < FORBIDDEN_BELOW)
		throw badLogits(logits.length > 0 ? 'every token forbidden' : 'no logits');
	return top;
}

const badLogits = (found: string) =>
	new Failure('bad-logits', 'The model computed no usable probabilities for the next token.', {
		expected: 'finite logits',
		found
	});
