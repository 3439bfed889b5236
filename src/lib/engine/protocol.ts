import type { ChatCompletionMessageParam, ModelRecord } from '@mlc-ai/web-llm';
import type { Contract } from '../worker/contract.ts';
import type { Sampling } from './sampling.ts';

/** GPU bytes the engine's worker holds, counted buffer by buffer. */
export interface MeterReading {
	liveBytes: number;
	/** Highest since the worker started. */
	peakBytes: number;
	buffers: number;
}

export type LoadPhase =
	/** All that needs no memory of the GPU is done, and `proceed` is waited for. */
	| { phase: 'prepared' }
	/** Reading the weights from disk and uploading them; bytes as they lie on disk. */
	| { phase: 'uploading'; doneRatio: number }
	| { phase: 'compiling'; done: number; total: number }
	| { phase: 'warming-up' };

export interface LoadRequest {
	record: ModelRecord;
	/** Merged over `mlc-chat-config.json`. */
	overrides: Record<string, number>;
	/** Stop before the weights, until `proceed`: another engine still holds the memory. */
	hold: boolean;
}

export interface LoadResult {
	/** Live bytes when the engine said it was done. */
	afterLoadBytes: number;
	/** Live bytes after the first token, which allocates the temporaries of prefill. */
	afterFirstTokenBytes: number;
	peakBytes: number;
	loadMs: number;
	firstTokenMs: number;
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

export interface EngineContract extends Contract {
	calls: {
		/** Imports the engine, so that a later load starts at once. */
		warm: { params: null; result: null; progress: never };
		load: { params: LoadRequest; result: LoadResult; progress: LoadPhase };
		/** Lets a load go on that holds. */
		proceed: { params: null; result: null; progress: never };
		/** Progress is the text added since the last one. Aborting resolves with `stopped`. */
		generate: { params: GenerateRequest; result: GenerateResult; progress: string };
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
