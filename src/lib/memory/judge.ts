import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { estimate, type Estimate, type Measured } from './estimate.ts';
import { savedBytes, tokenSampling, type LeanSetting } from './lean.ts';
import type { TokenSampling } from './sampling.ts';
import { verdict, type Situation, type Verdict } from './verdict.ts';

/** What has been learned of one variant so far. */
export interface Knowledge {
	facts: Facts | null;
	/** What the meter saw of it here, at every window. */
	measured: readonly Measured[];
	/** The smallest window at which a load ran out of memory here; null: none did. */
	failedWindow: number | null;
	/** Sampling on the CPU, where it may be used; absent: the engine samples. `measured` above is without it. */
	lean?: {
		setting: LeanSetting;
		/** As above, of loads with sampling on the CPU. */
		measured: readonly Measured[];
		failedWindow: number | null;
	};
}

export const NOTHING_KNOWN: Knowledge = { facts: null, measured: [], failedWindow: null };

export interface Judgement {
	variant: Variant;
	contextWindow: number;
	estimate: Estimate | null;
	verdict: Verdict;
	/** Who would choose the tokens; the estimate and the verdict are for that. */
	sampling: TokenSampling;
	/** Bytes that sampling on the CPU does without; 0 where the engine samples. */
	savedBytes: number;
}

/**
 * Estimate and verdict of one variant at one window, made together so that they cannot drift apart. Both ways of
 * sampling are planned, and the one that a load would take is returned.
 */
export function judge(
	variant: Variant,
	contextWindow: number,
	known: Knowledge,
	situation: Situation
): Judgement {
	const engine = judgeAs('engine', variant, contextWindow, known, situation);
	if (!known.lean || known.lean.setting === 'never') return engine;
	const lean = judgeAs('lean', variant, contextWindow, known, situation);
	return tokenSampling(known.lean.setting, engine, lean) === 'engine'
		? engine
		: { ...lean, savedBytes: savedBytes(engine, lean) };
}

/** The same for one way of sampling, whatever the setting says. */
export function judgeAs(
	sampling: TokenSampling,
	variant: Variant,
	contextWindow: number,
	known: Knowledge,
	situation: Situation
): Judgement {
	const { facts } = known;
	const seen = sampling === 'engine' ? known : known.lean;
	const made = estimate(variant, contextWindow, facts, seen?.measured ?? [], sampling);
	const failedWindow = seen?.failedWindow ?? null;
	const failedHere = failedWindow !== null && contextWindow >= failedWindow;
	const question = { variant, contextWindow, estimate: made, facts, failedHere, sampling };
	return {
		variant,
		contextWindow,
		estimate: made,
		verdict: verdict(question, situation),
		sampling,
		savedBytes: 0
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
