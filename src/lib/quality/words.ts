import { count } from '#plan/words.ts';
import type { Bound } from './bound.ts';
import type { Standing } from './kept.ts';
import type { QualityRecord } from './record.ts';
import { LEAST_POSITIONS, quantile, QUANTILES } from './summary.ts';

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
		id: 'tail',
		title: 'KLD median, 99%, largest',
		meaning:
			'Half of the positions, and 99% of them, are below these; the largest is of one position.'
	},
	{
		id: 'perplexityRatio',
		title: 'PPL ratio',
		meaning:
			'Perplexity on the reference’s answers, divided by the reference’s own. 1 means equally sure of them.'
	},
	{
		id: 'departures',
		title: 'Answers that depart',
		meaning:
			'How many answers would go on otherwise than the reference’s, and the token (median) at which they do.'
	}
] as const;

/** What the figures do not say. */
export const LIMITS =
	'The figures say how different a variant is, not how good: close to the reference, differences do not predict scores in tests of knowledge or reasoning.';

/** What a comparison shows: with an unquantized reference, or the cost of fewer bits, or arithmetic alone. */
export type Scope = 'unquantized' | 'fewer-bits' | 'arithmetic';

/** By bits per weight, 0 for not quantized. */
export function scopeOf(referenceBits: number, otherBits: readonly number[]): Scope {
	if (referenceBits === 0) return 'unquantized';
	return otherBits.some((bits) => bits !== referenceBits) ? 'fewer-bits' : 'arithmetic';
}

export const HEADINGS: Record<Scope, string> = {
	unquantized: 'Difference from the unquantized model',
	'fewer-bits': 'Difference from the most precise variant here',
	arithmetic: 'Differences of arithmetic only'
};

/** Below the heading. */
export const EXPLANATIONS: Record<Scope, string> = {
	unquantized: 'Every variant continues the same answers of the unquantized variant.',
	'fewer-bits':
		'No unquantized variant can be compared here. Every variant continues the same answers of the most precise one, which is quantized itself.',
	arithmetic:
		'No unquantized variant can be compared here. The variants compared have the same quantized weights, so these figures do not show what quantization costs.'
};

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

export type Column = (typeof COLUMNS)[number]['id'];

/** "98.7% ± 0.2%", "0.0021 ± 0.00022" (or "≥ 0.0021 ..."), "1.0013 ± 0.0006", "8 of 24, at token 12". */
export function figures({ summary, departures }: QualityRecord): Record<Column, string> {
	const { sameToken, divergence, perplexityRatio, lowerBounds } = summary;
	const least = lowerBounds > 0 ? '≥ ' : '';
	const at = departures.filter((token) => token !== null).sort((a, b) => a - b);
	const of = `${count(at.length)} of ${count(departures.length)}`;
	const [median, last] = [QUANTILES.indexOf(50), QUANTILES.indexOf(99)];
	const tail = [divergence.quantiles[median], divergence.quantiles[last], divergence.largest];
	return {
		sameToken: `${PERCENT.format(sameToken.value)} ± ${PERCENT.format(sameToken.error)}`,
		divergence: `${least}${small(divergence.value)} ± ${small(divergence.error)}`,
		tail: tail.map((nats) => small(nats ?? NaN)).join(', '),
		perplexityRatio: `${RATIO.format(perplexityRatio.value)} ± ${RATIO.format(perplexityRatio.error)}`,
		departures: at.length === 0 ? of : `${of}, at token ${count(quantile(at, 0.5) + 1)}`
	};
}

const small = (nats: number): string =>
	nats === 0 || nats >= 1e-4 ? DIVERGENCE.format(nats) : nats.toExponential(1).replace('-', '−');

/** "98.7% same token", beside memory. */
export const qualityInShort = (standing: Standing): string =>
	standing.kind === 'reference'
		? 'reference'
		: `${PERCENT.format(standing.record.summary.sameToken.value)} same token`;

/** "98.7% same next token, mean KLD 0.0021". */
export function qualityLine(standing: Standing): string {
	if (standing.kind === 'reference') return 'Reference: the others were compared with it';
	const { sameToken, divergence, lowerBounds } = standing.record.summary;
	const least = lowerBounds > 0 ? '≥ ' : '';
	return `${PERCENT.format(sameToken.value)} same next token, mean KLD ${least}${small(divergence.value)}`;
}

/** Of a variant beyond the bound. */
export const MARK = 'differs strongly';

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
