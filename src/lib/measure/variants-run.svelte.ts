import { asFailure, Failure } from '../rpc/failure.ts';
import { ENDS_ALL } from '../runner/ends-all.ts';
import type { Candidate, RunPlan } from './plan.ts';
import {
	restOf,
	withRow,
	type AskedVariants,
	type FailedRow,
	type KeptRow,
	type RunBase
} from './record.ts';
import type { LoadStep, RunWorld, Subject } from './world.ts';

/** What is being done with a variant that is loaded. */
export type WorkStatus =
	| { kind: 'warming-up'; variantId: string }
	/** Repetition `done` of `of` is over; of all tests of the variant together. */
	| { kind: 'measuring'; variantId: string; done: number; of: number }
	/** `besideId`: another one that answers at the same time. */
	| { kind: 'answering'; variantId: string; besideId?: string };

export type RunStatus<A extends AskedVariants = AskedVariants> =
	/** There may be a run that was interrupted: `resumable`. */
	| { kind: 'idle' }
	/** `plan`: what a person is asked to agree to; null: files are still being read. */
	| { kind: 'asking'; asked: A; plan: RunPlan | null; read: number }
	/** Answers that were asked before are being written. */
	| { kind: 'waiting' }
	| { kind: LoadStep; variantId: string }
	| WorkStatus
	| { kind: 'pausing' }
	| { kind: 'paused'; why: Failure | null }
	| { kind: 'finishing' }
	| { kind: 'done' };

/** What a run lets its work do. */
export interface Hand {
	/** Aborted when the step under way must end. */
	readonly signal: AbortSignal;
	/** It is to be paused or stopped: finish the step under way and return null. */
	leaving(): boolean;
	tell(status: WorkStatus): void;
	/** Downloads what is missing and loads. Throws a Failure. */
	load(variantId: string, contextWindow: number): Promise<Subject>;
	/** The same, beside what is loaded; resolves with null, and loads nothing, where both would not fit. */
	loadBeside(variantId: string, contextWindow: number): Promise<Subject | null>;
}

/** What is done with each variant of a run. */
export interface Work<
	A extends AskedVariants,
	W extends KeptRow,
	R extends RunBase & { asked: A; rows: readonly (W | FailedRow)[] }
> {
	/** What of it can be done here. */
	plan(asked: A, candidates: readonly Candidate[]): RunPlan;
	/** The run as it begins. */
	run(asked: A, plan: RunPlan, base: Omit<RunBase, 'asked' | 'rows'>): R;
	/**
	 * null: it is paused or stopped before the row is finished. Throws a Failure, which becomes a row: nothing of a row
	 * that failed is kept.
	 */
	row(variantId: string, run: R, hand: Hand): Promise<W | null>;
	/** Forgets what it holds of rows that are not kept yet: another run begins, or this one is over. */
	forget(): void;
}

/**
 * Loads variants one after the other and does some work with each. The engine is the run's alone meanwhile. A finished
 * row is on the disk before the next variant is loaded; a variant that fails gets a row that says how, and the run
 * goes on; what had been loaded comes back at the end.
 */
export class VariantsRun<
	A extends AskedVariants,
	W extends KeptRow,
	R extends RunBase & { asked: A; rows: readonly (W | FailedRow)[] }
