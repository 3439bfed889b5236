import { asFailure, Failure, type FailureKind } from '../rpc/failure.ts';
import { marksOfRow, marksOfSamples, MOST_HIDDEN } from './guards.ts';
import { rateOf } from './figures.ts';
import { planRun, type RunPlan } from './plan.ts';
import { restOf, withRow, type Asked, type Row, type Run, type TestResult } from './record.ts';
import { nameOf, sets, testsWithin, tokensOf } from './speed-tests.ts';
import type { LoadStep, MeasureWorld, Subject } from './world.ts';

export type MeasureStatus =
	/** There may be a run that was interrupted: `resumable`. */
	| { kind: 'idle' }
	/** `plan`: what a person is asked to agree to; null: files are still being read. */
	| { kind: 'asking'; asked: Asked; plan: RunPlan | null; read: number }
	/** Answers that were asked before are being written. */
	| { kind: 'waiting' }
	| { kind: LoadStep; variantId: string }
	| { kind: 'warming-up'; variantId: string }
	/** Repetition `done` of `of` is over; of all tests of the variant together. */
	| { kind: 'measuring'; variantId: string; done: number; of: number }
	| { kind: 'pausing' }
	| { kind: 'paused'; why: Failure | null }
	| { kind: 'finishing' }
	| { kind: 'done' };

/** After these no other variant could be measured either: the run waits for a person. */
const PAUSING: ReadonlySet<FailureKind> = new Set([
	'cancelled',
	'elsewhere',
	'taken-over',
	'no-webgpu',
	'no-adapter',
	'script',
	'queue-full'
]);

/** What has been measured of a variant whose row is not finished. */
interface Unfinished {
	variantId: string;
	subject: Subject;
	results: TestResult[];
	/** Rounds over all tests; the first one is not counted. */
	rounds: number;
	hidden: boolean;
	start: Awaited<ReturnType<MeasureWorld['conditions']>>;
	peakBytes: number;
}

/**
 * Measures variants one after the other. A finished row is on the disk before the next variant is loaded; a variant
 * that fails gets a row that says how, and the run goes on.
 */
export class MeasureRunner {
	status = $state.raw<MeasureStatus>({ kind: 'idle' });
	/** What went wrong beside the rows: the model of before could not be loaded again, files not deleted. */
	problem = $state.raw<Failure | null>(null);
	/** When the current stretch of measuring began, and what was done by then; for an estimate of what is left. */
	stretch = $state.raw<{ sinceMs: number; rows: number } | null>(null);
	readonly running = $derived.by(
		() => !['idle', 'asking', 'paused', 'done'].includes(this.status.kind)
	);

	readonly #world: MeasureWorld;
	/** Ends the step under way. */
	#controller = new AbortController();
	#pauseAsked = false;
	#stopAsked = false;
	#unfinished: Unfinished | null = null;

	constructor(world: MeasureWorld) {
		this.#world = world;
	}

