import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { PositionDifference } from '../engine/position.ts';
import { asFailure } from '../rpc/failure.ts';
import { compareWith, takeReference, type ReferenceAnswer } from './measure.ts';
import { setId, type Prompt } from './prompts.ts';
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
	/** Loads again what was loaded before the run. */
	restore(): Promise<void>;
	/** Milliseconds since 1970. */
	now(): number;
}

export interface Asked {
	/** The most precise variant that fits. */
	referenceId: string;
	others: readonly { variantId: string; unquantized: boolean }[];
	prompts: readonly Prompt[];
}

export type Step = 'loading' | 'answering' | 'checking' | 'comparing';

export type RunStatus =
	| { kind: 'idle' }
	| { kind: 'waiting' }
	/** Prompts done, of all of this step; both 0 while loading. */
	| { kind: 'running'; variantId: string; step: Step; done: number; total: number };

export type Row =
	| { kind: 'measured'; variantId: string; record: QualityRecord }
	| { kind: 'too-few'; variantId: string; positions: number }
	| { kind: 'failed'; variantId: string; message: string; advice: string | null };

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

	/** `keep` is given each result at once. */
	constructor(world: QualityWorld, keep: (record: QualityRecord) => void) {
		this.#world = world;
		this.#keep = keep;
	}

	/** Does nothing while a run is under way. Never rejects. */
	async start(asked: Asked): Promise<void> {
		if (this.#stop) return;
		const stop = (this.#stop = new AbortController());
		this.status = { kind: 'waiting' };
		this.rows = [];
		this.problem = null;
		try {
			const hold = await this.#world.hold(stop.signal);
			try {
				await this.#run(asked, AbortSignal.any([stop.signal, hold.stopped]));
			} finally {
				await this.#world.restore().finally(() => hold.release());
			}
		} catch (thrown) {
			const failure = asFailure(thrown);
			if (failure.kind !== 'cancelled')
				this.problem = wrongResults(failure) ?? { message: failure.message, advice: '' };
		} finally {
			this.#stop = null;
			this.status = { kind: 'idle' };
		}
	}

	/** Rows that are finished stay. */
	stop() {
		this.#stop?.abort();
	}

	async #run(asked: Asked, signal: AbortSignal) {
		const { referenceId, others, prompts } = asked;
		const subject = await this.#load(referenceId, signal);
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
		const check = (unquantized: readonly PositionDifference[] | null) =>
			referenceProblem({ answers: kept, itself: itself.flat(), unquantized });
		this.problem = check(null);
		// An unquantized one first: it says whether the reference can be trusted.
		const sorted = [...others].sort((a, b) => Number(b.unquantized) - Number(a.unquantized));
		for (const { variantId, unquantized } of sorted) {
			if (this.problem) return;
			const compared = await this.#compare(variantId, answers, signal);
			if (!compared) continue;
			if (unquantized) this.problem = check(compared.differences.flat());
			if (this.problem) return;
			const { adapter } = this.#world;
			this.#conclude(compared.differences, {
				...{ variantId, referenceId, adapter, set: setId(prompts), at: this.#world.now() },
				libraryUrl: compared.libraryUrl,
				referenceLibraryUrl: subject.libraryUrl
			});
		}
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
			if (signal.aborted || failure.kind === 'cancelled') throw failure;
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
