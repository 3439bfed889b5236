import type { MissingFile } from '../../files/arrivals.ts';
import { WorkerClient, type Port } from '../../rpc/client.ts';
import { asFailure, Failure, type FailureKind } from '../../rpc/failure.ts';
import { spawn } from '../../network/spawn.ts';
import { browserClock, DRAWING_SHARE, Pace, SHORTEST_MS } from './pace.ts';
import workerUrl from './engine.worker.ts?worker&url';
import type { AnswerOptions } from '../engine.ts';
import type { EngineWatcher, GpuEngine, LoadOptions } from '../gpu-engine.ts';
import type { KeptPosition, PositionDifference } from '../position.ts';
import type {
	CompareRequest,
	EngineContract,
	GenerateRequest,
	GenerateResult,
	KeepRequest,
	LoadPhase,
	LoadRequest,
	LoadResult,
	MeterReading,
	SpeedSample,
	SpeedTest
} from '../protocol.ts';
import { SILENT_LIMIT_MS, watch, Watchdog } from './watchdog.ts';

/** An engine that is asked to unload and does not answer is ended after this long. */
const UNLOAD_LIMIT_MS = 5_000;

/** What a worker held that did not say it let go is gone by then: the GPU process frees it when the worker's pipe closes. */
const FREE_LIMIT_MS = 500;

/** After these an answer's engine cannot answer again. */
const FATAL: ReadonlySet<FailureKind> = new Set([
	'device-lost',
	'out-of-memory',
	'out-of-host-memory',
	'gpu-error',
	'nothing-loaded',
	'worker-died'
]);

/** What an engine reads and compiles ahead. */
interface Preparation {
	request: string;
	done: Promise<null>;
}

/** WebLLM in a worker of its own. */
export class WebLlmEngine implements GpuEngine {
	readonly #client: WorkerClient<EngineContract>;
	#watcher: EngineWatcher | null = null;
	#unwatch: (() => void) | null = null;
	#preparation: Preparation | null = null;
	/** Compiled ahead. */
	#libraryUrl: string | null = null;
	/** Between two pieces of an answer, as the page can draw them. */
	#drawMs = SHORTEST_MS;
	#drawingShare = DRAWING_SHARE.gpu;
	#onPhase: (phase: LoadPhase) => void = () => {};
	failure: Failure | null = null;
	answered = false;