> {
	status = $state.raw<RunStatus<A>>({ kind: 'idle' });
	/** What went wrong beside the rows: the model of before could not be loaded again, files not deleted. */
	problem = $state.raw<Failure | null>(null);
	/** When the current stretch of work began, and how many rows there were; for an estimate of what is left. */
	stretch = $state.raw<{ sinceMs: number; rows: number } | null>(null);
	readonly running = $derived.by(
		() => !['idle', 'asking', 'paused', 'done'].includes(this.status.kind)
	);

	readonly #world: RunWorld<R>;
	readonly #work: Work<A, W, R>;
	/** Ends the step under way. */
	#controller = new AbortController();
	#pauseAsked = false;
	#stopAsked = false;

	constructor(world: RunWorld<R>, work: Work<A, W, R>) {
		this.#world = world;
		this.#work = work;
	}

	/** The last run, whichever visit it is from; null: none. */
	get run(): R | null {
		return this.#world.record.run;
	}

	/** Why rows are not kept on the disk; null: they are. */
	get unkept(): Error | null {
		return this.#world.record.problem;
	}

	/** The last run was read from the disk. */
	get ready(): Promise<void> {
		return this.#world.record.ready;
	}

	/** It was interrupted, or is paused, and can go on. */
	get resumable(): boolean {
		return this.run?.state === 'open' && !this.running && this.status.kind !== 'asking';
	}

	/**
	 * Reads what is needed to plan a run. Begins at once where nothing has to be downloaded, and otherwise waits for
	 * `begin`.
	 */
	async ask(asked: A) {
		if (this.running || this.status.kind === 'asking') return;
		this.problem = null;
		this.status = { kind: 'asking', asked, plan: null, read: 0 };
		const { signal } = (this.#controller = new AbortController());
		try {
			await this.#world.record.ready;
			const candidates = [];
			for (const variantId of asked.variantIds) {
				candidates.push(await this.#world.inspect(variantId, asked.contextWindow, signal));
				if (signal.aborted) return;
				this.status = { kind: 'asking', asked, plan: null, read: candidates.length };
			}
			const plan = this.#work.plan(asked, candidates);
			this.status = { kind: 'asking', asked, plan, read: candidates.length };
			if (plan.variantIds.length > 0 && plan.downloadBytes === 0 && plan.unknownSizes === 0)
				await this.begin();
		} catch (thrown) {
			if (signal.aborted) return;
			this.problem = asFailure(thrown);
			this.status = { kind: 'idle' };
		}
	}

	/** Not what was asked for, after all. */
	withdraw() {
		if (this.status.kind !== 'asking') return;
		this.#controller.abort();
		this.status = { kind: 'idle' };
	}

	/** Agrees to what is asked. */
	async begin() {
		if (this.status.kind !== 'asking' || !this.status.plan) return;
		const { asked, plan } = this.status;
		if (plan.variantIds.length === 0) return;
		const world = this.#world;
		// A run that this one replaces owes what was loaded before it.
		const before = this.run?.state === 'open' ? this.run.before : world.loaded();
		this.status = { kind: 'waiting' };
		this.#work.forget();
		const run = this.#work.run(asked, plan, {
			id: world.newId(),
			startedAt: world.now(),
			variantIds: [...plan.variantIds],
			leftOut: [...plan.leftOut],
			fetched: [...plan.fetchedIds],
			before,
			currentId: null,
			state: 'open'
		});
		await world.record.change(() => run);
		await this.#goOn();
	}

	/** Goes on with what was paused, or interrupted by the end of its page. */
	async resume() {
		if (!this.resumable) return;
		this.problem = null;
		this.status = { kind: 'waiting' };
		await this.#goOn();
	}

	/** The same, without the variant at which the page ended: it may have been the reason. */
	async skip() {
		const variantId = this.run?.currentId ?? null;
		if (!this.resumable || variantId === null) return;
		const failure = new Failure('tab-died', 'The page ended while this was loaded or run.');
		await this.#change((run) => withRow(run, this.#failed(variantId, failure)));
		await this.resume();
	}

	/** Finishes the repetition or answer under way and waits; a load or a download is ended. */
	pause() {
		const { kind } = this.status;
		if (!this.running || kind === 'pausing' || kind === 'finishing') return;
		this.#pauseAsked = true;
		if (kind === 'waiting' || kind === 'downloading' || kind === 'loading')
			this.#controller.abort();
		this.status = { kind: 'pausing' };
	}

	/** Ends the run with the rows that are finished. */
	async stop() {
		const { kind } = this.status;
		if (kind === 'finishing') return;
		if (this.running) {
			this.#stopAsked = true;
			this.#controller.abort();
			this.status = { kind: 'finishing' };
		} else if (this.resumable) {
			this.status = { kind: 'finishing' };
			await this.#finish('stopped');
		}
	}

	/** Deletes the files that were not there before the run. */
	async removeFetched() {
		const { run } = this;
		if (!run || this.running) return;
		try {
			const gone = await this.#world.remove(run.fetched);
			await this.#change((kept) => ({
				...kept,
				fetched: kept.fetched.filter((each) => !gone.includes(each))
			}));
			this.problem =
				gone.length < run.fetched.length
					? new Failure('in-use', 'Some of these models are loaded, chosen or being downloaded.')
					: null;
		} catch (thrown) {
			this.problem = asFailure(thrown);
		}
	}

	async #goOn() {
		const world = this.#world;
		this.#pauseAsked = this.#stopAsked = false;
		const { signal } = (this.#controller = new AbortController());
		let why: Failure | null = null;
		const awake = await world.keepAwake();
		try {
			const hold = await world.hold(signal);
			// A person stopped it elsewhere in the page.
			const stopped = () => this.pause();
			hold.stopped.addEventListener('abort', stopped, { once: true });
			try {
				this.stretch = { sinceMs: world.now(), rows: this.run?.rows.length ?? 0 };
				for (const variantId of this.run ? restOf(this.run) : []) {
					if (this.#pauseAsked || this.#stopAsked) break;
					const row = await this.#row(variantId, signal);
					if (row) await this.#change((run) => withRow(run, row));
				}
				const over = this.run !== null && restOf(this.run).length === 0;
				if (over || this.#stopAsked) {
					this.status = { kind: 'finishing' };
					await this.#finish(over ? 'done' : 'stopped');
				}
			} finally {
				hold.stopped.removeEventListener('abort', stopped);
				hold.release();
			}
		} catch (thrown) {
			const failure = asFailure(thrown);
			why = failure.kind === 'cancelled' && signal.aborted ? null : failure;
		} finally {
			awake();
			this.stretch = null;
		}
		if (this.status.kind === 'done') return;
		if (this.#stopAsked) await this.#finish('stopped');
		else {
			// The page may well be closed now, and that will say nothing about the variant.
			await this.#change((run) => ({ ...run, currentId: null }));
			this.status = { kind: 'paused', why };
		}
	}

	/** null: it was paused or stopped before the row was finished. */
	async #row(variantId: string, signal: AbortSignal): Promise<W | FailedRow | null> {
		try {
			if (!this.#world.variant(variantId))
				throw new Failure('bad-file', 'The catalogue does not have this variant any more.');
			const { run } = this;
			return run && (await this.#work.row(variantId, run, this.#hand(signal)));
		} catch (thrown) {
			const failure = asFailure(thrown, 'engine');
			if (signal.aborted) return null;
			if (ENDS_ALL.has(failure.kind)) throw failure;
			return this.#failed(variantId, failure);
		}
	}

	#failed(variantId: string, { kind, message }: Failure): FailedRow {
		const named = this.#world.variant(variantId);
		return {
			kind: 'failed',
			variantId,
			label: named?.label ?? variantId,
			quantization: named?.quantization ?? '',
			at: this.#world.now(),
			failure: { kind, message }
		};
	}

	#hand(signal: AbortSignal): Hand {
		const leaving = () => this.#pauseAsked || this.#stopAsked;
		const load =
			<S>(how: (...asked: Parameters<RunWorld<R>['load']>) => Promise<S>) =>
			async (variantId: string, contextWindow: number): Promise<S> => {
				this.status = { kind: 'downloading', variantId };
				await this.#change((kept) => ({ ...kept, currentId: variantId }));
				return how(variantId, contextWindow, {
					signal,
					onStep: (kind) => {
						if (!leaving()) this.status = { kind, variantId };
					}
				});
			};
		return {
			signal,
			leaving,
			tell: (status) => {
				if (!leaving()) this.status = status;
			},
			load: load((...asked) => this.#world.load(...asked)),
			loadBeside: async (variantId, contextWindow) => {
				const currentId = this.run?.currentId ?? null;
				const subject = await load((...asked) => this.#world.loadBeside(...asked))(
					variantId,
					contextWindow
				);
				if (!subject) await this.#change((kept) => ({ ...kept, currentId }));
				return subject;
			}
		};
	}

	async #finish(state: 'done' | 'stopped') {
		const { run } = this;
		this.#work.forget();
		await this.#change((kept) => ({ ...kept, currentId: null, state }));
		try {
			await this.#world.restore(run?.before ?? null);
		} catch (thrown) {
			this.problem = asFailure(thrown);
		}
		this.status = { kind: 'done' };
	}

	#change(change: (run: R) => R): Promise<void> {
		return this.#world.record.change((run) => run && change(run));
	}
}

/** A run as its status is shown. */
export interface ShownRun {
	readonly status: RunStatus;
	readonly run: RunBase | null;
	readonly stretch: { sinceMs: number; rows: number } | null;
	readonly problem: Failure | null;
	readonly unkept: Error | null;
	readonly resumable: boolean;
	begin(): Promise<void>;
	withdraw(): void;
	pause(): void;
	resume(): Promise<void>;
	skip(): Promise<void>;
	stop(): Promise<void>;
}
