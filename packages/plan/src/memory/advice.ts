import type { Family, Variant } from '../models/catalog.ts';
import { bitsPerWeight } from '../models/quantization.ts';
import { bytes, percent, tokens } from '../words.ts';
import { maxContextWindow } from './context-limit.ts';
import { largestContext, LEAST_WINDOW } from './context.ts';
import { judge, type Judgement, type Knowledge } from './judge.ts';
import type { Situation } from './verdict.ts';

export type AdviceKind = 'safest' | 'balanced' | 'precise';

/** One answer to "which variant of this family for my GPU": all that is to be set. */
export interface Advice extends Judgement {
	kind: AdviceKind;
	/** The safety threshold that goes with it, as a ratio of the budget. */
	threshold: number;
	/** Why this one, in a sentence. */
	sentence: string;
}

/** `safest` leaves other programs room, `precise` uses what there is. */
const THRESHOLDS: Record<AdviceKind, number> = { safest: 0.8, balanced: 0.9, precise: 0.95 };

/** A window that holds a usual conversation. */
const USUAL_WINDOW = 4096;
const BALANCED_WINDOW = 8192;

/**
 * Three answers for a family on this GPU, whatever threshold is set now; those for which nothing is found are left out.
 * - safest: the variant that takes least with the usual window, of four bits or more where one fits;
 * - balanced: four bits where one fits, with a larger window as far as it still fits;
 * - precise: the most bits per weight that are not blocked, even if tight, with the usual window or less.
 */
export function adviceFor(
	family: Family,
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation
): Advice[] {
	const at = (kind: AdviceKind): Situation => ({ ...situation, threshold: THRESHOLDS[kind] });
	const within = (kind: AdviceKind, most: number, wanted: 'fits' | 'tight'): Judgement[] =>
		family.variants.flatMap((variant) => {
			const known = knownOf(variant);
			const limit = Math.min(most, maxContextWindow(variant, known.facts));
			const found = largestContext(variant, known, at(kind), wanted, limit);
			return found?.estimate ? [found] : [];
		});
	const told = (kind: AdviceKind, judged: Judgement | undefined): Advice[] =>
		judged
			? [{ ...judged, kind, threshold: THRESHOLDS[kind], sentence: sentenceOf(kind, judged) }]
			: [];

	const safe = family.variants.flatMap((variant) => {
		const known = knownOf(variant);
		const window = Math.min(USUAL_WINDOW, maxContextWindow(variant, known.facts));
		const judged = judge(variant, window, known, at('safest'));
		return judged.verdict.kind === 'fits' && judged.estimate ? [judged] : [];
	});
	return [
		...told('safest', first(safe) ?? first(within('safest', USUAL_WINDOW, 'fits'))),
		...told('balanced', first(within('balanced', BALANCED_WINDOW, 'fits'))),
		...told(
			'precise',
			within('precise', USUAL_WINDOW, 'tight').sort(
				(a, b) => bitsOf(b) - bitsOf(a) || b.contextWindow - a.contextWindow
			)[0]
		)
	];
}

const bitsOf = ({ variant: { quantization } }: Judgement): number => bitsPerWeight(quantization);
const isCoarse = (judged: Judgement): boolean => bitsOf(judged) < 4;

/** Takes least, three bits last; of the same bytes the larger window. */
const first = (judged: readonly Judgement[]): Judgement | undefined =>
	[...judged].sort(
		(a, b) =>
			Number(isCoarse(a)) - Number(isCoarse(b)) ||
			bitsOf(a) - bitsOf(b) ||
			b.contextWindow - a.contextWindow
	)[0];

const BECAUSE: Record<AdviceKind, string> = {
	safest: 'leaves the most room for other programs',
	balanced: 'is the usual quantization with the largest window that fits well',
	precise: 'is the most precise that is not blocked'
};

function sentenceOf(kind: AdviceKind, { variant, contextWindow, estimate }: Judgement): string {
	const short = contextWindow <= LEAST_WINDOW ? ' That window is very short.' : '';
	return `${variant.quantization.name} with ${tokens(contextWindow)} takes ${bytes(estimate?.peakBytes ?? NaN)} and ${BECAUSE[kind]}; threshold ${percent(THRESHOLDS[kind])}.${short}`;
}
