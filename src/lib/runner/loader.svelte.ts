import type { Files } from '../files/client.ts';
import type { InUse } from '../files/in-use.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import { Attempts, type Attempt, type Ending } from './attempts.ts';
import type { Clock } from './clock.ts';
import type { Crash, CrashMarker } from './crash-marker.ts';
import type { MemoryChange } from '#plan/memory/change.ts';
import type { GpuEngine } from '../engine/gpu-engine.ts';
import { Elsewhere } from './elsewhere.svelte.ts';
import { Journal } from './journal.ts';
import type { LoaderHost } from './loader-host.ts';
import type { buildMachinery, Machinery } from './machinery.ts';
import type { MeterReading } from '../engine/protocol.ts';
import { FallBack } from './policy/fall-back.ts';
import { Recoveries } from './recovery.ts';
import { Slot } from './slot.svelte.ts';
import {
	again,
	nameOf,
	type Loaded,
	type LoaderNote,
	type LoaderStatus,
	type LoadFailure,
	type Target
} from './target.ts';
import type { Tenancy, Tenant } from './tenancy.ts';

export interface LoaderParts {
	files: Pick<Files, 'inspect' | 'onDisk' | 'download'>;
	inUse: Pick<InUse, 'hold' | 'keepOnly'>;
	host: LoaderHost;
	tenancy: Tenancy;
	marker: Pick<CrashMarker, 'write' | 'clear'>;
	/** True once the browser offers an adapter again, false if it does not in time. */
	gpuIsBack: (signal: AbortSignal) => Promise<boolean>;
	clock: Clock;
	/** The script of what loads and swaps, and of the engine. */
	machinery: () => Promise<{
		buildMachinery: typeof buildMachinery;
		makeEngine: () => GpuEngine;
	}>;
}

/** How a load ended. `failed`: `problem` says why, and something smaller may be loaded instead. */
export type LoadEnd = 'loaded' | 'failed' | Ending;

/** Loads, swaps, rolls back, recovers and unloads: one attempt at a time, and each verb is one. */
export class Loader {
	status = $state.raw<LoaderStatus>({ kind: 'idle' });
	problem = $state.raw<LoadFailure | null>(null);
	note = $state.raw<LoaderNote | null>(null);
	readonly #slot = new Slot((lost, failure) => this.#lost(lost, failure));
	busy = $derived(this.status.kind !== 'idle');
	/** What is loaded is about to go: nobody should begin to use it. */
	leaving = $derived(this.status.kind === 'unloading' || this.status.kind === 'releasing');
	readonly journal = new Journal();

	readonly #parts: LoaderParts;
	readonly #host: LoaderHost;
	readonly #tenancy: Tenancy;
	readonly #elsewhere: Elsewhere;
	readonly #attempts = new Attempts();
	readonly #recoveries = new Recoveries();
	readonly #fallBack: FallBack;
	#machinery: Promise<Machinery> | null = null;
	/** null: the script has not come, so that nothing is prepared or stands by. */
	#built = $state.raw<Machinery | null>(null);
	/** A second variant was loaded when the loaded one was lost last: running out of memory tells nothing of one alone. */
	crowded = false;

