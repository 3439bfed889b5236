import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { PositionDifference } from '../engine/position.ts';
import { asFailure, type Failure } from '../rpc/failure.ts';
import { ENDS_ALL } from '../runner/ends-all.ts';
import { compareWith, takeReference, type ReferenceAnswer } from './measure.ts';
import {
	readReference,
	storedReference,
	type Asked,
	type OpenRun,
	type ReferenceKey,
	type Row
} from './open-run.ts';
import { setId } from './prompts.ts';
import type { QualityRecord } from './record.ts';
import { referenceProblem, wrongResults, type ReferenceProblem } from './reference.ts';
import { departure, summarize } from './summary.ts';

/** A variant that is loaded to be compared. */
export interface Subject extends Pick<GpuEngine, 'keepAnswer' | 'compareAnswer'> {
	/** Absolute. */
	libraryUrl: string;
}

/** What a run needs of the page around it. */
export interface QualityWorld {
	/** See `adapterKey`. */
	readonly adapter: string;
	/** Waits for answers that are asked already; then the engine is this run's alone. `stopped`: a person stops it elsewhere. */
	hold(signal: AbortSignal): Promise<{ readonly stopped: AbortSignal; release(): void }>;
	/** Throws a Failure. */
	load(variantId: string, signal: AbortSignal): Promise<Subject>;
	/** Absolute; null: the catalogue does not have it. */
	libraryUrlOf(variantId: string): string | null;
	loaded(): OpenRun['before'];
	/** Loads again what was loaded before the run, or nothing. */
	restore(before: OpenRun['before']): Promise<void>;
	/** The run that is not over, on the disk. */
	open: { readonly run: OpenRun | null; set(run: OpenRun | null): Promise<void> };
	/** The reference's answers of that run, on the disk; null clears them. */
	reference: { read(): Promise<unknown>; write(stored: object | null): Promise<void> };
	/** Milliseconds since 1970. */
	now(): number;
}

export type Step = 'loading' | 'answering' | 'checking' | 'comparing';

export type RunStatus =
	| { kind: 'idle' }
	| { kind: 'waiting' }
	/** Prompts done, of all of this step; both 0 while loading. */
	| { kind: 'running'; variantId: string; step: Step; done: number; total: number };

/** The reference is compared with itself on so many prompts: one of each kind. */
const CHECKED_PROMPTS = 6;

/** Compares variants with a reference, one after the other. A variant that fails gets a row that says why. */
export class QualityRun {
	status = $state.raw<RunStatus>({ kind: 'idle' });
	rows = $state.raw<readonly Row[]>([]);
	/** Why there are no results, or no more. */
	problem = $state.raw<Pick<ReferenceProblem, 'message' | 'advice'> | null>(null);
	readonly #world: QualityWorld;
	readonly #keep: (record: QualityRecord) => void;
	#stop: AbortController | null = null;
	/** The reference computes wrongly: going on would not help. */
	#wrong = false;

	/** `keep` is given each result at once. */
	constructor(world: QualityWorld, keep: (record: QualityRecord) => void) {
		this.#world = world;
		this.#keep = keep;
	}

	/** One was interrupted, by a failure or the end of its page, and can go on. */
	get interrupted(): OpenRun | null {
		return this.status.kind === 'idle' ? this.#world.open.run : null;
	}

	/** Does nothing while a run is under way. Never rejects. */
	start(asked: Asked): Promise<void> {
		return this.#go(() => ({ asked, rows: [], before: this.#world.loaded() }));
	}

	/** Goes on with the one that was interrupted. */
	async resume(): Promise<void> {
		const run = this.interrupted;
		if (run) await this.#go(() => run);
	}

	/** Ends it: rows that are finished stay. */
	stop() {
		this.#stop?.abort();
	}

	/** Ends the one that was interrupted. */
	async discard(): Promise<void> {
		const run = this.interrupted;
		if (!run) return;
		this.problem = null;
		await this.#forget();
		await this.#world.restore(run.before).catch((thrown: unknown) => this.#say(asFailure(thrown)));
	}

	async #go(begin: () => OpenRun): Promise<void> {
		if (this.#stop) return;
		const stop = (this.#stop = new AbortController());
		this.status = { kind: 'waiting' };
		this.rows = [];
		this.problem = null;
		try {
			const hold = await this.#world.hold(stop.signal);
			const run = begin();
			try {
				this.rows = run.rows;
				await this.#world.open.set(run);
				await this.#run(run, AbortSignal.any([stop.signal, hold.stopped]));
				await this.#forget();
			} finally {
				await this.#world.restore(run.before).finally(() => hold.release());
			}
		} catch (thrown) {
			const failure = asFailure(thrown);
			if (failure.kind !== 'cancelled') this.#say(failure);
		} finally {
			if (stop.signal.aborted || this.#wrong) await this.#forget();
			this.#wrong = false;
			this.#stop = null;
			this.status = { kind: 'idle' };
		}
	}

	#say(failure: Failure) {
		const wrong = wrongResults(failure);
		this.#wrong = wrong !== null;
		this.problem = wrong ?? { message: failure.message, advice: '' };
	}

	async #forget() {
		await this.#world.open.set(null);
		await this.#world.reference.write(null).catch(() => undefined);
	}

