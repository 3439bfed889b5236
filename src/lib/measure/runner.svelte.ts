import { marksOfRow, marksOfSamples, MOST_HIDDEN } from './guards.ts';
import { rateOf } from './figures.ts';
import { planRun, type Candidate, type RunPlan } from './plan.ts';
import type { Asked, MeasuredRow, Run, RunBase, TestResult } from './record.ts';
import { nameOf, sets, testsWithin, tokensOf } from './speed-tests.ts';
import { VariantsRun, type Hand, type Work } from './variants-run.svelte.ts';
import type { MeasureWorld, Subject } from './world.ts';

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

/** Measures variants one after the other. */
export class MeasureRunner extends VariantsRun<Asked, MeasuredRow, Run> {
	constructor(world: MeasureWorld) {
		super(world, new SpeedWork(world));
	}
}

class SpeedWork implements Work<Asked, MeasuredRow, Run> {
	readonly #world: MeasureWorld;
	#unfinished: Unfinished | null = null;

	constructor(world: MeasureWorld) {
		this.#world = world;
	}

	plan(asked: Asked, candidates: readonly Candidate[]): RunPlan {
		return planRun(asked, candidates);
	}

	run(asked: Asked, plan: RunPlan, base: Omit<RunBase, 'asked' | 'rows'>): Run {
		return {
			...base,
			asked,
			baselineId: plan.baselineId,
			device: this.#world.device(),
			rows: []
		};
	}

	forget() {
		this.#unfinished = null;
	}

	async row(variantId: string, run: Run, hand: Hand): Promise<MeasuredRow | null> {
		try {
			return await this.#measure(variantId, run, hand);
		} catch (thrown) {
			// A paused variant goes on where it was; a failed one starts again.
			if (!hand.signal.aborted) this.#unfinished = null;
			throw thrown;
		}
	}

	async #measure(variantId: string, run: Run, hand: Hand): Promise<MeasuredRow | null> {
		const world = this.#world;
		const { signal } = hand;
		const named = world.variant(variantId);
		if (!named) return null;
		const { set, contextWindow: askedWindow } = run.asked;
		const unfinished = (this.#unfinished = await this.#subject(variantId, run, hand));
		const { subject, results } = unfinished;
		const { repetitions } = sets[set];
		const of = repetitions * results.length;
		while (unfinished.rounds <= repetitions) {
			for (const result of results) {
				// Those before it were run in this round already.
				if (result.samplesMs.length >= unfinished.rounds && unfinished.rounds > 0) continue;
				if (hand.leaving()) return null;
				const done = results.reduce((sum, each) => sum + each.samplesMs.length, 0);
				hand.tell(
					unfinished.rounds === 0
						? { kind: 'warming-up', variantId }
						: { kind: 'measuring', variantId, done, of }
				);
				const ms = await this.#repetition(unfinished, result, signal);
				if (unfinished.rounds > 0) result.samplesMs.push(ms);
			}
			unfinished.rounds++;
		}
		if (hand.leaving()) return null;
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
	async #subject(variantId: string, run: Run, hand: Hand): Promise<Unfinished> {
		const before = this.#unfinished;
		if (before?.variantId === variantId && before.subject.stands()) return before;
		// Loading itself is work for the processor.
		const start = await this.#world.conditions();
		const subject = await hand.load(variantId, run.asked.contextWindow);
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
}

const usable = (figure: number) => (Number.isFinite(figure) && figure >= 0 ? figure : null);
