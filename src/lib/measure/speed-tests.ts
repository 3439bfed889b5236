import type { SpeedTest } from '../engine/protocol.ts';

export const SET_NAMES = ['quick', 'full'] as const;
export type SetName = (typeof SET_NAMES)[number];

/** What is run for each variant. Lengths as llama-bench has them by default. */
export interface TestSet {
	tests: readonly SpeedTest[];
	/** Counted ones: one more run comes before them and is not counted. */
	repetitions: number;
}

const PROMPT: SpeedTest = { promptTokens: 512, generatedTokens: 0, depthTokens: 0 };
const GENERATION: SpeedTest = { promptTokens: 0, generatedTokens: 128, depthTokens: 0 };
const DEPTH_TOKENS = 2048;
const deep = (test: SpeedTest): SpeedTest => ({ ...test, depthTokens: DEPTH_TOKENS });

export const sets: Readonly<Record<SetName, TestSet>> = {
	quick: { tests: [PROMPT, GENERATION], repetitions: 3 },
	full: { tests: [PROMPT, GENERATION, deep(PROMPT), deep(GENERATION)], repetitions: 5 }
};

/** By which variants are compared where there is room for one figure. */
export const DECODE_TEST = nameOf(GENERATION);
export const PREFILL_TEST = nameOf(PROMPT);

/** As llama-bench writes it: `pp512`, `tg128 @ d2048`. */
export function nameOf({ promptTokens, generatedTokens, depthTokens }: SpeedTest): string {
	const what = promptTokens > 0 ? `pp${promptTokens}` : `tg${generatedTokens}`;
	return depthTokens > 0 ? `${what} @ d${depthTokens}` : what;
}

export const tokensOf = ({ promptTokens, generatedTokens }: SpeedTest): number =>
	promptTokens + generatedTokens;

/** Those of a set that a window holds. */
export const testsWithin = ({ tests }: TestSet, contextWindow: number): readonly SpeedTest[] =>
	tests.filter((test) => test.depthTokens + tokensOf(test) <= contextWindow);

/** Windows that can be asked for. */
export const WINDOWS = [1024, 2048, 4096, 8192, 16_384] as const;
export const DEFAULT_WINDOW = 4096;
