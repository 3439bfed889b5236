import { Failure, type WireFailure } from '../rpc/failure.ts';
import type { EngineWatcher, GpuEngine, LoadOptions } from './gpu-engine.ts';
import type { KeptPosition, PositionDifference } from './position.ts';
import type {
	CompareRequest,
	GenerateRequest,
	GenerateResult,
	KeepRequest,
	LoadRequest,
	LoadResult,
	MeterReading,
	SpeedSample,
	SpeedTest
} from './protocol.ts';

/** What a fake engine does at each step: resolve, reject, or wait for as long as the test likes. */
export interface Script {
	warm?: () => Promise<unknown>;
	prepare?: () => Promise<unknown>;
	/** After `beforeWeights`: from here on it holds GPU memory. */
	load?: () => Promise<unknown>;
	/** Why it samples itself although it was to be lean. */
	leanProblem?: WireFailure | undefined;
	generate?: (
		request: GenerateRequest,
		say: (text: string) => void,
		signal: AbortSignal
	) => Promise<GenerateResult>;
	measure?: ((test: SpeedTest, signal: AbortSignal) => Promise<SpeedSample>) | undefined;
	keepAnswer?: ((request: KeepRequest, signal: AbortSignal) => Promise<KeptPosition[]>) | undefined;
	compareAnswer?:
		((request: CompareRequest, signal: AbortSignal) => Promise<PositionDifference[]>) | undefined;
	dispose?: () => Promise<unknown>;
}

export const answered: GenerateResult = {
	finish: 'stop',
	promptTokens: 20,
	completionTokens: 5,
	prefillTokensPerSecond: 1,
	decodeTokensPerSecond: 1,
	timeToFirstTokenMs: 1
};

/**
 * A fake of the engine for tests of what is around it: no worker, no GPU, no model. It keeps the real one's promises:
 * ending it rejects every call in flight, a load that is aborted ends it, and GPU memory is held from the weights on
 * until it is disposed of or ended.
 */
export class FakeEngine implements GpuEngine {
	failure: Failure | null = null;
	answered = false;
	request: LoadRequest | null = null;
	/** The library that was compiled ahead. */
	compiled: string | null = null;
	/** It holds GPU memory. */
	holds = false;
	ended = false;
	readonly #script: Script;
	readonly #bytes: (request: LoadRequest) => number;
	#watcher: EngineWatcher | null = null;
	#reject: (failure: Failure) => void = () => {};
	readonly #over = new Promise<never>((_, reject) => (this.#reject = reject));
	#preparing: Promise<null> | null = null;

	constructor(script: Script, bytes: (request: LoadRequest) => number) {
		this.#script = script;
		this.#bytes = bytes;
		this.#over.catch(() => undefined);
	}

	get prepared() {
		return this.#preparing !== null || this.compiled !== null;
	}

	compileAhead(libraryUrl: string) {
		if (!this.prepared) this.compiled = libraryUrl;
	}

	watch(watcher: EngineWatcher | null) {
		this.#watcher = watcher;
	}

	async warm(): Promise<null> {
		await this.#step(this.#script.warm);
		return null;
	}

	suits(request: LoadRequest) {
		if (this.failure) return false;
		if (this.compiled !== null && this.compiled !== request.record.model_lib) return false;
		return this.request === null || JSON.stringify(this.request) === JSON.stringify(request);
	}

