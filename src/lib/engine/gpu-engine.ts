import type { MissingFile } from '../files/arrivals.ts';
import type { Failure } from '../rpc/failure.ts';
import type { Engine } from './engine.ts';
import type { KeptPosition, PositionDifference } from './position.ts';
import type {
	CompareRequest,
	KeepRequest,
	LoadPhase,
	LoadRequest,
	LoadResult,
	MeterReading,
	SpeedSample,
	SpeedTest
} from './protocol.ts';

export interface EngineWatcher {
	meter: (reading: MeterReading) => void;
	/** The engine can no longer be used; a call in flight fails on its own, or when the engine is ended. */
	lost: (failure: Failure) => void;
}

/** Files that are still being fetched: each is waited for when its turn comes. */
export interface Coming {
	missing: readonly MissingFile[];
	/** Resolves when all are there. Whoever fetches them must abort the load when that fails. */
	fetched: Promise<unknown>;
}

export interface LoadOptions {
	signal: AbortSignal;
	onPhase: (phase: LoadPhase) => void;
	/** Awaited when all but the weights is read, before it takes memory of the GPU. */
	beforeWeights?: (() => Promise<void>) | undefined;
	coming?: Coming | undefined;
}

/** An engine on this GPU, for one load: a failed load leaks GPU memory that only `end` frees. */
export interface GpuEngine extends Pick<Engine, 'failure' | 'generate'> {
	/** It has written an answer to its end. */
	readonly answered: boolean;
	/** It has prepared a model or compiled a library, or begun to. */
	readonly prepared: boolean;
	watch(watcher: EngineWatcher | null): void;
	/** Imports the engine's script. */
	warm(): Promise<null>;
	/** Compiles what is known of a library, before it is known what of it is to be loaded. */
	compileAhead(libraryUrl: string): void;
	/** Whether it can load this: it is sound, and has prepared nothing else. */
	suits(request: LoadRequest): boolean;
	/** Reads and compiles all that needs no memory of the GPU; the second time it waits for the first. */
	prepare(request: LoadRequest): Promise<null>;
	/** Aborting ends the engine: it cannot be stopped while it loads. */
	load(request: LoadRequest, options: LoadOptions): Promise<LoadResult>;
	/** Runs a speed test once; nothing else may be asked meanwhile. */
	measure(test: SpeedTest, options: { signal: AbortSignal }): Promise<SpeedSample>;
	/** Writes the most likely answer and keeps its positions; nothing else may be asked meanwhile. */
	keepAnswer(request: KeepRequest, options: { signal: AbortSignal }): Promise<KeptPosition[]>;
	/** Forces an answer that was kept, and compares each position; nothing else may be asked meanwhile. */
	compareAnswer(
		request: CompareRequest,
		options: { signal: AbortSignal }
	): Promise<PositionDifference[]>;
	/** Frees the GPU and ends the engine; resolves with the bytes still held when it ended, null if it did not say. */
	dispose(): Promise<MeterReading | null>;
	/** Ends it at once. Calls in flight fail with the reason. */
	end(reason?: Failure): void;
}