	constructor(parts: LoaderParts) {
		const { host, tenancy } = parts;
		this.#parts = parts;
		this.#host = host;
		this.#tenancy = tenancy;
		this.#fallBack = new FallBack(host);
		this.#elsewhere = new Elsewhere(tenancy, () => {
			if (this.problem?.failure.kind === 'elsewhere') this.problem = null;
		});
		tenancy.onAsked(() => void this.#yield());
	}

	get loaded(): Loaded | null {
		return this.#slot.loaded;
	}

	/** The variant that was used before and is kept loaded; null: none is. */
	get standby(): Loaded | null {
		return this.#built?.standby.loaded ?? null;
	}

	/** GPU bytes all engines of this page hold just now. */
	get meter(): MeterReading {
		return this.#slot.meter;
	}

	/** Milliseconds without a usable model during the last swap; null: there was none. */
	get swapGapMs(): number | null {
		return this.#slot.swapGapMs;
	}

	/** What the last swap or unload changed of the GPU bytes; null: neither ended, or another attempt followed. */
	get change(): MemoryChange | null {
		return this.#slot.change;
	}

	/** The tab that has the engine, as far as it told; for the page alone, since it names a conversation. */
	get elsewhere(): Tenant | null {
		return this.#elsewhere.tenant;
	}

	/** Imports the engine in a worker that waits, so that the next load starts at once. */
	prepareSpare() {
		void this.#machine().then(
			({ spare }) => spare.warm(),
			() => undefined
		);
	}

	/** Brings what was chosen beside a loaded model so far that a swap to it only has to fill the GPU. */
	async prepare(target: Target): Promise<void> {
		// Only beside something that was loaded: the script is there.
		const machinery = await this.#machinery;
		await machinery?.preparing.prepare(target);
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
				const problem = await this.#swapTo(target, attempt);
				if (!problem) return 'loaded';
				if (orSmaller) await this.#escape(problem, attempt);
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
		const next = this.#fallBack.offer(problem.target, problem.failure, this.loaded);
		this.problem = { ...problem, next };
	}

	/** Frees the GPU of what stands by. */
	async letStandbyGo() {
		await this.#built?.standby.letGo();
		this.#holdFiles();
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
		this.#elsewhere.stopWaiting();
		const running = this.#attempts.run(ending, work, { always, over: () => this.#over() });
		this.#slot.change = null;
		this.status = status;
		return running;
	}

	#over() {
		this.status = { kind: 'idle' };
		if (!this.loaded) this.#tenancy.release();
		this.#holdFiles();
	}

	/** An attempt holds what it reads until it is over. */
	#holdFiles() {
		if (this.busy) return;
		const used = [this.loaded, this.standby];
		this.#parts.inUse.keepOnly(
			used.flatMap((each) => (each ? this.#host.source(each.variant).baseUrl : []))
		);
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
				const beforeBytes = this.meter.liveBytes;
				await this.#slot.empty();
				await this.#built?.leave();
				await this.#slot.freed;
				if (beforeBytes > 0 && attempt.ending === null)
					this.#slot.change = { kind: 'unload', beforeBytes, afterBytes: this.meter.liveBytes };
				this.#slot.owed = null;
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

	async #swapTo(target: Target, attempt: Attempt): Promise<LoadFailure | null> {
		const machinery = await this.#machine().catch((thrown: unknown) => asFailure(thrown));
		const failed =
			machinery instanceof Failure
				? { target, failure: machinery }
				: await machinery.swap.run(target, attempt);
		return failed && this.#fail(failed.target, failed.failure, attempt);
	}

	/** A script that could not be fetched is asked for again the next time. */
	#machine(): Promise<Machinery> {
		const parts = this.#parts;
		return (this.#machinery ??= Promise.all([parts.machinery(), parts.host.plan()]).then(
			([{ buildMachinery, makeEngine }, plan]) => {
				const machinery = buildMachinery({
					...parts,
					host: { ...parts.host, ...plan },
					makeEngine,
					slot: this.#slot,
					recoveries: this.#recoveries,
					elsewhere: this.#elsewhere,
					journal: this.journal,
					gone: () => this.#holdFiles(),
					say: (attempt, status) => this.#say(attempt, status),
					wanted: () => this.loaded !== null && !this.busy
				});
				return (this.#built = machinery);
			},
			(thrown: unknown) => {
				this.#machinery = null;
				throw thrown;
			}
		));
	}

	#lost(loaded: Loaded, failure: Failure) {
		this.journal.failure(failure);
		this.crowded = this.standby !== null;
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
			const { starter, standby } = await this.#machine();
			await standby.letGo();
			await starter.awaitGpu(failure, signal);
			if (this.crowded || this.#recoveries.spend(failure, 'running')) {
				const loaded = await starter.start(target, lost, {
					signal,
					onPhase: (phase) => this.#say(attempt, { kind: 'recovering', target, failure, phase })
				});
				this.#slot.fill(loaded);
				this.note = { kind: 'recovered', target, failure };
				this.journal.note(`Recovered ${nameOf(target)}`);
				this.#host.loaded(loaded);
				return;
			}
		} catch (thrown) {
			if (!signal.aborted) cause = asFailure(thrown, 'engine');
		}
		await this.#escape(this.#fail(target, cause, attempt), attempt);
	}

	/** Loads something smaller, if that is wanted. */
	async #escape(problem: LoadFailure, attempt: Attempt) {
		const instead = await this.#fallBack.escape(
			problem,
			() => attempt.ending === null,
			(next) => this.#swapTo(next, attempt)
		);
		if (!instead) return;
		this.problem = { ...problem, kept: instead, instead: true, next: null };
		this.#host.fellBack(instead);
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
		const next = this.#fallBack.offer(target, failure, this.loaded);
		const problem = { target, failure, kept: this.loaded, instead: false, next };
		this.problem = problem;
		return problem;
	}
}