	prepare(request: LoadRequest): Promise<null> {
		this.request = request;
		return (this.#preparing ??= this.#step(this.#script.prepare).then(() => null));
	}

	async load(
		request: LoadRequest,
		{ signal, onPhase, beforeWeights, coming }: LoadOptions
	): Promise<LoadResult> {
		const abort = () => this.end();
		signal.addEventListener('abort', abort, { once: true });
		try {
			await this.prepare(request);
			if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
			await beforeWeights?.();
			if (this.ended) throw this.failure ?? new Failure('cancelled', 'Ended.');
			this.holds = true;
			const bytes = this.#bytes(request);
			this.#watcher?.meter({ liveBytes: bytes, peakBytes: bytes, buffers: 1 });
			onPhase({ phase: 'uploading', doneRatio: 0.5 });
			await this.#step(this.#script.load);
			// It has read the last of them only when it is there.
			if (coming && coming.missing.length > 0) await this.#step(() => coming.fetched);
			onPhase({ phase: 'warming-up' });
			return {
				afterLoadBytes: bytes,
				afterFirstTokenBytes: bytes,
				peakBytes: bytes,
				buffers: 1,
				heapBytes: 64,
				sizes: { afterLoad: [[bytes, 1]], afterFirstToken: [[bytes, 1]] },
				loadMs: 1,
				firstTokenMs: 1,
				tokenSampling: this.#script.leanProblem ? 'engine' : request.tokenSampling,
				software: true,
				leanProblem: this.#script.leanProblem ?? null
			};
		} finally {
			signal.removeEventListener('abort', abort);
		}
	}

	async generate(
		request: GenerateRequest,
		{ signal, onText }: { signal: AbortSignal; onText: (added: string) => void }
	): Promise<GenerateResult> {
		const { generate } = this.#script;
		if (this.failure) throw this.failure;
		if (!generate) {
			onText('Yes.');
			await Promise.resolve();
			this.answered = true;
			return answered;
		}
		const result = await Promise.race([generate(request, onText, signal), this.#over]);
		this.answered = true;
		return result;
	}

	async measure(test: SpeedTest, { signal }: { signal: AbortSignal }): Promise<SpeedSample> {
		const { measure } = this.#script;
		if (this.failure) throw this.failure;
		if (measure) return Promise.race([measure(test, signal), this.#over]);
		await Promise.resolve();
		return { ms: 1000, peakBytes: this.request ? this.#bytes(this.request) : 0 };
	}

	async keepAnswer(request: KeepRequest, { signal }: { signal: AbortSignal }) {
		const { keepAnswer } = this.#script;
		if (this.failure) throw this.failure;
		return Promise.race([keepAnswer?.(request, signal) ?? [], this.#over]);
	}

	async compareAnswer(request: CompareRequest, { signal }: { signal: AbortSignal }) {
		const { compareAnswer } = this.#script;
		if (this.failure) throw this.failure;
		return Promise.race([compareAnswer?.(request, signal) ?? [], this.#over]);
	}

	async dispose(): Promise<MeterReading | null> {
		this.#watcher = null;
		await this.#step(this.#script.dispose).catch(() => undefined);
		this.end();
		return { liveBytes: 0, peakBytes: 0, buffers: 0 };
	}

	end(reason = new Failure('cancelled', 'The worker was ended.')) {
		this.#watcher = null;
		if (this.ended) return;
		this.ended = true;
		this.holds = false;
		this.failure ??= reason;
		this.#reject(reason);
	}

	/** As the real one says that it cannot be used any more. */
	lose(failure: Failure) {
		this.failure ??= failure;
		this.#watcher?.lost(failure);
	}

	#step(run: () => Promise<unknown> = () => Promise.resolve()): Promise<unknown> {
		if (this.ended) return Promise.reject(this.failure ?? new Failure('cancelled', 'Ended.'));
		return Promise.race([run(), this.#over]);
	}
}

/** Makes fake engines, each with the next script, and knows them all. */
export class FakeEngines {
	readonly made: FakeEngine[] = [];
	/** For the next engines that load; the last one stays. */
	scripts: Script[] = [];
	/** GPU bytes of a load. */
	bytesOf: (request: LoadRequest) => number = () => 100;

	make = (): FakeEngine => {
		const mine: { script: Script | null } = { script: null };
		// The script is taken at the first step: a spare that is never used takes none.
		const of = () => (mine.script ??= this.scripts.shift() ?? {});
		const engine = new FakeEngine(
			{
				prepare: () => (of().prepare ?? resolved)(),
				load: () => (of().load ?? resolved)(),
				get leanProblem() {
					return of().leanProblem;
				},
				dispose: () => (of().dispose ?? resolved)(),
				get measure() {
					return of().measure;
				},
				get keepAnswer() {
					return of().keepAnswer;
				},
				get compareAnswer() {
					return of().compareAnswer;
				},
				generate: (request, say, signal) => {
					const { generate } = of();
					if (generate) return generate(request, say, signal);
					say('Yes.');
					return Promise.resolve(answered);
				}
			},
			(request) => this.bytesOf(request)
		);
		this.made.push(engine);
		return engine;
	};

	/** Those that hold GPU memory. */
	get holding(): FakeEngine[] {
		return this.made.filter(({ holds }) => holds);
	}

	/** Those that were not ended. */
	get alive(): FakeEngine[] {
		return this.made.filter(({ ended }) => !ended);
	}
}

const resolved = () => Promise.resolve();

/** A step that waits until the test continues or fails it, and a promise of its beginning. */
export function gate() {
	let open = () => {};
	let fail: (failure: Failure) => void = () => {};
	let begin = () => {};
	const reached = new Promise<void>((resolve) => (begin = resolve));
	const passed = new Promise<void>((resolve, reject) => {
		open = resolve;
		fail = reject;
	});
	passed.catch(() => undefined);
	const step = () => {
		begin();
		return passed;
	};
	return { step, reached, open, fail };
}
