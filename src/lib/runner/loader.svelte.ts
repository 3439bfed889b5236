import type { Files } from '../files/client.ts';
import type { InUse } from '../files/in-use.ts';
import type { Inspection, ModelSource } from '../files/protocol.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Facts } from '#plan/models/facts.ts';
import { asFailure, Failure, fromWire } from '../rpc/failure.ts';
import { Attempts, type Attempt, type Ending } from './attempts.ts';
import type { Crash, CrashMarker } from './crash-marker.ts';
import type { GpuEngine } from '../engine/gpu-engine.ts';
import { Journal } from './journal.ts';
import type { LoadPhase, LoadRequest, MeterReading } from '../engine/protocol.ts';
import { gpuStaysAway, Recoveries, smallerHelps } from './recovery.ts';
import { Spare } from './spare.ts';
import { cancelled, start, type Clock } from './start.ts';
import {
	again,
	nameOf,
	sameTarget,
	type Loaded,
	type LoaderNote,
	type LoaderStatus,
	type LoadFailure,
	type Read,
	type Target
} from './target.ts';
import type { Tenancy, Tenant } from './tenancy.ts';

/** What the loader must be told about the world it lives in. */
export interface LoaderHost {
	source(variant: Variant): ModelSource;
	request(target: Target, read: Read): LoadRequest;
	/** The target with a window that the model holds. */
	within(target: Target, facts: Facts): Target;
	/** Throws a `blocked` or `unsupported` Failure when the exact plan says that the target cannot run here. */
	admit(target: Target, facts: Facts): void;
	/** What to say when the engine cannot sample on the CPU, and its own sampling would not fit. */
	withoutLean(target: Target, problem: Failure): Failure;
	/** It would fit beside what is loaded, which then need not go before it is there. */
	fitsBeside(target: Target, facts: Facts): boolean;
	/** The load fetches these files itself from now on, until the returned function is called. */
	fetching(variant: Variant): Promise<() => void>;
	/** Asks whoever writes with the loaded engine to stop; resolves when they have. Never rejects. */
	stopWriters(): Promise<void>;
	/** A load that was confirmed by a token. */
	loaded(loaded: Loaded): void;
	failed(failed: { target: Target; failure: Failure }): void;
	/** What is done after a failure that something smaller may escape. */
	afterFailure(): 'stop' | 'ask' | 'fallback';
	/** The next smaller thing to load than what failed; null: there is none. */
	smaller(failed: Target): Target | null;
	/** Something smaller was loaded in place of what was asked for. */
	fellBack(to: Target): void;
	/** The browser offers no GPU any more. */
	gpuGone(): void;
}

export interface LoaderParts {
	files: Pick<Files, 'inspect' | 'onDisk' | 'download'>;
	inUse: Pick<InUse, 'hold' | 'keepOnly'>;
	host: LoaderHost;
	makeEngine: () => GpuEngine;
	tenancy: Tenancy;
	marker: Pick<CrashMarker, 'write' | 'clear'>;
	/** True once the browser offers an adapter again, false if it does not in time. */
	gpuIsBack: (signal: AbortSignal) => Promise<boolean>;
	clock: Clock;
}

/** How a load ended. `failed`: `problem` says why, and something smaller may be loaded instead. */
export type LoadEnd = 'loaded' | 'failed' | Ending;

type OnPhase = (phase: LoadPhase | null) => void;

const NOTHING: MeterReading = { liveBytes: 0, peakBytes: 0, buffers: 0 };

/** Loads, swaps, rolls back, recovers and unloads: one attempt at a time, and each verb is one. */
export class Loader {
	status = $state.raw<LoaderStatus>({ kind: 'idle' });
	loaded = $state.raw<Loaded | null>(null);
	problem = $state.raw<LoadFailure | null>(null);
	note = $state.raw<LoaderNote | null>(null);
	/** GPU bytes all engines of this page hold just now. */
	meter = $state.raw<MeterReading>(NOTHING);
	/** Milliseconds without a usable model during the last swap; null: there was none. */
	swapGapMs = $state.raw<number | null>(null);
	/** The tab that has the engine, as far as it told; for the page alone, since it names a conversation. */
	elsewhere = $state.raw<Tenant | null>(null);
	busy = $derived(this.status.kind !== 'idle');
	/** What is loaded is about to go: nobody should begin to use it. */
	leaving = $derived(this.status.kind === 'unloading' || this.status.kind === 'releasing');
	readonly journal = new Journal();

