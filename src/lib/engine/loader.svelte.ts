import type { Files } from '../files/client.ts';
import type { DownloadProgress, Inspection, ModelSource } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { asFailure, Failure } from '../worker/failure.ts';
import { Engine } from './client.ts';
import type { LoadPhase, LoadRequest, LoadResult, MeterReading } from './protocol.ts';

/** What is to be loaded. */
export interface Target {
	variant: Variant;
	contextWindow: number;
	/** Load although the budget says no; hard limits still hold. Never remembered. */
	anyway?: boolean;
}

export interface Loaded extends Target {
	engine: Engine;
	facts: Facts;
	result: LoadResult;
}

export type LoaderStatus =
	| { kind: 'idle' }
	| { kind: 'downloading'; target: Target; progress: DownloadProgress | null }
	| { kind: 'releasing'; target: Target }
	| { kind: 'loading'; target: Target; phase: LoadPhase | null }
	/** The old variant is being brought back. */
	| { kind: 'rolling-back'; target: Target; to: Target; failure: Failure; phase: LoadPhase | null };

/** How the last attempt ended, if not well; stays until the next one or until dismissed. */
export interface LoadFailure {
	target: Target;
	failure: Failure;
	/** What is loaded now in its place. */
	kept: Target | null;
}

/** What the loader must be told about the world it lives in. */
export interface LoaderHost {
	source(variant: Variant): ModelSource;
	request(target: Target, facts: Facts): LoadRequest;
	/** Throws a `blocked` or `unsupported` Failure when the exact plan says that the target cannot run here. */
	admit(target: Target, facts: Facts, outgoing: Loaded | null): void;
	/** Both would fit at once, so that the old one need not go before the new one is there. */
	fitsBeside(target: Target, facts: Facts, outgoing: Loaded): boolean;
	/** Called before the loaded engine goes: stop what it is writing. */
	beforeRelease(): Promise<void>;
	/** A load that was confirmed by a token. */
	loaded(loaded: Loaded): void;
	failed(failure: LoadFailure): void;
}

/** Loads, swaps and rolls back. One attempt at a time; a new one cancels the one before. */
export class Loader {
	status = $state.raw<LoaderStatus>({ kind: 'idle' });
	loaded = $state.raw<Loaded | null>(null);
	problem = $state.raw<LoadFailure | null>(null);
	/** GPU bytes all engines of this page hold just now. */
	meter = $state.raw<MeterReading>({ liveBytes: 0, peakBytes: 0, buffers: 0 });
	/** Milliseconds without a usable model during the last swap; null: there was none. */
	swapGapMs = $state.raw<number | null>(null);
	busy = $derived(this.status.kind !== 'idle');

	readonly #files: Files;
	readonly #host: LoaderHost;
	readonly #makeEngine: () => Engine;
	#spare: Engine | null = null;
	#attempt: AbortController | null = null;
	/** Resolves when the attempt before is over, however it ended. */
	#settled: Promise<void> = Promise.resolve();

	constructor(files: Files, host: LoaderHost, makeEngine: () => Engine = () => new Engine()) {
		this.#files = files;
		this.#host = host;
		this.#makeEngine = makeEngine;
	}

