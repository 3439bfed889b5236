export type Confidence = 'declared' | 'manifest' | 'library' | 'measured';

/** Bytes of GPU memory a variant will take at a context window, broken down. */
export interface Estimate {
	contextWindow: number;
	weightsBytes: number;
	kvBytes: number;
	/** Temporaries of prefill and embed: allocated at the first prompt, then kept. */
	activationsBytes: number;
	/** What the runtime keeps besides: KV cache bookkeeping, workspace, small buffers. */
	runtimeBytes: number;
	/** Live bytes once loaded, before the first prompt. */
	afterLoadBytes: number;
	/** Highest live bytes while chatting: what the verdict is held against. */
	peakBytes: number;
	/** False where only a total is known: the parts are then a guess and must be shown as one. */
	exactParts: boolean;
	confidence: Confidence;
	/** How far the true peak may lie above or below, as a ratio of peakBytes: 0.02 means 2 %. */
	marginRatio: number;
	/** A sentence on what limits the confidence, when something does. */
	note: string | null;
}
