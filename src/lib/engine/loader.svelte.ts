import type { Files } from '../files/client.ts';
import type { DownloadProgress, Inspection, ModelSource } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';
import type { TokenSampling } from '../memory/sampling.ts';
import type { Facts } from '../models/facts.ts';
import { asFailure, Failure, fromWire } from '../worker/failure.ts';
import { Engine } from './client.ts';
import { clearMarker, writeMarker, type CrashMarker } from './crash-marker.ts';
import { Journal } from './journal.ts';
import type { LoadPhase, LoadRequest, LoadResult, MeterReading } from './protocol.ts';
import { gpuIsBack, gpuStaysAway, Recoveries, smallerHelps } from './recovery.ts';
import { Tenancy, type Tenant } from './tenancy.ts';

/** What is to be loaded. */
export interface Target {
	variant: Variant;
	contextWindow: number;
	/** Load although the budget says no; hard limits still hold. Never remembered. */
	anyway?: boolean;
	/** As it was loaded before; absent: as the plan says. */
	tokenSampling?: TokenSampling;
}

export interface Loaded extends Target {
	engine: Engine;
	facts: Facts;
	result: LoadResult;
}

export type LoaderStatus =
	| { kind: 'idle' }
	| { kind: 'downloading'; target: Target; progress: DownloadProgress | null }
	/** Another tab is asked to let the engine go. */
	| { kind: 'taking-over'; target: Target }
	| { kind: 'releasing'; target: Target }
	| { kind: 'loading'; target: Target; phase: LoadPhase | null }
	/** The old variant is being brought back. */
	| { kind: 'rolling-back'; target: Target; to: Target; failure: Failure; phase: LoadPhase | null }
	/** What was loaded was lost and is being loaded again. */
	| { kind: 'recovering'; target: Target; failure: Failure; phase: LoadPhase | null };

/** How the last attempt ended, if not well; stays until the next one or until dismissed. */
export interface LoadFailure {
	target: Target;
	failure: Failure;
	/** What is loaded now in its place. */
	kept: Target | null;
	/** `kept` was loaded because of the failure, not before it. */
	instead: boolean;
	/** The next smaller thing that may do; null: none, or not to be offered. */
	next: Target | null;
}

/** Something that went well and is worth a sentence. */
export type LoaderNote =
	| { kind: 'recovered'; target: Target; failure: Failure }
	| { kind: 'unloaded-idle'; target: Target; minutes: number };

/** What the loader must be told about the world it lives in. */
export interface LoaderHost {
	source(variant: Variant): ModelSource;
	request(target: Target, facts: Facts): LoadRequest;
	/** The target with a window that the model holds. */
	within(target: Target, facts: Facts): Target;
	/** Throws a `blocked` or `unsupported` Failure when the exact plan says that the target cannot run here. */
	admit(target: Target, facts: Facts, outgoing: Loaded | null): void;
	/** What to say when the engine cannot sample on the CPU, and its own sampling would not fit. */
	withoutLean(target: Target, problem: Failure): Failure;
	/** Both would fit at once, so that the old one need not go before the new one is there. */
	fitsBeside(target: Target, facts: Facts, outgoing: Loaded): boolean;
	/** Called before the loaded engine goes: stop what it is writing. */
	beforeRelease(): Promise<void>;
	/** A load that was confirmed by a token. */
	loaded(loaded: Loaded): void;
	failed(failure: LoadFailure): void;
	/** What is done after a failure that something smaller may escape. */
	afterFailure(): 'stop' | 'ask' | 'fallback';
	/** The next smaller thing to load than what failed; null: there is none. */
	smaller(failed: Target): Target | null;
	/** Something smaller was loaded in place of what was asked for. */
	fellBack(to: Target): void;
	/** The browser offers no GPU any more. */
	gpuGone(): void;
	/** What another tab is told about this one. */
	describe(): Tenant;
}

/** A device that was lost while loading: the engine has this long to say what it was doing. It may not come to it. */
const EXPLAIN_LIMIT_MS = 1_000;

