import { percent } from '../words.ts';
import { FAILURE_LIFE_MS, type MemoryHistory } from './history.ts';

/** The least and the most a threshold may be set to, as ratios of the budget. */
export interface ThresholdRange {
	min: number;
	max: number;
}

export interface ThresholdQuestion {
	history: MemoryHistory;
	/** See `adapterKey`: what happened on another GPU says nothing of this one. */
	adapter: string;
	budgetBytes: number;
	/** As it is set, a ratio of the budget; null: nothing is blocked. */
	threshold: number | null;
	range: ThresholdRange;
	/** Milliseconds since 1970. */
	now: number;
}

export interface ThresholdAdvice {
	/** A ratio of the budget, in whole percents. */
	ratio: number;
	/** `lower`: loads that it admits ran out of memory. `higher`: loads that it blocks worked. */
	kind: 'lower' | 'higher';
	/** What happened here, in a sentence. */
	sentence: string;
}

interface Load {
	ratio: number;
	at: number;
}

/**
 * A safety threshold that agrees with what happened on this GPU; null where the one that is set does. What ran out of
 * memory comes first: a failure counts for as long as the history remembers it, unless a load of at least as many bytes
 * has worked since. Loads above the threshold that worked lately, because somebody loaded them anyway or it was higher
 * then, raise it no further than just below the smallest failure that was ever known and not disproved.
 */
export function suggestThreshold(question: ThresholdQuestion): ThresholdAdvice | null {
	const { history, adapter, budgetBytes, threshold, range, now } = question;
	if (!(budgetBytes > 0)) return null;
	const here = <T extends { adapter: string }>(records: readonly T[]) =>
		records.filter((record) => record.adapter === adapter);
	const worked: Load[] = here(history.measurements).map(({ peakBytes, at }) => ({
		ratio: peakBytes / budgetBytes,
		at
	}));
	const lives = ({ at }: Load) => Math.abs(now - at) < FAILURE_LIFE_MS;
	const everFailed: Load[] = here(history.failures).map(({ neededBytes, at }) => ({
		ratio: neededBytes / budgetBytes,
		at
	}));
	const undisproved = everFailed.filter(
		(failure) => !worked.some(({ ratio, at }) => ratio >= failure.ratio && at > failure.at)
	);
	const failed = undisproved.filter(lives);
	const smallest = smallestOf(failed);
	const most = Math.min(range.max, below(smallest));

	const admitted = failed.filter(({ ratio }) => ratio <= (threshold ?? Infinity));
	if (admitted.length > 0) {
		// Even the lowest threshold would admit it: the budget is wrong, or other programs were in the way.
		if (most < range.min) return null;
		return {
			ratio: most,
			kind: 'lower',
			sentence: `${loads(admitted.length)} planned at ${percent(smallest)} of the budget${admitted.length === 1 ? '' : ' or more'} ran out of GPU memory here.`
		};
	}
	if (threshold === null) return null;
	// Time alone is no reason for less safety: what failed once bounds it for as long as it is known.
	const smallestEver = smallestOf(undisproved);
	const blocked = worked.filter(
		(load) =>
			load.ratio > threshold &&
			load.ratio <= 1 &&
			lives(load) &&
			everFailed.every(({ ratio, at }) => ratio > load.ratio || at < load.at)
	);
	if (blocked.length === 0) return null;
	const highest = Math.max(...blocked.map(({ ratio }) => ratio));
	const ratio = Math.min(range.max, below(smallestEver), above(highest));
	if (ratio < range.min || ratio <= threshold) return null;
	return {
		ratio,
		kind: 'higher',
		sentence: `${loads(blocked.length)} that took up to ${percent(highest)} of the budget worked here, and the threshold blocks ${blocked.length === 1 ? 'it' : 'them'}.`
	};
}

const smallestOf = (loads: readonly Load[]): number => Math.min(...loads.map(({ ratio }) => ratio));

const loads = (n: number): string => (n === 1 ? 'A load' : `${n} loads`);

/** In percents, without what binary fractions add. */
const hundredths = (ratio: number) => Math.round(ratio * 1e8) / 1e6;
const below = (ratio: number): number =>
	Number.isFinite(ratio) ? (Math.ceil(hundredths(ratio)) - 1) / 100 : ratio;
const above = (ratio: number): number => Math.ceil(hundredths(ratio)) / 100;