	async #run(run: OpenRun, signal: AbortSignal) {
		const { referenceId, others, prompts } = run.asked;
		const { answers, libraryUrl } = await this.#reference(run.asked, signal);
		if (this.problem) return;
		const kept = answers.map((answer) => answer.kept);
		const check = (unquantized: readonly PositionDifference[]) =>
			referenceProblem({ answers: kept, itself: [], unquantized });
		// An unquantized one first: it says whether the reference can be trusted.
		const sorted = [...others].sort((a, b) => Number(b.unquantized) - Number(a.unquantized));
		for (const { variantId, unquantized } of sorted) {
			if (run.rows.some((row) => row.variantId === variantId)) continue;
			const compared = await this.#compare(variantId, answers, signal);
			if (!compared) {
				await this.#write(run);
				continue;
			}
			if (unquantized) this.problem = check(compared.differences.flat());
			if (this.problem) return;
			const { adapter } = this.#world;
			this.#conclude(compared.differences, {
				...{ variantId, referenceId, adapter, set: setId(prompts), at: this.#world.now() },
				libraryUrl: compared.libraryUrl,
				referenceLibraryUrl: libraryUrl
			});
			await this.#write(run);
		}
	}

	/** What is finished outlives the page. */
	#write(run: OpenRun) {
		return this.#world.open.set({ ...run, rows: [...this.rows] });
	}

	/** The reference's answers, checked: as they were kept before an interruption, or taken now. */
	async #reference(asked: Asked, signal: AbortSignal) {
		const { referenceId, prompts } = asked;
		const { reference, adapter } = this.#world;
		const keyFor = (libraryUrl: string): ReferenceKey => ({
			...{ referenceId, libraryUrl, adapter, prompts }
		});
		const expected = this.#world.libraryUrlOf(referenceId);
		const before = await reference.read().catch(() => undefined);
		const known = expected === null ? null : readReference(before, keyFor(expected));
		if (known && expected !== null) return { answers: known, libraryUrl: expected };
		const subject = await this.#load(referenceId, signal);
		const { libraryUrl } = subject;
		const answers = await takeReference(
			subject,
			prompts,
			this.#watch(referenceId, 'answering', prompts.length, signal)
		);
		const checked = answers.slice(0, CHECKED_PROMPTS);
		const itself = await compareWith(
			subject,
			checked,
			this.#watch(referenceId, 'checking', checked.length, signal)
		);
		const kept = answers.map((answer) => answer.kept);
		this.problem = referenceProblem({
			...{ answers: kept, itself: itself.flat(), unquantized: null }
		});
		// Without room on the disk it is taken again after an interruption.
		if (!this.problem)
			await reference.write(storedReference(keyFor(libraryUrl), answers)).catch(() => undefined);
		return { answers, libraryUrl };
	}

	/** null: it failed, and a row says so. Throws when the run is stopped. */
	async #compare(variantId: string, answers: readonly ReferenceAnswer[], signal: AbortSignal) {
		try {
			const subject = await this.#load(variantId, signal);
			const watch = this.#watch(variantId, 'comparing', answers.length, signal);
			const differences = await compareWith(subject, answers, watch);
			return { libraryUrl: subject.libraryUrl, differences };
		} catch (thrown) {
			const failure = asFailure(thrown);
			if (signal.aborted || ENDS_ALL.has(failure.kind)) throw failure;
			const wrong = wrongResults(failure);
			const message = wrong?.message ?? failure.message;
			this.#add({ kind: 'failed', variantId, message, advice: wrong?.advice ?? null });
			return null;
		}
	}

	#conclude(
		differences: readonly (readonly PositionDifference[])[],
		of: Omit<QualityRecord, 'summary' | 'departures'>
	) {
		const { variantId } = of;
		const positions = differences.flat();
		const summary = summarize(positions);
		if (!summary) return this.#add({ kind: 'too-few', variantId, positions: positions.length });
		const record = { ...of, summary, departures: differences.map(departure) };
		this.#add({ kind: 'measured', variantId, record });
		this.#keep(record);
	}

	#load(variantId: string, signal: AbortSignal): Promise<Subject> {
		this.status = { kind: 'running', variantId, step: 'loading', done: 0, total: 0 };
		return this.#world.load(variantId, signal);
	}

	#watch(variantId: string, step: Step, total: number, signal: AbortSignal) {
		const onDone = (done: number) => {
			this.status = { kind: 'running', variantId, step, done, total };
		};
		onDone(0);
		return { signal, onDone };
	}

	#add(row: Row) {
		this.rows = [...this.rows, row];
	}
}
