import { deviation, spreadOf } from '../statistics/spread.ts';

/** How samples lie: every one of them is kept. */
export interface Distribution {
	mean: number;
	/** The sample's standard deviation; null: it takes two samples. */
	deviation: number | null;
}

/** null: there are none. */
export function distributionOf(samples: readonly number[]): Distribution | null {
	const spread = spreadOf(samples);
	return spread.count === 0 ? null : { mean: spread.mean, deviation: deviation(spread) };
}

/** Tokens per second of a run of `ms`. */
export const rateOf = (tokens: number, ms: number): number => (tokens / ms) * 1000;

/** The keys of those with the best figure; none where fewer than two have one: there is nothing to be better than. */
export function bestOf(
	figures: readonly (readonly [key: string, figure: number | null])[],
	better: 'higher' | 'lower'
): ReadonlySet<string> {
	const known = figures.filter(
		(each): each is readonly [string, number] => each[1] !== null && Number.isFinite(each[1])
	);
	if (known.length < 2) return new Set();
	const values = known.map(([, figure]) => figure);
	const best = better === 'higher' ? Math.max(...values) : Math.min(...values);
	return new Set(known.filter(([, figure]) => figure === best).map(([key]) => key));
}

/** A figure over the baseline's; null: one of the two is missing, or the baseline's is 0. */
export function ratioTo(figure: number | null, baseline: number | null): number | null {
	if (figure === null || baseline === null || !(baseline > 0)) return null;
	const ratio = figure / baseline;
	return Number.isFinite(ratio) ? ratio : null;
}
