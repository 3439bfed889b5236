import { WorkerClient } from '../worker/client.ts';
import { Failure } from '../worker/failure.ts';
import { spawn } from '../worker/spawn.ts';
import { Pace } from './pace.ts';
import workerUrl from './engine.worker.ts?worker&url';
import type {
	EngineContract,
	GenerateRequest,
	GenerateResult,
	LoadPhase,
	LoadRequest,
	LoadResult,
	MeterReading
} from './protocol.ts';

/** An engine that is asked to unload and does not answer is ended after this long. */
const UNLOAD_LIMIT_MS = 5_000;

export interface EngineWatcher {
	meter: (reading: MeterReading) => void;
	/** The engine can no longer be used; a call in flight fails on its own. */
	lost: (failure: Failure) => void;
}

/** One engine in one worker. Used for one load: a failed load leaks GPU memory that only ending the worker frees. */
export class Engine {
	readonly #client: WorkerClient<EngineContract>;
	#watcher: EngineWatcher | null = null;

	constructor(
		// The engine finds every file on disk: it needs no host at all.
		port: Worker = spawn(workerUrl, 'headroom-engine', [])
	) {
		this.#client = new WorkerClient(port);
		this.#client.on('meter', (reading) => this.#watcher?.meter(reading));
		this.#client.on('deviceLost', ({ reason, message }) =>
			this.#watcher?.lost(
				new Failure('device-lost', 'The browser lost its connection to the GPU.', {
					reason,
					driver: message
				})
			)
		);
		this.#client.on('gpuError', ({ outOfMemory, message }) =>
			this.#watcher?.lost(
				outOfMemory
					? new Failure('out-of-memory', 'The GPU ran out of memory.', { gpu: message })
					: new Failure('gpu-error', 'The GPU reported an error, so answers would be wrong.', {
							gpu: message
						})
			)
		);
	}

	watch(watcher: EngineWatcher | null) {
		this.#watcher = watcher;
	}

	warm(): Promise<null> {
		return this.#client.call('warm', null);
	}

	/** Aborting ends the worker: the engine itself cannot be stopped while it loads. */
	async load(
		request: LoadRequest,
		{ signal, onPhase }: { signal: AbortSignal; onPhase: (phase: LoadPhase) => void }
	): Promise<LoadResult> {
		const abort = () => this.end();
		signal.addEventListener('abort', abort, { once: true });
		try {
			return await this.#client.call('load', request, { onProgress: onPhase });
		} finally {
			signal.removeEventListener('abort', abort);
		}
	}

	/** Streams an answer; aborting resolves with what was written and `stopped`. */
	async generate(
		request: GenerateRequest,
		options: { signal: AbortSignal; onText: (added: string) => void }
	): Promise<GenerateResult> {
		const pace = new Pace(options.onText);
		try {
			return await this.#client.call('generate', request, {
				signal: options.signal,
				onProgress: (added) => pace.add(added)
			});
		} finally {
			pace.flush();
		}
	}

	/** Frees the GPU and ends the worker; resolves with the bytes still held when it ended, null if it did not say. */
	async dispose(): Promise<MeterReading | null> {
		this.#watcher = null;
		const limit = new Promise<null>((resolve) => setTimeout(() => resolve(null), UNLOAD_LIMIT_MS));
		const left = await Promise.race([this.#client.call('unload', null).catch(() => null), limit]);
		this.end();
		return left;
	}

	end() {
		this.#watcher = null;
		this.#client.end();
	}
}