	constructor(
		// The engine finds every file on disk: it needs no host at all.
		port: Port = spawn(workerUrl, 'headroom-engine', [])
	) {
		this.#client = new WorkerClient(port);
		this.#client.on('meter', (reading) => this.#watcher?.meter(reading));
		this.#client.on('deviceLost', ({ reason, message }) =>
			this.#lost(
				new Failure('device-lost', 'The browser lost its connection to the GPU.', {
					reason,
					driver: message
				})
			)
		);
		this.#client.on('gpuError', ({ outOfMemory, message }) =>
			this.#lost(
				outOfMemory
					? new Failure('out-of-memory', 'The GPU ran out of memory.', { gpu: message })
					: new Failure('gpu-error', 'The GPU reported an error, so answers would be wrong.', {
							gpu: message
						})
			)
		);
		this.#client.onEnd((reason) => {
			this.#unwatch?.();
			this.#lost(reason);
		});
	}

	watch(watcher: EngineWatcher | null) {
		this.#watcher = watcher;
	}

	warm(): Promise<null> {
		return this.#client.call('warm', null);
	}

	get prepared(): boolean {
		return this.#preparation !== null || this.#libraryUrl !== null;
	}

	compileAhead(libraryUrl: string) {
		if (this.prepared) return;
		this.#libraryUrl = libraryUrl;
		// What fails is compiled again by the load, which says so.
		this.#client.call('compileAhead', { libraryUrl }).catch(() => undefined);
	}

	suits(request: LoadRequest): boolean {
		if (this.failure) return false;
		if (this.#libraryUrl !== null && this.#libraryUrl !== request.record.model_lib) return false;
		return this.#preparation === null || this.#preparation.request === JSON.stringify(request);
	}

	prepare(request: LoadRequest): Promise<null> {
		return this.#prepare(request, [], true);
	}

	/** `compile`: waits until it is compiled, too. The second time it waits for the first. */
	#prepare(request: LoadRequest, missing: readonly MissingFile[], compile: boolean): Promise<null> {
		if (!this.suits(request)) throw new Error('This engine was prepared for another model.');
		if (!this.#preparation) {
			this.#guard();
			const asked = { request, missing, compile };
			const done = this.#client.call('prepare', asked, {
				onProgress: (phase) => this.#onPhase(phase)
			});
			this.#preparation = { request: JSON.stringify(request), done };
		}
		return this.#preparation.done;
	}

	async load(
		request: LoadRequest,
		{ signal, onPhase, beforeWeights, coming }: LoadOptions
	): Promise<LoadResult> {
		const abort = () => this.end();
		signal.addEventListener('abort', abort, { once: true });
		this.#onPhase = onPhase;
		try {
			const preparing = this.#prepare(request, coming?.missing ?? [], false);
			coming?.fetched.then(() => this.#client.call('fetched', null)).catch(() => undefined);
			await preparing;
			if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
			await beforeWeights?.();
			const result = await this.#client.call('load', null, { onProgress: onPhase });
			this.#drawingShare = DRAWING_SHARE[result.software ? 'software' : 'gpu'];
			return result;
		} finally {
			signal.removeEventListener('abort', abort);
		}
	}

	async generate(
		request: GenerateRequest,
		{ signal, onText, undrawn = false }: AnswerOptions
	): Promise<GenerateResult> {
		const pace = undrawn ? null : new Pace(onText, browserClock, this.#drawMs, this.#drawingShare);
		try {
			const asked = { ...request, drawMs: undrawn ? 0 : this.#drawMs };
			const result = await this.#client.call('generate', asked, {
				signal,
				onProgress: (added) => (pace ? pace.add(added) : onText(added))
			});
			this.answered = true;
			return result;
		} catch (thrown) {
			throw this.#told(thrown);
		} finally {
			pace?.flush();
			this.#drawMs = pace?.intervalMs ?? this.#drawMs;
		}
	}

	async measure(test: SpeedTest, { signal }: { signal: AbortSignal }): Promise<SpeedSample> {
		try {
			return await this.#client.call('measure', test, { signal });
		} catch (thrown) {
			throw this.#told(thrown);
		}
	}

	async keepAnswer(
		request: KeepRequest,
		{ signal }: { signal: AbortSignal }
	): Promise<KeptPosition[]> {
		try {
			return await this.#client.call('keepAnswer', request, { signal });
		} catch (thrown) {
			throw this.#told(thrown);
		}
	}

	async compareAnswer(
		request: CompareRequest,
		{ signal }: { signal: AbortSignal }
	): Promise<PositionDifference[]> {
		try {
			return await this.#client.call('compareAnswer', request, { signal });
		} catch (thrown) {
			throw this.#told(thrown);
		}
	}

	async dispose(): Promise<MeterReading | null> {
		this.#watcher = null;
		const unloaded = this.#client.call('unload', null).catch(() => null);
		const left = await Promise.race([unloaded, after(UNLOAD_LIMIT_MS)]);
		this.end();
		if (left?.liveBytes !== 0) await after(FREE_LIMIT_MS);
		return left;
	}

	end(reason?: Failure) {
		this.#watcher = null;
		this.#client.end(reason);
	}

	#told(thrown: unknown): Failure {
		const failure = asFailure(thrown);
		if (FATAL.has(failure.kind)) this.#lost(failure);
		return failure;
	}

	#lost(failure: Failure) {
		this.failure ??= failure;
		this.#watcher?.lost(failure);
	}

	#guard() {
		const dog = new Watchdog(performance.now());
		this.#client.onHeard(() => dog.heard());
		this.#unwatch = watch(
			dog,
			() => this.#client.waiting > 0,
			() =>
				this.#client.end(
					new Failure('silent', 'The engine stopped answering.', {
						limitMs: SILENT_LIMIT_MS[this.#client.waiting > 0 ? 'working' : 'idle']
					})
				)
		);
	}
}

const after = (ms: number) => new Promise<null>((resolve) => setTimeout(() => resolve(null), ms));