	readonly #parts: LoaderParts;
	readonly #host: LoaderHost;
	readonly #tenancy: Tenancy;
	readonly #spare: Spare;
	readonly #attempts = new Attempts();
	readonly #recoveries = new Recoveries();
	/** Of the engines that hold GPU memory. */
	#readings: { engine: GpuEngine; reading: MeterReading }[] = [];
	/** What was to be prepared last. */
	#wanted: Target | null = null;
	/** Released for a load that another one superseded, which brings it back if it fails in its turn. */
	#owed: Loaded | null = null;
	/** Resolves when an engine that was replaced has freed the GPU. */
	#freed: Promise<unknown> = Promise.resolve();
	/** Ends the wait for the tab that has the engine. */
	#watching: AbortController | null = null;

	constructor(parts: LoaderParts) {
		this.#parts = parts;
		this.#host = parts.host;
		this.#tenancy = parts.tenancy;
		this.#spare = new Spare(parts.makeEngine);
		parts.tenancy.onAsked(() => void this.#yield());
	}

	/** Imports the engine in a worker that waits, so that the next load starts at once. */
	prepareSpare() {
		this.#spare.warm();
	}

	/**
	 * Brings what was chosen beside a loaded model so far that a swap to it only has to fill the GPU. What is not whole
	 * on disk, cannot run here or fails is left to the swap, which says so.
	 */
	async prepare(target: Target) {
		if (!this.loaded || this.busy) return;
		this.#wanted = target;
		const source = this.#host.source(target.variant);
		const whole = await this.#parts.files.onDisk(source).catch(() => null);
		// Another was chosen, this one asked for, or the old one unloaded while the disk was read.
		if (this.#wanted !== target || !this.loaded || this.busy) return;
		if (!whole) {
			this.#spare.forgetPrepared();
			return;
		}
		const within = this.#host.within(target, whole.facts);
		try {
			this.#host.admit(within, whole.facts);
		} catch {
			return;
		}
		if (await this.#spare.prepare(this.#host.request(within, whole)))
			this.journal.note(`Prepared ${nameOf(within)}`);
	}

	/** `signal` cancels this load, and no later one. `orSmaller`: something smaller may be loaded if it fails. */
	async load(
		target: Target,
		{
			takeOver = false,
			orSmaller = true,
			signal
		}: { takeOver?: boolean; orSmaller?: boolean; signal?: AbortSignal } = {}
	): Promise<LoadEnd> {
		if (signal?.aborted) return 'cancelled';
		this.problem = null;
		this.note = null;
		const running = this.#run(
			'superseded',
			takeOver ? { kind: 'taking-over', target } : { kind: 'downloading', target, progress: null },
			async (attempt) => {
				this.#recoveries.renew();
				if (takeOver && !(await this.#tenancy.takeOver(attempt.signal)))
					return attempt.ending ?? 'cancelled';
				const problem = await this.#swap(target, attempt);
				if (!problem) return 'loaded';
				if (orSmaller) await this.#fallBack(problem, attempt);
				return attempt.ending ?? 'failed';
			}
		);
		const attempt = this.#attempts.current;
		const cancel = () => attempt?.end('cancelled');
		signal?.addEventListener('abort', cancel, { once: true });
		const end = await running;
		signal?.removeEventListener('abort', cancel);
		return end ?? attempt?.ending ?? 'cancelled';
	}

	/** Ends the step under way. A swap that has already released the old variant brings it back. */
	cancel() {
		this.#attempts.current?.end('cancelled');
	}

	/** Resolves when no attempt is under way any more. */
	settled(): Promise<void> {
		return this.#attempts.settled();
	}

	/** Ends what is loaded, or being loaded. */
	unload(): Promise<void> {
		return this.#leave('unloaded');
	}

	/** The same, unless it is being used. */
	async unloadIdle(minutes: number) {
		const { loaded } = this;
		if (!loaded || this.busy) return;
		await this.#leave('unloaded', () => {
			this.note = { kind: 'unloaded-idle', target: loaded, minutes };
		});
	}

	/** Says that the tab died during an earlier load, and offers less. */
	reportCrash(target: Target, { phase }: Crash) {
		const failure = new Failure(
			'tab-died',
			'The last visit ended without warning while this was being loaded.',
			{ phase }
		);
		this.#tell(target, failure);
	}

	/** Looks again for something smaller to offer: more is known now of what failed. */
	reconsider() {
		const { problem } = this;
		if (!problem || problem.next || problem.instead) return;
		this.problem = { ...problem, next: this.#smallerThan(problem.target, problem.failure) };
	}

	dismissProblem() {
		this.problem = null;
	}

	dismissNote() {
		this.note = null;
	}

	#run<T>(
		ending: Ending,
		status: LoaderStatus,
		work: (attempt: Attempt) => Promise<T>,
		always = false
	): Promise<T | null> {
		this.#watching?.abort();
		const running = this.#attempts.run(ending, work, { always, over: () => this.#over() });
		this.status = status;
		return running;
	}

	#over() {
		this.status = { kind: 'idle' };
		const { loaded } = this;
		if (!loaded) this.#tenancy.release();
		this.#parts.inUse.keepOnly(loaded ? [this.#host.source(loaded.variant).baseUrl] : []);
	}

	/** What an attempt that was superseded does is not shown any more. */
	#say(attempt: Attempt, status: LoaderStatus) {
		if (this.#attempts.current === attempt) this.status = status;
	}

	/** Asks the writers first, and at once: who asks for the engine from now on waits until it is gone. */
	async #leave(ending: 'unloaded' | 'taken-over', then: (target: Target) => void = () => {}) {
		const target = this.status.kind === 'idle' ? this.loaded : this.status.target;
		if (!target) return;
		const stopped = this.#host.stopWriters();
		await this.#run(
			ending,
			{ kind: 'unloading', target },
			async (attempt) => {
				await stopped;
				await this.#release();
				await this.#freed;
				this.#owed = null;
				this.#spare.forgetPrepared();
				// A tab that waits for it comes before a load that this one is asked for next.
				this.#tenancy.release();
				// Another load may have been asked for.
				if (this.#attempts.current === attempt) then(target);
			},
			true
		);
	}

