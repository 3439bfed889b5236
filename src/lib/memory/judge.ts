import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { estimate, type Estimate, type EstimateOptions, type Measured } from './estimate.ts';
import { verdict, type Situation, type Verdict } from './verdict.ts';

/**
 * What has been learned of one variant so far, and how it would be loaded. `measured` is of loads with the same
 * `sampling`.
 */
export interface Knowledge extends EstimateOptions {
	facts: Facts | null;
	/** What the meter saw of it here, at every window. */
	measured: readonly Measured[];
	/** The smallest window at which a load ran out of memory here; null: none did. */
	failedWindow: number | null;
}

export const NOTHING_KNOWN: Knowledge = { facts: null, measured: [], failedWindow: null };

export interface Judgement {
	variant: Variant;
	contextWindow: number;
	estimate: Estimate | null;
	verdict: Verdict;
}

/** Estimate and verdict of one variant at one window, made together so that they cannot drift apart. */
export function judge(
	variant: Variant,
	contextWindow: number,
	known: Knowledge,
	situation: Situation
): Judgement {
	const made = estimate(variant, contextWindow, known.facts, known.measured, known);
	const failedHere = known.failedWindow !== null && contextWindow >= known.failedWindow;
	return {
		variant,
		contextWindow,
		estimate: made,
		verdict: verdict(
			{
				variant,
				contextWindow,
				estimate: made,
				facts: known.facts,
				failedHere,
				loadedHere: known.measured.length > 0,
				sampling: known.sampling ?? 'engine'
			},
			situation
		)
	};
}

/** No model holds more; a file that says so is damaged. */
export const MOST_WINDOW = 2 ** 20;

/** Tokens at most for a variant; where no one says, what its record asks for. */
export function maxContextWindow(variant: Variant, facts: Facts | null): number {
	const most =
		facts?.config?.maxContextWindow ??
		variant.maxContextWindow ??
		Math.max(variant.defaultContextWindow, variant.declaredContextWindow);
	return Math.min(MOST_WINDOW, most);
}
