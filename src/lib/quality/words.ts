import { count } from '#plan/words.ts';
import type { Bound } from './alert.ts';
import { LEAST_POSITIONS, type Summary } from './summary.ts';

/** The columns of a table of results, with what each means. */
export const COLUMNS = [
	{
		id: 'sameToken',
		title: 'Same next token',
		meaning: 'How often both variants hold the same token for the most likely one.'
	},
	{
		id: 'divergence',
		title: 'Mean KLD',
		meaning:
			'Kullback–Leibler divergence in nats: how far the probabilities of all tokens differ. 0 means equal.'
	},
	{
		id: 'perplexityRatio',
		title: 'PPL ratio',
		meaning:
			'Perplexity on the reference’s answers, divided by the reference’s own. 1 means equally sure of them.'
	}
] as const;

/** What the figures do not say. */
export const LIMITS =
	'The figures say how different a variant is, not how good: close to the reference, differences do not predict scores in tests of knowledge or reasoning.';

/** Heading of a family's results. */
export const headingOf = (hasUnquantized: boolean): string =>
	hasUnquantized ? 'Difference from the unquantized model' : 'Differences of arithmetic only';

/** Below the heading. */
export const scopeOf = (hasUnquantized: boolean): string =>
	hasUnquantized
		? 'Every variant continues the same answers of the unquantized variant.'
		: 'This family has no unquantized variant. The variants compared have the same 4-bit weights, so these figures do not show what quantization costs.';

const PERCENT = new Intl.NumberFormat('en', {
	style: 'percent',
	minimumFractionDigits: 1,
	maximumFractionDigits: 1
});
const DIVERGENCE = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const RATIO = new Intl.NumberFormat('en', {
	minimumFractionDigits: 4,
	maximumFractionDigits: 4
});

/** "98.7%", "0.0021" (or "≥ 0.0021"), "1.0013", each with its standard error: "± 0.0002". */
export function figures(summary: Summary): Record<keyof Bound | 'perplexityRatio', string> {
	const { sameToken, divergence, perplexityRatio, lowerBounds } = summary;
	const least = lowerBounds > 0 ? '≥ ' : '';
	return {
		sameToken: `${PERCENT.format(sameToken.value)} ± ${PERCENT.format(sameToken.error)}`,
		divergence: `${least}${small(divergence.value)} ± ${small(divergence.error)}`,
		perplexityRatio: `${RATIO.format(perplexityRatio.value)} ± ${RATIO.format(perplexityRatio.error)}`
	};
}

const small = (nats: number): string =>
	nats === 0 || nats >= 1e-4 ? DIVERGENCE.format(nats) : nats.toExponential(1).replace('-', '−');

/** Why a variant is marked; empty: it is not. */
export function alertWords(beyond: readonly (keyof Bound)[], bound: Bound): string {
	const reasons = {
		sameToken: `same next token below ${PERCENT.format(bound.sameToken).replace('.0', '')}`,
		divergence: `mean KLD above ${DIVERGENCE.format(bound.divergence)}`
	};
	if (beyond.length === 0) return '';
	return `Differs strongly: ${beyond.map((name) => reasons[name]).join(', ')}.`;
}

/** Instead of figures. */
export const tooFew = (positions: number): string =>
	`Only ${count(positions)} ${positions === 1 ? 'position' : 'positions'}: statistics need at least ${LEAST_POSITIONS}. Add a question of your own.`;
