import type { PositionDifference } from '../engine/position.ts';

/** Below this many positions there are no statistics; llama-perplexity has the same limit. */
export const LEAST_POSITIONS = 100;
/** A measurement should have at least this many. */
export const ENOUGH_POSITIONS = 400;

/** Percent of the positions below each quantile. */
export const QUANTILES = [1, 5, 50, 95, 99] as const;

/** A value with its standard error, in the same unit. */
export interface Estimated {
	value: number;
	error: number;
}

/** How much a variant differs from its reference, named as in `llama-perplexity --kl-divergence`. */
export interface Summary {
	positions: number;
	/** Positions whose divergence is only a lower bound. */
	lowerBounds: number;
	/** Ratio of positions at which both have the same most likely token. */
	sameToken: Estimated;
	/** Kullback-Leibler divergence in nats; `quantiles` as in `QUANTILES`. */
	divergence: Estimated & { quantiles: readonly number[]; largest: number };
	/** Perplexity of the variant divided by the reference's, on the reference's own answers. */
	perplexityRatio: Estimated;
}

/** Statistics of all positions; null for fewer than `LEAST_POSITIONS`. */
export function summarize(differences: readonly PositionDifference[]): Summary | null {
	const positions = differences.length;
	if (positions < LEAST_POSITIONS) return null;
	const divergences = differences.map(({ divergence }) => divergence).sort((a, b) => a - b);
	const same = differences.filter(({ sameToken }) => sameToken).length / positions;
	return {
		positions,
		lowerBounds: differences.filter(({ lowerBound }) => lowerBound).length,
		sameToken: { value: same, error: Math.sqrt((same * (1 - same)) / (positions - 1)) },
		divergence: {
			...meanOf(divergences),
			quantiles: QUANTILES.map((percent) => quantile(divergences, percent / 100)),
			largest: divergences.at(-1)
		},
		perplexityRatio: perplexityRatio(differences)
	};
}

/**
 * Perplexity ratio with its error, as in llama.cpp (tools/perplexity/perplexity.cpp, `kl_divergence`):
 * ln ratio = mean(nll) - mean(nll base), var = var(nll) + var(nll base) - 2 cov(nll, nll base), each over n - 1, and the
 * ratio's error = ratio * sqrt(var). The variance is taken from the differences, which is the same and exactly 0 where
 * both are equal.
 */
export function perplexityRatio(differences: readonly PositionDifference[]): Estimated {
	const { value, error } = meanOf(
		differences.map((d) => d.referenceLogProbability - d.logProbability)
	);
	const ratio = Math.exp(value);
	return { value: ratio, error: ratio * error };
}

/** Mean and its standard error, sqrt((mean of squares - square of mean) / (n - 1)), without the loss of digits. */
function meanOf(values: readonly number[]): Estimated {
	const n = values.length;
	const mean = values.reduce((sum, x) => sum + x, 0) / n;
	const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
	return { value: mean, error: Math.sqrt(squares / n / (n - 1)) };
}

/** Linear between the two nearest, as in llama.cpp's `percentile`; `sorted` ascending, not empty. */
export function quantile(sorted: readonly number[], ratio: number): number {
	const place = ratio * (sorted.length - 1);
	const below = Math.floor(place);
	const low = sorted[below] as number;
	const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
	return low + (place - below) * (high - low);
}

/**
 * Index of the token at which a free greedy answer departs from the reference's: up to there both have read the same,
 * so that the forced answer shows it. null: it does not depart.
 */
export function departure(answer: readonly PositionDifference[]): number | null {
	const index = answer.findIndex(({ sameToken }) => !sameToken);
	return index === -1 ? null : index;
}