	/** Another tab asked for the engine, or took it. */
	async #yield() {
		const failure = new Failure('taken-over', 'Another tab uses the GPU now.');
		await this.#leave('taken-over', (target) => this.#tell(again(target), failure));
	}

	async #swap(wanted: Target, attempt: Attempt): Promise<LoadFailure | null> {
		const { clock } = this.#parts;
		const { signal } = attempt;
		let target = wanted;
		const swapping = this.loaded !== null;
		const outgoing = this.loaded ?? this.#owed;
		this.#owed = null;
		let gapStartMs: number | null = null;
		this.journal.note(`Load ${nameOf(target)}`);
		try {
			if (!(await this.#tenancy.claim())) throw await this.#elsewhere(signal);
			const read = await this.#obtain(wanted, attempt, (within) => (target = within));
			const release = async () => {
				this.#say(attempt, { kind: 'releasing', target });
				await this.#host.stopWriters();
				if (signal.aborted) throw cancelled();
				gapStartMs = clock.now();
			};
			// The old one answers on while the new one reads and compiles what needs no memory of the GPU.
			const makeRoom = async () => {
				if (!this.loaded || this.#host.fitsBeside(target, read.facts)) return;
				await release();
				await this.#release();
			};
			const onPhase: OnPhase = (phase) => this.#say(attempt, { kind: 'loading', target, phase });
			const loaded = await this.#startOrRepeat(target, read, signal, onPhase, makeRoom);
			if (this.loaded) await release().catch((error: unknown) => this.#abandon(loaded, error));
			this.#replace(loaded);
			this.swapGapMs = swapping && gapStartMs !== null ? clock.now() - gapStartMs : null;
			this.#noteLoaded(loaded);
			this.#host.loaded(loaded);
			return null;
		} catch (thrown) {
			let failure = signal.aborted ? cancelled() : asFailure(thrown, 'engine');
			if (failure.kind === 'lean-unavailable') failure = this.#host.withoutLean(target, failure);
			// Released for the new one, or lost meanwhile.
			if (outgoing && !this.loaded) {
				if (attempt.ending === 'superseded') this.#owed = outgoing;
				if (attempt.ending === null || attempt.ending === 'cancelled')
					failure = await this.#rollBack(target, outgoing, failure, attempt);
			}
			return this.#fail(target, failure, attempt);
		}
	}

	#noteLoaded({ result, ...target }: Loaded) {
		const { tokenSampling, leanProblem } = result;
		this.journal.note(
			`Loaded ${nameOf(target)}${tokenSampling === 'lean' ? ', sampling on the CPU' : ''}`
		);
		if (leanProblem) this.journal.failure(fromWire(leanProblem));
	}

	/** Brings the files of a target onto the disk, and refuses what cannot run here before its weights are fetched. */
	async #obtain(
		wanted: Target,
		attempt: Attempt,
		onWithin: (target: Target) => void
	): Promise<Read> {
		const { files, inUse } = this.#parts;
		const { signal } = attempt;
		const source = this.#host.source(wanted.variant);
		if (signal.aborted) throw cancelled();
		this.#say(attempt, { kind: 'downloading', target: wanted, progress: null });
		await inUse.hold(source.baseUrl, signal);
		const fetched = await this.#host.fetching(wanted.variant);
		try {
			const ahead = await files.inspect(source, true, signal, 'load');
			if (signal.aborted) throw cancelled();
			const target = this.#host.within(wanted, ahead.facts);
			onWithin(target);
			this.#host.admit(target, ahead.facts);
			const whole: Inspection = await files.download(source, {
				signal,
				onProgress: (progress) => {
					if (!signal.aborted) this.#say(attempt, { kind: 'downloading', target, progress });
				}
			});
			if (signal.aborted) throw cancelled();
			this.#host.admit(target, whole.facts);
			return whole;
		} finally {
			fetched();
		}
	}

	async #startOrRepeat(
		target: Target,
		read: Read,
		signal: AbortSignal,
		onPhase: OnPhase,
		makeRoom: () => Promise<void> = () => Promise.resolve()
	): Promise<Loaded> {
		try {
			return await this.#start(target, read, signal, onPhase, makeRoom);
		} catch (thrown) {
			const failure = asFailure(thrown, 'engine');
			if (signal.aborted) throw failure;
			await this.#awaitGpu(failure, signal);
			if (!this.#recoveries.spend(failure, 'loading')) throw failure;
			this.journal.failure(failure);
			return await this.#start(target, read, signal, onPhase, makeRoom);
		}
	}

	async #start(
		target: Target,
		{ facts, revision }: Read,
		signal: AbortSignal,
		onPhase: OnPhase,
		makeRoom: () => Promise<void> = () => Promise.resolve()
	): Promise<Loaded> {
		if (signal.aborted) throw cancelled();
		onPhase(null);
		const { marker, clock } = this.#parts;
		const request = this.#host.request(target, { facts, revision });
		const engine = this.#spare.take(request);
		try {
			const result = await start(engine, target, request, {
				signal,
				onPhase,
				onMeter: (reading) => this.#measure(engine, reading),
				beforeWeights: async () => {
					await this.#freed;
					await makeRoom();
				},
				marker,
				clock,
				journal: this.journal
			});
			return { ...target, engine, facts, revision, result };
		} catch (error) {
			this.#measure(engine, null);
			throw error;
		}
	}

	/** What was loaded is not wanted any more. */
	#abandon({ engine }: Loaded, error: unknown): never {
		engine.end();
		this.#measure(engine, null);
		throw error;
	}

	/** Throws when it was lost in the same moment. */
	#replace(loaded: Loaded) {
		const beside = this.loaded;
		this.loaded = loaded;
		const { engine, result } = loaded;
		engine.watch({
			meter: (reading) => this.#measure(engine, reading),
			lost: (failure) => this.#lost(loaded, failure)
		});
		this.#measure(engine, {
			liveBytes: result.afterFirstTokenBytes,
			peakBytes: result.peakBytes,
			buffers: result.buffers
		});
		if (beside) this.#freed = this.#dispose(beside);
		const { failure } = engine;
		if (!failure) return;
		this.#lost(loaded, failure);
		throw failure;
	}

	async #release() {
		const outgoing = this.loaded;
		if (!outgoing) return;
		this.loaded = null;
		this.swapGapMs = null;
		await this.#dispose(outgoing);
	}

	async #dispose({ engine }: Loaded) {
		await engine.dispose();
		this.#measure(engine, null);
	}

	/** Returns the failure to explain: that nothing could be brought back is only worth it where the GPU is gone. */
	async #rollBack(
		target: Target,
		to: Loaded,
		failure: Failure,
		attempt: Attempt
	): Promise<Failure> {
		attempt.proceed();
		const { signal } = attempt;
		const onPhase: OnPhase = (phase) =>
			this.#say(attempt, { kind: 'rolling-back', target, to, failure, phase });
		onPhase(null);
		this.journal.failure(failure);
		this.journal.note(`Bring ${nameOf(to)} back`);
		try {
			await this.#awaitGpu(failure, signal);
			this.#replace(await this.#startOrRepeat(again(to), to, signal, onPhase));
			return failure;
		} catch (thrown) {
			if (attempt.ending === 'superseded') this.#owed = to;
			if (signal.aborted) return failure;
			const second = asFailure(thrown, 'engine');
			this.journal.failure(second);
			return second.kind === 'no-adapter' ? second : failure;
		}
	}

	#lost(loaded: Loaded, failure: Failure) {
		if (this.loaded !== loaded) return;
		this.loaded = null;
		this.swapGapMs = null;
		// The answer under way ends with the cause.
		loaded.engine.end(failure);
		this.#measure(loaded.engine, null);
		this.journal.failure(failure);
		if (loaded.engine.answered) this.#recoveries.renew();
		// A swap under way replaces it or brings it back.
		if (this.#attempts.current) return;
		this.problem = null;
		this.note = null;
		const target = again(loaded);
		void this.#run('superseded', { kind: 'recovering', target, failure, phase: null }, (attempt) =>
			this.#recover(loaded, failure, attempt)
		);
	}

	async #recover(lost: Loaded, failure: Failure, attempt: Attempt): Promise<void> {
		const { signal } = attempt;
		const target = again(lost);
		let cause = failure;
		try {
			await this.#awaitGpu(failure, signal);
			if (this.#recoveries.spend(failure, 'running')) {
				const loaded = await this.#start(target, lost, signal, (phase) =>
					this.#say(attempt, { kind: 'recovering', target, failure, phase })
				);
				this.#replace(loaded);
				this.note = { kind: 'recovered', target, failure };
				this.journal.note(`Recovered ${nameOf(target)}`);
				this.#host.loaded(loaded);
				return;
			}
		} catch (thrown) {
			if (!signal.aborted) cause = asFailure(thrown, 'engine');
		}
		await this.#fallBack(this.#fail(target, cause, attempt), attempt);
	}

	/** Loads the next smaller thing, and the next, where the settings say so. */
	async #fallBack(problem: LoadFailure, attempt: Attempt) {
		if (this.#host.afterFailure() !== 'fallback') return;
		// Each is smaller than the one before, so this ends.
		for (let { next } = problem; next && attempt.ending === null;) {
			const failed = await this.#swap(next, attempt);
			if (!failed) {
				this.problem = { ...problem, kept: next, instead: true, next: null };
				this.#host.fellBack(next);
				return;
			}
			next = failed.next;
		}
	}

	/** Throws when the browser does not offer the GPU again. */
	async #awaitGpu(cause: Failure, signal: AbortSignal) {
		if (cause.kind !== 'device-lost' && cause.kind !== 'no-adapter') return;
		const back = await this.#parts.gpuIsBack(signal);
		if (signal.aborted) throw cancelled();
		if (back) return;
		this.#host.gpuGone();
		throw gpuStaysAway(cause);
	}

	#fail(target: Target, failure: Failure, attempt: Attempt): LoadFailure {
		// Whoever ended it shows something else.
		if (attempt.ending !== null && attempt.ending !== 'cancelled') {
			this.journal.failure(failure);
			return { target, failure, kept: this.loaded, instead: false, next: null };
		}
		return this.#tell(target, failure);
	}

	#tell(target: Target, failure: Failure): LoadFailure {
		this.journal.failure(failure);
		// It may lower what is thought to fit, and with it what is offered.
		this.#host.failed({ target, failure });
		const next = this.#smallerThan(target, failure);
		const problem = { target, failure, kept: this.loaded, instead: false, next };
		this.problem = problem;
		return problem;
	}

	/** Null where it would not help, is not wanted, or is loaded already. */
	#smallerThan(target: Target, failure: Failure): Target | null {
		if (!smallerHelps(failure) || this.#host.afterFailure() === 'stop') return null;
		const next = this.#host.smaller(target);
		return next && this.loaded && sameTarget(next, this.loaded) ? null : next;
	}

	async #elsewhere(signal: AbortSignal): Promise<Failure> {
		this.elsewhere = await this.#tenancy.who();
		if (!signal.aborted) {
			const watching = (this.#watching = new AbortController());
			void this.#tenancy
				.free(watching.signal)
				.then(() => {
					if (this.problem?.failure.kind === 'elsewhere') this.problem = null;
				})
				// Another load was asked for.
				.catch(() => undefined);
		}
		return new Failure(
			'elsewhere',
			`${this.elsewhere?.model ?? 'A model'} runs in another tab of this page. The GPU is given to one tab at a time.`
		);
	}

	/** null: the engine holds nothing any more. */
	#measure(engine: GpuEngine, reading: MeterReading | null) {
		this.#readings = this.#readings.filter((each) => each.engine !== engine);
		if (reading) this.#readings.push({ engine, reading });
		const readings = this.#readings.map(({ reading }) => reading);
		const sum = (of: (reading: MeterReading) => number) =>
			readings.reduce((total, each) => total + of(each), 0);
		const liveBytes = sum((each) => each.liveBytes);
		this.meter = {
			liveBytes,
			peakBytes: Math.max(liveBytes, ...readings.map((each) => each.peakBytes)),
			buffers: sum((each) => each.buffers)
		};
	}
}
