export type VerdictKind = 'fits' | 'tight' | 'blocked';

/** One reason, as a sentence for a person; the code is for tests and styling. */
export interface Reason {
	code:
		| 'no-webgpu'
		| 'no-adapter'
		| 'limits-below-floor'
		| 'needs-shader-f16'
		| 'needs-feature'
		| 'tensor-above-binding'
		| 'tensor-above-buffer'
		| 'context-above-model'
		| 'over-budget'
		| 'over-threshold'
		| 'near-threshold'
		| 'estimate-uncertain'
		| 'failed-here-before'
		| 'host-memory'
		| 'software-adapter';
	sentence: string;
}

/** Something concrete that would help, computed for this device. */
export type Offer =
	| {
			kind: 'variant';
			variantId: string;
			contextWindow: number;
			peakBytes: number;
			sentence: string;
	  }
	| { kind: 'context'; contextWindow: number; peakBytes: number; sentence: string }
	| { kind: 'declare-gpu'; sentence: string }
	| { kind: 'load-once-anyway'; sentence: string };

export interface Verdict {
	kind: VerdictKind;
	/** Never empty for tight and blocked. */
	reasons: readonly Reason[];
	/** Things worth knowing that do not change the verdict (host memory, software adapter). */
	warnings: readonly Reason[];
	/** True where only the budget stands in the way: "load once anyway" may be offered. */
	overridable: boolean;
}
