import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { estimate, type Estimate, type EstimateOptions, type Measured } from './estimate.ts';
import { savedBytes, tokenSampling, type LeanSetting } from './lean.ts';
import type { TokenSampling } from './sampling.ts';
import { verdict, type Situation, type Verdict } from './verdict.ts';

/** What loads with one way of sampling showed here. */
interface Seen extends Pick<EstimateOptions, 'calibration' | 'verifiedHere'> {
	/** What the meter saw of the variant here, at every window. */
	measured: readonly Measured[];
	/** The smallest window at which a load ran out of memory here; null: none did. */
	failedWindow: number | null;
}

/**
 * What has been learned of one variant so far, and how it would be loaded. What was seen is of loads with the same
 * `sampling`.
 */
export interface Knowledge extends EstimateOptions, Seen {
	facts: Facts | null;
	/** Sampling on the CPU where it may take the place of the engine's, and what was seen of loads with it. */
	lean?: Seen & { setting: LeanSetting };
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
 * Estimate and verdict of one variant at one window, made together so that they cannot drift apart. Where both ways
 * of sampling are possible, both are planned; what a load would take is returned.
 */
export function judge(
	variant: Variant,
	contextWindow: number,
	known: Knowledge,
	situation: Situation
): Judgement {
	const { sampling = 'engine', lean } = known;
	if (!lean) return judgeAs(sampling, variant, contextWindow, known, situation);
	const [plain, leaner] = (['engine', 'lean'] as const).map((sampling) =>
		judgeAs(sampling, variant, contextWindow, known, situation)
	) as [Judgement, Judgement];
	return tokenSampling(lean.setting, plain, leaner) === 'engine'
		? plain
		: { ...leaner, savedBytes: savedBytes(plain, leaner) };
}

/** The same for one way of sampling, whatever the setting says. */
export function judgeAs(
	sampling: TokenSampling,
	variant: Variant,
	contextWindow: number,
	known: Knowledge,
	situation: Situation
): Judgement {
	const { facts, lean } = known;
	const seen: Knowledge =
		sampling === 'lean' && lean ? { facts, ...lean, sampling } : { ...known, sampling };
	const made = estimate(variant, contextWindow, facts, seen.measured, seen);
	const failedHere = seen.failedWindow !== null && contextWindow >= seen.failedWindow;
	return {
		variant,
		contextWindow,
		estimate: made,
		verdict: verdict(
			{
				variant,
				contextWindow,
				estimate: made,
				facts,
				failedHere,
				loadedHere: known.measured.length + (lean?.measured.length ?? 0) > 0,
				sampling
			},
			situation
		),
		sampling,
		savedBytes: 0
	};
}