const NOTHING: MeterReading = { liveBytes: 0, peakBytes: 0, buffers: 0 };

/** Loads, swaps, rolls back and recovers. One attempt at a time; a new one cancels the one before. */
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
	readonly journal = new Journal();

	readonly #files: Files;
	readonly #host: LoaderHost;
	readonly #makeEngine: () => Engine;
	readonly #tenancy: Tenancy;
	/** Has imported the engine, and perhaps prepared what was chosen. */
	#spare: Engine | null = null;
	/** What was to be prepared last. */
	#wanted: Target | null = null;
	#attempt: AbortController | null = null;
	/** Resolves when the attempt before is over, however it ended. */
	#settled: Promise<void> = Promise.resolve();
	readonly #recoveries = new Recoveries();

	constructor(files: Files, host: LoaderHost, makeEngine: () => Engine = () => new Engine()) {
		this.#files = files;
		this.#host = host;
		this.#makeEngine = makeEngine;
		this.#tenancy = new Tenancy({
			describe: () => host.describe(),
			letGo: () => this.#yield()
		});
	}

	/** Imports the engine in a worker that waits, so that the next load starts at once. */
	prepareSpare() {
		if (this.#spare) return;
		const spare = this.#makeEngine();
		this.#spare = spare;
		spare.warm().catch(() => this.#drop(spare));
	}

	/**
	 * Brings what was chosen beside a loaded model so far that a swap to it only has to fill the GPU. What is not whole
	 * on disk, cannot run here or fails is left to the swap, which says so.
	 */
	async prepare(target: Target) {
		if (!this.loaded || this.busy) return;
		this.#wanted = target;
		const whole = await this.#files.onDisk(this.#host.source(target.variant)).catch(() => null);
		// Another was chosen, this one asked for, or the old one let go while the disk was read.
		if (this.#wanted !== target || !this.loaded || this.busy) return;
		if (!whole) {
			this.#renewPrepared();
			return;
		}
		const within = this.#host.within(target, whole.facts);
		try {
			this.#host.admit(within, whole.facts, this.loaded);
		} catch {
			return;
		}
		const request = this.#host.request(within, whole.facts);
		const engine = this.#takeSpare(request);
		this.#spare = engine;
		engine.watch({ meter: () => {}, lost: () => this.#renew(engine) });
		try {
			await engine.prepare(request);
			this.journal.note(`Prepared ${nameOf(within)}`);
		} catch {
			this.#renew(engine);
		}
	}

	/** Resolves with true when the target is loaded and has made a token, with false when it is not. */
	load(target: Target, { takeOver = false } = {}): Promise<boolean> {
		return this.#attemptTo(async (signal) => {
			this.problem = null;
			this.note = null;
			this.#recoveries.renew();
			if (takeOver) {
				this.status = { kind: 'taking-over', target };
				await this.#tenancy.takeOver();
			}
			const problem = await this.#swap(target, signal);
			if (!problem) return true;
			await this.#fallBack(problem, signal);
			return false;
		});
	}

	/** Ends the attempt under way. A swap that has already let the old variant go brings it back. */
	cancel() {
		this.#attempt?.abort();
	}

	/** Resolves when no attempt is under way any more. */
	settled(): Promise<void> {
		return this.#settled;
	}

	async unload() {
		this.cancel();
		await this.#settled;
		await this.#release();
		this.#renewPrepared();
		this.#tenancy.release();
	}

	async unloadIdle(minutes: number) {
		const { loaded } = this;
		if (!loaded || this.busy) return;
		await this.unload();
		this.note = { kind: 'unloaded-idle', target: loaded, minutes };
	}

	/** Says that the tab died during an earlier load, and offers less. */
	reportCrash(target: Target, { phase }: CrashMarker) {
		const failure = new Failure(
			'tab-died',
			'The last visit ended without warning while this was being loaded.',
			{ phase }
		);
		this.#fail(target, failure);
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

	async #attemptTo(run: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
		this.#attempt?.abort();
		const attempt = new AbortController();
		this.#attempt = attempt;
		const before = this.#settled;
		let over = () => {};
		this.#settled = new Promise((resolve) => (over = resolve));
		await before;
		try {
			// A later call has taken over while we waited.
			if (attempt.signal.aborted) return false;
			return await run(attempt.signal);
		} finally {
			if (this.#attempt === attempt) {
				this.#attempt = null;
				this.status = { kind: 'idle' };
				if (!this.loaded) this.#tenancy.release();
			}
			over();
		}
	}

	async #swap(wanted: Target, signal: AbortSignal): Promise<LoadFailure | null> {
		let target = wanted;
		const outgoing = this.loaded;
		this.journal.note(`Load ${nameOf(target)}`);
		try {
			if (!(await this.#tenancy.claim())) throw await this.#elsewhere();
			this.status = { kind: 'downloading', target, progress: null };
			const source = this.#host.source(target.variant);
			// What cannot run here is refused before its weights are downloaded.
			const ahead = await this.#files.inspect(source, true, signal, 'load');
			target = this.#host.within(wanted, ahead.facts);
			this.#host.admit(target, ahead.facts, this.loaded);
			const { facts } = await this.#download(target, source, signal);
			this.#host.admit(target, facts, this.loaded);
			let gapStartMs = performance.now();
			// The old one answers on while the new one reads and compiles what needs no memory of the GPU.
			const makeRoom =
				this.loaded && !this.#host.fitsBeside(target, facts, this.loaded)
					? async () => {
							if (!this.loaded) return;
							this.status = { kind: 'releasing', target };
							await this.#host.beforeRelease();
							gapStartMs = performance.now();
							await this.#release();
						}
					: undefined;
			const onPhase = (phase: LoadPhase | null) => {
				this.status = { kind: 'loading', target, phase };
			};
			const loaded = await this.#startOrRepeat(target, facts, signal, onPhase, makeRoom);
			const beside = this.loaded;
			if (beside) {
				await this.#host.beforeRelease();
				gapStartMs = performance.now();
				this.#show(loaded);
				void beside.engine.dispose();
			} else this.#show(loaded);
			this.swapGapMs = outgoing ? performance.now() - gapStartMs : null;
			this.#noteLoaded(loaded);
			this.#host.loaded(loaded);
			return null;
		} catch (thrown) {
			let failure = signal.aborted
				? new Failure('cancelled', 'Cancelled.')
				: asFailure(thrown, 'engine');
			if (failure.kind === 'lean-unavailable') failure = this.#host.withoutLean(target, failure);
			// Let go for the new one, or lost meanwhile.
			if (outgoing && !this.loaded) failure = await this.#rollBack(target, outgoing, failure);
			return this.#fail(target, failure);
		}
	}

	#noteLoaded({ result, ...target }: Loaded) {
		const { tokenSampling, leanProblem } = result;
		this.journal.note(
			`Loaded ${nameOf(target)}${tokenSampling === 'lean' ? ', sampling on the CPU' : ''}`
		);
		if (leanProblem) this.journal.failure(fromWire(leanProblem));
	}

	async #download(target: Target, source: ModelSource, signal: AbortSignal): Promise<Inspection> {
		return this.#files.download(source, {
			signal,
			onProgress: (progress) => {
				if (!signal.aborted) this.status = { kind: 'downloading', target, progress };
			}
		});
	}

	async #startOrRepeat(
		target: Target,
		facts: Facts,
		signal: AbortSignal,
		onPhase: (phase: LoadPhase | null) => void,
		beforeWeights?: () => Promise<void>
	): Promise<Loaded> {
		try {
			return await this.#start(target, facts, signal, onPhase, beforeWeights);
		} catch (thrown) {
			const failure = asFailure(thrown, 'engine');
			if (signal.aborted) throw failure;
			await this.#awaitGpu(failure, signal);
			if (!this.#recoveries.spend(failure, 'loading')) throw failure;
			this.journal.failure(failure);
			return await this.#start(target, facts, signal, onPhase, beforeWeights);
		}
	}

	async #start(
		target: Target,
		facts: Facts,
		signal: AbortSignal,
		onPhase: (phase: LoadPhase | null) => void,
		beforeWeights?: () => Promise<void>
	): Promise<Loaded> {
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		onPhase(null);
		const request = this.#host.request(target, facts);
		const engine = this.#takeSpare(request);
		// While two engines live, the meter shows the sum of both.
		let besides = this.loaded ? this.meter.liveBytes : 0;
		let lost: Failure | null = null;
		let giveUp: ReturnType<typeof setTimeout> | undefined;
		engine.watch({
			meter: (reading) => {
				this.meter = { ...reading, liveBytes: reading.liveBytes + besides };
			},
			lost: (failure) => {
				// Out of memory shows up as a lost device too, sometimes before it is told.
				if (!lost || failure.kind === 'out-of-memory') lost = failure;
				giveUp ??= setTimeout(() => engine.end(lost ?? failure), EXPLAIN_LIMIT_MS);
			}
		});
		const mark = (phase: LoadPhase | null) =>
			writeMarker({
				variantId: target.variant.id,
				contextWindow: target.contextWindow,
				phase: phase?.phase ?? 'starting'
			});
		let marked: LoadPhase['phase'] | null = null;
		mark(null);
		try {
			const result = await engine.load(request, {
				signal,
				beforeWeights:
					beforeWeights &&
					(async () => {
						await beforeWeights();
						besides = 0;
					}),
				onPhase: (phase) => {
					onPhase(phase);
					if (phase.phase === marked) return;
					marked = phase.phase;
					this.journal.note(marked);
					mark(phase);
				}
			});
			if (lost) throw lost as Failure;
			return { ...target, engine, facts, result };
		} catch (error) {
			engine.end();
			this.meter = { liveBytes: besides, peakBytes: besides, buffers: 0 };
			throw error;
		} finally {
			clearTimeout(giveUp);
			clearMarker();
		}
	}

	/** The spare, unless it is of no use for this. */
	#takeSpare(request: LoadRequest): Engine {
		const spare = this.#spare;
		this.#spare = null;
		if (spare?.suits(request)) return spare;
		spare?.end();
		return this.#makeEngine();
	}

	/** Ends a spare, unless it was taken for a load meanwhile. */
	#drop(spare: Engine) {
		if (this.#spare !== spare) return;
		this.#spare = null;
		spare.end();
	}

	/** Puts a fresh one in the place of a spare that is of no use any more. */
	#renew(spare: Engine) {
		if (this.#spare !== spare) return;
		this.#drop(spare);
		this.prepareSpare();
	}

	/** What was prepared is not wanted any more, and holds a device. */
	#renewPrepared() {
		if (this.#spare?.prepared) this.#renew(this.#spare);
	}

	#show(loaded: Loaded) {
		loaded.engine.watch({
			meter: (reading) => (this.meter = reading),
			lost: (failure) => this.#lost(loaded, failure)
		});
		this.meter = {
			liveBytes: loaded.result.afterFirstTokenBytes,
			peakBytes: loaded.result.peakBytes,
			buffers: loaded.result.buffers
		};
		this.loaded = loaded;
		// It may have gone between its last word and this one.
		const { failure } = loaded.engine;
		if (failure) this.#lost(loaded, failure);
	}

	async #release() {
		const outgoing = this.loaded;
		if (!outgoing) return;
		this.loaded = null;
		this.swapGapMs = null;
		await outgoing.engine.dispose();
		this.meter = NOTHING;
	}

	/** Returns the failure to explain: that nothing could be brought back is only worth it where the GPU is gone. */
	async #rollBack(target: Target, to: Loaded, failure: Failure): Promise<Failure> {
		// Not the attempt's own: a cancelled swap is rolled back too.
		const { signal } = new AbortController();
		const status = { kind: 'rolling-back', target, to, failure } as const;
		this.status = { ...status, phase: null };
		this.journal.failure(failure);
		this.journal.note(`Bring ${nameOf(to)} back`);
		try {
			await this.#awaitGpu(failure, signal);
			this.#show(
				await this.#startOrRepeat(again(to), to.facts, signal, (phase) => {
					this.status = { ...status, phase };
				})
			);
			return failure;
		} catch (thrown) {
			this.loaded = null;
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
		this.meter = NOTHING;
		this.journal.failure(failure);
		if (loaded.engine.answered) this.#recoveries.renew();
		// A swap under way replaces it or brings it back.
		if (!this.#attempt) void this.#attemptTo((signal) => this.#recover(loaded, failure, signal));
	}

	async #recover(lost: Loaded, failure: Failure, signal: AbortSignal): Promise<boolean> {
		const target = again(lost);
		let cause = failure;
		this.problem = null;
		this.note = null;
		this.status = { kind: 'recovering', target, failure, phase: null };
		try {
			await this.#awaitGpu(failure, signal);
			if (this.#recoveries.spend(failure, 'running')) {
				const loaded = await this.#start(target, lost.facts, signal, (phase) => {
					this.status = { kind: 'recovering', target, failure, phase };
				});
				this.#show(loaded);
				this.note = { kind: 'recovered', target, failure };
				this.journal.note(`Recovered ${nameOf(target)}`);
				this.#host.loaded(loaded);
				return true;
			}
		} catch (thrown) {
			if (!signal.aborted) cause = asFailure(thrown, 'engine');
		}
		await this.#fallBack(this.#fail(target, cause), signal);
		return false;
	}

	/** Loads the next smaller thing, and the next, where the settings say so. */
	async #fallBack(problem: LoadFailure, signal: AbortSignal) {
		if (this.#host.afterFailure() !== 'fallback') return;
		// Each is smaller than the one before, so this ends.
		for (let { next } = problem; next && !signal.aborted;) {
			const failed = await this.#swap(next, signal);
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
		if (await gpuIsBack(signal)) return;
		this.#host.gpuGone();
		throw gpuStaysAway(cause);
	}

	#fail(target: Target, failure: Failure): LoadFailure {
		const problem: LoadFailure = {
			target,
			failure,
			kept: this.loaded,
			instead: false,
			next: this.#smallerThan(target, failure)
		};
		this.problem = problem;
		this.journal.failure(failure);
		this.#host.failed(problem);
		return problem;
	}

	/** Null where it would not help, is not wanted, or is loaded already. */
	#smallerThan(target: Target, failure: Failure): Target | null {
		if (!smallerHelps(failure) || this.#host.afterFailure() === 'stop') return null;
		const next = this.#host.smaller(target);
		return next && this.loaded && same(next, this.loaded) ? null : next;
	}

	async #elsewhere(): Promise<Failure> {
		const tenant = await this.#tenancy.who();
		void this.#tenancy
			.free(AbortSignal.timeout(24 * 3600 * 1000))
			.then(() => {
				if (this.problem?.failure.kind === 'elsewhere') this.problem = null;
			})
			// Only what is shown would grow old then.
			.catch(() => undefined);
		this.elsewhere = tenant;
		const name = tenant?.model ?? 'A model';
		return new Failure(
			'elsewhere',
			`${name} runs in another tab of this page. The GPU is given to one tab at a time.`
		);
	}

	/** Another tab asked for the engine, or took it. */
	async #yield() {
		const { loaded } = this;
		this.cancel();
		await this.#settled;
		await this.#host.beforeRelease();
		await this.#release();
		this.#renewPrepared();
		if (loaded)
			this.#fail(again(loaded), new Failure('taken-over', 'Another tab uses the GPU now.'));
	}
}

/** The same load once more; it was admitted before. */
const again = ({ variant, contextWindow, result }: Loaded): Target => ({
	variant,
	contextWindow,
	anyway: true,
	tokenSampling: result.tokenSampling
});

const same = (a: Target, b: Target) =>
	a.variant === b.variant && a.contextWindow === b.contextWindow;

const nameOf = ({ variant, contextWindow }: Target) => `${variant.id} at ${contextWindow}`;
