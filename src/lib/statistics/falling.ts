import type { RecentRate } from './record.ts';

/** Answers that are slower than they used to be at this depth of context. */
export interface Fall {
	/** Mean of the last answers. */
	tokensPerSecond: number;
	/** Mean of those before, on this device. */
	usualTokensPerSecond: number;
}

/** Slower than this part of the mean. */
export const FALLEN_RATIO = 0.6;
/** One slow answer is chance, and so may be two. */
const LAST = 3;
/** Fewer make no mean to compare with. */
const LEAST_BEFORE = 5;

/** Depths within a factor of two are one; below that, depth makes no difference that could be told. */
const SHALLOW_TOKENS = 512;
const depthClass = ({ depthTokens }: RecentRate): number =>
	Math.max(0, Math.floor(Math.log2(Math.max(1, depthTokens) / SHALLOW_TOKENS)) + 1);

/**
 * Whether the last answers, at the depth of the very last one, were all below 0.6 of the mean of those before, and the
 * very last one made it so: it is said once. What came with a conversation may have been measured on another device
 * and does not count.
 */
export function fellJustNow(recent: readonly RecentRate[]): Fall | null {
	const rates = ratesLikeTheNewest(recent);
	return fallIn(rates.slice(0, -1)) ? null : fallIn(rates);
}

/** The same, whenever it began. */
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
