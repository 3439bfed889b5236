import type { ChatCompletionMessageParam, ModelRecord } from '@mlc-ai/web-llm';
import type { BufferSizes } from '#plan/memory/observation.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { MissingFile } from '../files/arrivals.ts';
import type { Contract } from '../rpc/contract.ts';
import type { WireFailure } from '../rpc/failure.ts';
import type { KeptPosition, PositionDifference } from './position.ts';
import type { Sampling } from './sampling.ts';

/** GPU bytes the engine's worker holds, counted buffer by buffer. */
export interface MeterReading {
	liveBytes: number;
	/** Highest since the worker started. */
	peakBytes: number;
	buffers: number;
}

export type LoadPhase =
	/** Reading the weights from disk and uploading them; bytes as they lie on disk. */
	(
		| { phase: 'uploading'; doneRatio: number }
		| { phase: 'compiling'; done: number; total: number }
		| { phase: 'warming-up' }
	) & {
		/** Byte length of the engine's own wasm memory; absent: it has none yet. */
		heapBytes?: number;
	};

export interface LoadRequest {
	record: ModelRecord;
	/** Merged over `mlc-chat-config.json`. */
	overrides: Record<string, number>;
	/** Who chooses the tokens. */
	tokenSampling: TokenSampling;
	/** Whether the engine may sample itself where `lean` turns out to be impossible: its buffers fit as well. */
	mayFallBack: boolean;
}

export interface LoadResult {
	/** Live bytes when the engine said it was done. */
	afterLoadBytes: number;
	/** Live bytes after the first token, which allocates the temporaries of prefill. */
	afterFirstTokenBytes: number;
	peakBytes: number;
	buffers: number;
	/** Byte length of the engine's own wasm memory, which never shrinks; null: not known. */
	heapBytes: number | null;
	/** Live buffers by size, at the same two moments. */
	sizes: { afterLoad: BufferSizes; afterFirstToken: BufferSizes };
	/** Without the time in which files were waited for. */
	loadMs: number;
	firstTokenMs: number;
	/** Who chose the first token, and chooses those that follow. */
	tokenSampling: TokenSampling;
	/** Its adapter is a software one: the processor does the GPU's work. */
	software: boolean;
	/** Why the engine samples although `lean` was asked for; null: it does not. */
	leanProblem: WireFailure | null;
}

export interface GenerateRequest {
	messages: ChatCompletionMessageParam[];
	sampling: Sampling;
	/** Continue to the window's end whatever the model says; for measurements only. */
	ignoreEos?: boolean;
}

export interface GenerateResult {
	finish: 'stop' | 'length' | 'stopped';
	promptTokens: number;
	completionTokens: number;
	prefillTokensPerSecond: number;
	decodeTokensPerSecond: number;
	timeToFirstTokenMs: number;
}

/**
 * One repetition of a speed test, in llama-bench's terms: `promptTokens` read at once (`pp`), or `generatedTokens` made
 * one after the other (`tg`), behind `depthTokens` that are in the KV cache already (`@ d`).
 */
export interface SpeedTest {
	promptTokens: number;
	generatedTokens: number;
	depthTokens: number;
}

export interface SpeedSample {
	/** Of prompt and generated tokens; filling the depth is not counted. */
	ms: number;
	/** Highest GPU bytes since the engine started. */
	peakBytes: number;
}

/** A question whose answer is kept as a reference for other variants. */
export interface KeepRequest {
	messages: ChatCompletionMessageParam[];
	mostTokens: number;
}

/** A question and the reference's answer to it. */
export interface CompareRequest {
	messages: ChatCompletionMessageParam[];
	kept: readonly KeptPosition[];
}

export interface EngineContract extends Contract {
	calls: {
		/** Imports the engine, so that a later load starts at once. */
		warm: { params: null; result: null; progress: never };
		/** Compiles what is known of a library; only a model of that library can be prepared afterwards. */
		compileAhead: { params: { libraryUrl: string }; result: null; progress: never };
		/**
		 * Reads and begins to compile all that needs no memory of the GPU: another engine may still hold it. `compile`: waits
		 * until that is done; else it goes on beside the load. `missing`: files that are still being fetched.
		 */
		prepare: {
			params: { request: LoadRequest; missing: readonly MissingFile[]; compile: boolean };
			result: null;
			progress: LoadPhase;
		};
		/** Every file that was missing is there. */
		fetched: { params: null; result: null; progress: never };
		/** Loads what was prepared, and makes one token. */
		load: { params: null; result: LoadResult; progress: LoadPhase };
		/** Progress is the text added since the last one. Aborting resolves with `stopped`. */
		generate: {
			/** `drawMs`: between two pieces of text at least. */
			params: GenerateRequest & { drawMs: number };
			result: GenerateResult;
			progress: string;
		};
		/** Runs a test once, on an empty context, and leaves an empty one. Aborting fails with `cancelled`. */
		measure: { params: SpeedTest; result: SpeedSample; progress: never };
		/**
		 * Writes the most likely answer on an empty context, keeps each of its positions, the end included, and leaves an
		 * empty context. Aborting fails with `cancelled`, NaN or infinity with `bad-logits`.
		 */
		keepAnswer: { params: KeepRequest; result: KeptPosition[]; progress: never };
		/** Forces the answer that was kept, token by token, and compares each position. Else as `keepAnswer`. */
		compareAnswer: { params: CompareRequest; result: PositionDifference[]; progress: never };
		/** Frees everything on the GPU; resolves with what is left. */
		unload: { params: null; result: MeterReading; progress: never };
	};
	events: {
		meter: MeterReading;
		/** Told at intervals: a worker that stops telling it has died or hangs. */
		alive: null;
		/** The device is gone although nobody unloaded. */
		deviceLost: { reason: string; message: string };
		/** An error of the GPU that no call reported: results can no longer be trusted. */
		gpuError: { outOfMemory: boolean; message: string };
	};
}
