import type { Variant } from '../models/catalog.ts';
import { maxContextWindow, MOST_WINDOW } from './context-limit.ts';
import { judge, judgeAs, type Judgement, type Knowledge } from './judge.ts';
import type { Situation, VerdictKind } from './verdict.ts';

/** Smaller windows hold no conversation worth the name. */
export const LEAST_WINDOW = 512;

/** Windows that are offered: multiples of 256 up to 4096 tokens, of 1024 above, and the model's own maximum. */
export function windowsUpTo(most: number): number[] {
	const end = Math.min(most, MOST_WINDOW);
	const windows: number[] = [];
	for (let n = LEAST_WINDOW; n < end; n += n < 4096 ? 256 : 1024) windows.push(n);
	windows.push(Math.max(1, Math.floor(end)));
	return windows;
}

/**
 * The largest window with a verdict at least as good as `wanted`; null where none is.
 * A larger window never gets a better verdict, so halving finds it.
 */
export function largestContext(
	variant: Variant,
	known: Knowledge,
	situation: Situation,
	wanted: 'fits' | 'tight' = 'fits',
	most = maxContextWindow(variant, known.facts)
): Judgement | null {
	const windows = windowsUpTo(most);
	let best: Judgement | null = null;
	let low = 0;
	let high = windows.length - 1;
	while (low <= high) {
		const middle = (low + high) >> 1;
		const judged = judge(variant, windows[middle] ?? most, known, situation);
		const { kind } = judged.verdict;
		if (kind === 'fits' || kind === wanted) {
			best = judged;
			low = middle + 1;
		} else high = middle - 1;
	}
	return best;
}

export interface ContextStep extends Judgement {
	/** Bytes more than the step before; null for the first and where no estimate is. */
	costBytes: number | null;
	/** The verdict of the step before, where it was another one. */
	changedFrom: VerdictKind | null;
}

/** Doubling windows from 1024 tokens to the model's maximum, each with what it costs more than the one before. */
export function contextSteps(
	variant: Variant,
	known: Knowledge,
	situation: Situation
): ContextStep[] {
	const most = maxContextWindow(variant, known.facts);
	const windows: number[] = [];
	for (let n = Math.min(1024, most); n < most; n *= 2) windows.push(n);
	windows.push(most);
	const steps: ContextStep[] = [];
	for (const window of windows) {
		const judged = judge(variant, window, known, situation);
		const before = steps.at(-1);
		const peak = judged.estimate?.peakBytes;
		// Where the way of sampling changes, the step still costs what the context takes.
		const peakBefore =
			before?.sampling === judged.sampling
				? before.estimate?.peakBytes
				: before &&
					judgeAs(judged.sampling, variant, before.contextWindow, known, situation).estimate
						?.peakBytes;
		steps.push({
			...judged,
			costBytes: peak !== undefined && peakBefore !== undefined ? peak - peakBefore : null,
			changedFrom:
				before && before.verdict.kind !== judged.verdict.kind ? before.verdict.kind : null
		});
	}
	return steps;
}