	/** The last run, whichever visit it is from; null: none. */
	get run(): Run | null {
		return this.#world.record.current.run;
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
	async ask(asked: Asked) {
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
			const plan = planRun(asked, candidates);
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
		this.#unfinished = null;
		const run: Run = {
			id: world.newId(),
			startedAt: world.now(),
			asked,
			variantIds: [...plan.variantIds],
			leftOut: [...plan.leftOut],
			baselineId: plan.baselineId,
			fetched: [...plan.fetchedIds],
			before,
			device: world.device(),
			currentId: null,
			state: 'open',
			rows: []
		};
		await world.record.update((value) => ({ ...value, run }));
		await this.#measureAll();
	}

	/** Goes on with what was paused, or interrupted by the end of its page. */
	async resume() {
		if (!this.resumable) return;
		this.problem = null;
		this.status = { kind: 'waiting' };
		await this.#measureAll();
	}

	/** The same, without the variant at which the page ended: it may have been the reason. */
	async skip() {
		const variantId = this.run?.currentId ?? null;
		if (!this.resumable || variantId === null) return;
		const failure = new Failure('tab-died', 'The page ended while this was being measured.');
		await this.#change((run) => withRow(run, this.#failed(variantId, failure)));
		await this.resume();
	}

	/** Finishes the repetition under way and waits; a load or a download is ended. */
	pause() {
		const { kind } = this.status;
		if (!this.running || kind === 'pausing' || kind === 'finishing') return;
		this.#pauseAsked = true;
		if (kind !== 'measuring' && kind !== 'warming-up') this.#controller.abort();
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

	async #measureAll() {
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
	async #row(variantId: string, signal: AbortSignal): Promise<Row | null> {
		try {
			if (!this.#world.variant(variantId))
				throw new Failure('bad-file', 'The catalogue does not have this variant any more.');
			return await this.#measure(variantId, signal);
		} catch (thrown) {
			const failure = asFailure(thrown, 'engine');
			if (signal.aborted) return null;
			if (PAUSING.has(failure.kind)) throw failure;
			this.#unfinished = null;
			return this.#failed(variantId, failure);
		}
	}

	#failed(variantId: string, { kind, message }: Failure): Row {
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

	async #measure(variantId: string, signal: AbortSignal): Promise<Row | null> {
		const world = this.#world;
		const { run } = this;
		const named = world.variant(variantId);
		if (!run || !named) return null;
		const { set, contextWindow: askedWindow } = run.asked;
		const unfinished = (this.#unfinished = await this.#subject(variantId, run, signal));
		const { subject, results } = unfinished;
		const { repetitions } = sets[set];
		const of = repetitions * results.length;
		while (unfinished.rounds <= repetitions) {
			for (const result of results) {
				// Those before it were run in this round already.
				if (result.samplesMs.length >= unfinished.rounds && unfinished.rounds > 0) continue;
				if (this.#pauseAsked || this.#stopAsked) return null;
				const done = results.reduce((sum, each) => sum + each.samplesMs.length, 0);
				this.status =
					unfinished.rounds === 0
						? { kind: 'warming-up', variantId }
						: { kind: 'measuring', variantId, done, of };
				const ms = await this.#repetition(unfinished, result, signal);
				if (unfinished.rounds > 0) result.samplesMs.push(ms);
			}
			unfinished.rounds++;
		}
		if (this.#pauseAsked || this.#stopAsked) return null;
		const answer = await subject.answer(signal);
		if (signal.aborted) return null;
		const end = await world.conditions();
		this.#unfinished = null;
		const { start, hidden } = unfinished;
		const { contextWindow } = subject;
		return {
			kind: 'measured',
			variantId,
			...named,
			at: world.now(),
			contextWindow,
			tokenSampling: subject.tokenSampling,
			weightsBytes: subject.weightsBytes,
			prefillChunkTokens: subject.prefillChunkTokens,
			loadMs: subject.loadMs,
			firstTokenMs: answer.timeToFirstTokenMs,
			answerTokensPerSecond: usable(answer.decodeTokensPerSecond),
			plannedPeakBytes: subject.plannedPeakBytes,
			measuredPeakBytes: unfinished.peakBytes,
			tests: results,
			marks: [
				...marksOfRow(start, end, {
					software: run.device?.software ?? false,
					hidden,
					contextWindow,
					askedWindow
				}),
				...results.flatMap(({ test, samplesMs }) =>
					marksOfSamples(
						nameOf(test),
						samplesMs.map((ms) => rateOf(tokensOf(test), ms))
					)
				)
			]
		};
	}

	/** What was loaded when the run was paused, or a fresh load. */
	async #subject(variantId: string, run: Run, signal: AbortSignal): Promise<Unfinished> {
		const before = this.#unfinished;
		if (before?.variantId === variantId && before.subject.stands()) return before;
		const world = this.#world;
		this.status = { kind: 'downloading', variantId };
		await this.#change((kept) => ({ ...kept, currentId: variantId }));
		// Loading itself is work for the processor.
		const start = await world.conditions();
		const subject = await world.load(variantId, run.asked.contextWindow, {
			signal,
			onStep: (kind) => {
				if (!this.#pauseAsked && !this.#stopAsked) this.status = { kind, variantId };
			}
		});
		return {
			variantId,
			subject,
			results: testsWithin(sets[run.asked.set], subject.contextWindow).map((test) => ({
				test,
				samplesMs: [],
				repeated: 0
			})),
			rounds: 0,
			hidden: false,
			start,
			peakBytes: subject.peakBytes
		};
	}

	/** Milliseconds. Run again while the tab is hidden, though not for ever: nobody may be there to show it. */
	async #repetition(unfinished: Unfinished, result: TestResult, signal: AbortSignal) {
		const world = this.#world;
		const { subject } = unfinished;
		for (let tries = 0; ; tries++) {
			let hidden = world.hidden();
			const stop = world.onHidden(() => (hidden = true));
			try {
				const { ms, peakBytes } = await subject.measure(result.test, signal);
				unfinished.peakBytes = Math.max(unfinished.peakBytes, peakBytes);
				if (!hidden || unfinished.rounds === 0) return ms;
				if (tries >= MOST_HIDDEN) {
					unfinished.hidden = true;
					return ms;
				}
				result.repeated++;
			} finally {
				stop();
			}
		}
	}

	async #finish(state: 'done' | 'stopped') {
		const { run } = this;
		this.#unfinished = null;
		await this.#change((kept) => ({ ...kept, currentId: null, state }));
		try {
			await this.#world.restore(run?.before ?? null);
		} catch (thrown) {
			this.problem = asFailure(thrown);
		}
		this.status = { kind: 'done' };
	}

	#change(change: (run: Run) => Run): Promise<void> {
		return this.#world.record.update(({ run, ...rest }) => ({ ...rest, run: run && change(run) }));
	}
}

const usable = (figure: number) => (Number.isFinite(figure) && figure >= 0 ? figure : null);