	/** Imports the engine in a worker that waits, so that the next load starts at once. */
	prepareSpare() {
		if (this.#spare) return;
		const spare = this.#makeEngine();
		this.#spare = spare;
		spare.warm().catch(() => {
			if (this.#spare === spare) this.#spare = null;
			spare.end();
		});
	}

	/** Resolves with true when the target is loaded and has made a token, with false when it is not. */
	async load(target: Target): Promise<boolean> {
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
			this.problem = null;
			return await this.#swap(target, attempt.signal);
		} finally {
			if (this.#attempt === attempt) {
				this.#attempt = null;
				this.status = { kind: 'idle' };
			}
			over();
		}
	}

	/** Ends the attempt under way. A swap that has already let the old variant go brings it back. */
	cancel() {
		this.#attempt?.abort();
	}

	async unload() {
		this.cancel();
		await this.#settled;
		await this.#release();
	}

	dismissProblem() {
		this.problem = null;
	}

	async #swap(target: Target, signal: AbortSignal): Promise<boolean> {
		const outgoing = this.loaded;
		let gone = false;
		try {
			const { facts } = await this.#download(target, signal);
			this.#host.admit(target, facts, outgoing);
			let gapStartMs = performance.now();
			if (outgoing && !this.#host.fitsBeside(target, facts, outgoing)) {
				this.status = { kind: 'releasing', target };
				gone = true;
				await this.#host.beforeRelease();
				gapStartMs = performance.now();
				await this.#release();
			}
			const loaded = await this.#start(target, facts, signal, (phase) => {
				this.status = { kind: 'loading', target, phase };
			});
			if (outgoing && !gone) {
				await this.#host.beforeRelease();
				gapStartMs = performance.now();
				this.#show(loaded);
				void outgoing.engine.dispose();
			} else this.#show(loaded);
			this.swapGapMs = outgoing ? performance.now() - gapStartMs : null;
			this.#host.loaded(loaded);
			return true;
		} catch (thrown) {
			const failure = signal.aborted
				? new Failure('cancelled', 'Cancelled.')
				: asFailure(thrown, 'engine');
			if (outgoing && gone) await this.#rollBack(target, outgoing, failure);
			this.#fail({ target, failure, kept: this.loaded });
			return false;
		}
	}

	async #download(target: Target, signal: AbortSignal): Promise<Inspection> {
		this.status = { kind: 'downloading', target, progress: null };
		return this.#files.download(this.#host.source(target.variant), {
			signal,
			onProgress: (progress) => {
				if (!signal.aborted) this.status = { kind: 'downloading', target, progress };
			}
		});
	}

	async #start(
		target: Target,
		facts: Facts,
		signal: AbortSignal,
		onPhase: (phase: LoadPhase | null) => void
	): Promise<Loaded> {
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		onPhase(null);
		const engine = this.#spare ?? this.#makeEngine();
		this.#spare = null;
		// While two engines live, the meter shows the sum of both.
		const besides = this.loaded ? this.meter.liveBytes : 0;
		engine.watch({
			meter: (reading) => {
				this.meter = { ...reading, liveBytes: reading.liveBytes + besides };
			},
			lost: () => {}
		});
		try {
			const result = await engine.load(this.#host.request(target, facts), { signal, onPhase });
			return { ...target, engine, facts, result };
		} catch (error) {
			engine.end();
			this.meter = { liveBytes: besides, peakBytes: besides, buffers: 0 };
			throw error;
		}
	}

	#show(loaded: Loaded) {
		loaded.engine.watch({
			meter: (reading) => (this.meter = reading),
			lost: (failure) => this.#lost(loaded, failure)
		});
		this.meter = {
			liveBytes: loaded.result.afterFirstTokenBytes,
			peakBytes: loaded.result.peakBytes,
			buffers: 0
		};
		this.loaded = loaded;
	}

	async #release() {
		const outgoing = this.loaded;
		if (!outgoing) return;
		this.loaded = null;
		await outgoing.engine.dispose();
		this.meter = { liveBytes: 0, peakBytes: 0, buffers: 0 };
	}

	async #rollBack(target: Target, to: Loaded, failure: Failure) {
		const { variant, contextWindow } = to;
		const old: Target = { variant, contextWindow, anyway: true };
		try {
			this.#show(
				await this.#start(old, to.facts, new AbortController().signal, (phase) => {
					this.status = { kind: 'rolling-back', target, to: old, failure, phase };
				})
			);
		} catch {
			// The first failure is the one to explain; that nothing is loaded now shows by itself.
			this.loaded = null;
		}
	}

	#lost(loaded: Loaded, failure: Failure) {
		if (this.loaded !== loaded) return;
		this.loaded = null;
		loaded.engine.end();
		this.meter = { liveBytes: 0, peakBytes: 0, buffers: 0 };
		this.#fail({
			target: { variant: loaded.variant, contextWindow: loaded.contextWindow },
			failure,
			kept: null
		});
	}

	#fail(problem: LoadFailure) {
		this.problem = problem;
		this.#host.failed(problem);
	}
}
