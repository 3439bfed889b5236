import type { KeptPosition, PositionDifference } from '../engine/position.ts';
import type { Failure } from '../rpc/failure.ts';

/** Nats a token: a model that works finds its own most likely answer likely. */
const MOST_OWN_NATS = 1.5;
/** Two unquantized variants of a family agree in at least this ratio of positions. */
const LEAST_AGREEMENT = 0.98;

/** Why a variant cannot serve as a reference. */
export interface ReferenceProblem {
	kind: 'computes-wrongly' | 'not-repeatable' | 'unlikely-answers' | 'unquantized-disagree';
	message: string;
	/** What the person can do. */
	advice: string;
}

const OTHER_REFERENCE =
	'Choose another variant as the reference, or delete its files and download them again.';

/** The problem behind a failed measurement; null: it says nothing about what the device computes. */
export const wrongResults = ({ kind }: Failure): ReferenceProblem | null =>
	kind === 'bad-logits'
		? {
				kind: 'computes-wrongly',
				message: 'This model computes wrongly here: its probabilities are not numbers.',
				advice:
					'Try a variant with 32-bit activations (f32), update the browser and the graphics driver, or delete the model’s files and download them again.'
			}
		: null;

/** Mean negative log probability of the answers' tokens, in nats a token; null for no tokens. */
export function ownNats(answers: readonly (readonly KeptPosition[])[]): number | null {
	const positions = answers.flat();
	if (positions.length === 0) return null;
	return -positions.reduce((sum, { logProbability }) => sum + logProbability, 0) / positions.length;
}

/**
 * Checks a reference before anything is compared with it: the most precise variant can be the wrong one. `itself` is
 * the reference compared with itself, `unquantized` another unquantized variant compared with it (null: there is none).
 */
export function referenceProblem({
	answers,
	itself,
	unquantized
}: {
	answers: readonly (readonly KeptPosition[])[];
	itself: readonly PositionDifference[];
	unquantized: readonly PositionDifference[] | null;
}): ReferenceProblem | null {
	if (itself.some(({ divergence, sameToken }) => divergence !== 0 || !sameToken))
		return {
			kind: 'not-repeatable',
			message: 'The reference gave different results for the same text.',
			advice: 'Close other programs that use the GPU, reload the page and measure again.'
		};
	const nats = ownNats(answers);
	if (nats !== null && nats >= MOST_OWN_NATS)
		return {
			kind: 'unlikely-answers',
			message: 'The reference finds its own answers unlikely: it may compute wrongly here.',
			advice: OTHER_REFERENCE
		};
	if (unquantized !== null && sameRatio(unquantized) < LEAST_AGREEMENT)
		return {
			kind: 'unquantized-disagree',
			message: 'The two unquantized variants disagree: one of them computes wrongly here.',
			advice: OTHER_REFERENCE
		};
	return null;
}

const sameRatio = (differences: readonly PositionDifference[]) =>
	differences.length === 0
		? 1
		: differences.filter(({ sameToken }) => sameToken).length / differences.length;
