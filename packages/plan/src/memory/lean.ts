import type { TokenSampling } from './sampling.ts';
import type { VerdictKind } from './verdict.ts';

/** When the page chooses tokens itself, on the CPU: where that makes a model fit, always, or never. */
export type LeanSetting = 'automatic' | 'always' | 'never';

interface Outcome {
	verdict: { kind: VerdictKind };
	estimate: { peakBytes: number } | null;
}

/** Who chooses the tokens of a load, by its plans with either way of sampling. */
export function tokenSampling(setting: LeanSetting, engine: Outcome, lean: Outcome): TokenSampling {
	if (setting !== 'automatic') return setting === 'always' ? 'lean' : 'engine';
	const helps = engine.verdict.kind !== 'fits' && lean.verdict.kind === 'fits';
	return helps && savedBytes(engine, lean) > 0 ? 'lean' : 'engine';
}

/** Bytes of the peak that sampling on the CPU does without; 0 where one of the plans is not known. */
export function savedBytes(engine: Outcome, lean: Outcome): number {
	const saved = (engine.estimate?.peakBytes ?? NaN) - (lean.estimate?.peakBytes ?? NaN);
	return saved > 0 ? saved : 0;
}
