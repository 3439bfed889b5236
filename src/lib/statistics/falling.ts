import type { RecentRate } from './record.ts';

/** The latest answers are slower than earlier ones at the same context depth. */
export interface Fall {
	/** Mean of the last answers. */
	tokensPerSecond: number;
	/** Mean of the earlier answers on this device. */
	usualTokensPerSecond: number;
}

/** Share of the usual speed below which an answer is slow. */
export const FALLEN_RATIO = 0.6;
/** Slow answers in a row; one or two may be chance. */
const LAST = 3;
/** Earlier answers needed for a mean. */
const LEAST_BEFORE = 5;

/** Depths within a factor of two are compared with each other, and so are all depths below this. */
const SHALLOW_TOKENS = 512;
const depthClass = ({ depthTokens }: RecentRate): number =>
	Math.max(0, Math.floor(Math.log2(Math.max(1, depthTokens) / SHALLOW_TOKENS)) + 1);

/**
 * The fall if the newest answer completes it, so that it is reported once: the last three answers at its depth are all
 * below 0.6 of the mean of the earlier ones. Rates from stored conversations are ignored: they may come from another
 * device.
 */
export function fellJustNow(recent: readonly RecentRate[]): Fall | null {
	const rates = ratesLikeTheNewest(recent);
	return fallIn(rates.slice(0, -1)) ? null : fallIn(rates);
}

/** The same, no matter which answer completed it. */
export const fallen = (recent: readonly RecentRate[]): Fall | null =>
	fallIn(ratesLikeTheNewest(recent));

function ratesLikeTheNewest(recent: readonly RecentRate[]): number[] {
	const here = recent.filter(({ kept }) => !kept);
	const newest = here.at(-1);
	return newest
		? here
				.filter((rate) => depthClass(rate) === depthClass(newest))
				.map(({ tokensPerSecond }) => tokensPerSecond)
		: [];
}

function fallIn(rates: readonly number[]): Fall | null {
	const before = rates.slice(0, -LAST);
	if (before.length < LEAST_BEFORE) return null;
	const last = rates.slice(-LAST);
	const usualTokensPerSecond = mean(before);
	return last.every((rate) => rate < FALLEN_RATIO * usualTokensPerSecond)
		? { tokensPerSecond: mean(last), usualTokensPerSecond }
		: null;
}

const mean = (values: readonly number[]) =>
	values.reduce((sum, value) => sum + value, 0) / values.length;
