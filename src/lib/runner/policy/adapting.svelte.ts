import { indexOf, type Question } from '#plan/adapt/decide.ts';
import { sameLevel, type Level, type LevelKey } from '#plan/adapt/levels.ts';
import {
	startPace,
	take,
	type Outcome,
	type PaceState,
	type SignalKind
} from '#plan/adapt/pace.ts';
import type { Policy } from '#plan/adapt/policy.ts';
import { inputWords, levelName, sentenceOf } from '#plan/adapt/words.ts';
import type { Clock } from '../clock.ts';
import { EMPTY_LOG, note, swapTimes, type DecisionLog, type LogEntry } from './decision-log.ts';

const LOOK_MS = 1_000;

/** All of a question but the load, which is seen with every look. */
export type Situation = Omit<Question, 'waiting' | 'hysteresis' | 'mayDownload'>;

export interface AdaptHost {
	policy(): Policy;
	/** null: nothing is loaded, or the loader is at something. */
	situation(): Situation | null;
	waiting(): number;
	/** A request is being answered, or prepared for it. */
	running(): boolean;
	/** What the browser says of the processor, for the log; null: nothing. */
	processor(): string | null;
	/** Brings a level so far that a swap to it is short. */
	prepare(level: Level): void;
	/** Swaps; false: it could not be loaded, and the one before is back. */
	load(level: Level): Promise<boolean>;
	/** Changes the stored log. */
	write(update: (log: DecisionLog) => DecisionLog): void;
}

/** Swaps to a coarser or finer level by the policy, between answers alone. */
export class Adapting {
	/** What was decided last; null: nothing was yet. */
	outcome = $state.raw<Outcome | null>(null);
	/** What is suggested to a person; null: nothing. */
	suggestion = $state.raw<Outcome | null>(null);
	/** A swap of its own is under way. */
	swapping = $state.raw(false);
	/** What was prepared for a swap; null: nothing, or the swap has ended. */
	prepared = $state.raw<Level | null>(null);

	readonly #host: AdaptHost;
	readonly #clock: Clock;
	readonly #now: () => number;
	#state: PaceState;
	/** Signals of which no look has told yet. */
	#signals: { kind: SignalKind; of: LevelKey | null }[] = [];
	#swap: Promise<void> | null = null;
	#dismissed: string | null = null;
	#lastSentence = '';
	#cancelLook = () => {};

	/** `log`: what was decided in earlier visits: its swaps count. */
	constructor(
		host: AdaptHost,
		clock: Clock,
		log: DecisionLog = EMPTY_LOG,
		// By the clock on the wall: a computer that slept was idle.
		now: () => number = () => Date.now()
	) {
		this.#host = host;
		this.#clock = clock;
		this.#now = now;
		this.#state = startPace(now(), swapTimes(log));
		this.#lookLater();
	}

	dispose() {
		this.#cancelLook();
	}

	/**
	 * Something happened beside the requests. It is acted on at the next look. `of`: the level that it happened to; by
	 * then another one may be loaded, of which it says nothing.
	 */
	signal(kind: SignalKind, of: LevelKey | null = null) {
		if (this.#host.policy().mode === 'off') return;
		this.#signals.push({ kind, of });
		this.look();
	}

	/**
	 * Called before each answer: swaps first where that is due, and waits for a swap under way. What is about to be
	 * answered counts as running.
	 */
	async between(): Promise<void> {
		await this.#swap;
		this.look({ boundary: true });
		await this.#swap;
	}

	look({ boundary = false } = {}) {
		const policy = this.#host.policy();
		if (policy.mode === 'off') {
			this.#signals = [];
			this.outcome = this.suggestion = null;
			return;
		}
		const situation = this.#swap ? null : this.#host.situation();
		if (!situation) return;
		const writing = this.#host.running() && !boundary;
		const told = this.#signals.filter(({ of }) => !of || sameLevel(of, situation.current));
		const kinds = told.length > 0 ? told.map(({ kind }) => kind) : (['look'] as const);
		this.#signals = [];
		for (const kind of kinds) {
			const signal = {
				kind,
				atMs: this.#now(),
				waiting: this.#host.waiting(),
				running: this.#host.running()
			};
			const { state, noticed, outcome } = take(
				this.#state,
				signal,
				situation,
				policy.pace,
				policy.mode
			);
			if (kind !== 'look' && kind !== 'person') this.#noteSignal(kind);
			// An answer is whole before the model under it changes: it is decided again when it has ended.
			const waits = outcome.act === 'swap' && writing;
			this.#state = waits ? noticed : state;
			this.#tell(outcome, situation, waits);
			if (waits) this.#prepare(outcome.to);
			else if (outcome.act === 'swap' && outcome.to) {
				this.#begin(outcome.to);
				return;
			}
		}
	}

	/** A person does not want what is suggested; it comes again when something else is. */
	dismiss() {
		this.#dismissed = this.suggestion && keyOf(this.suggestion);
		this.suggestion = null;
	}

	#begin(level: Level) {
		this.swapping = true;
		this.#swap = this.#host
			.load(level)
			.catch(() => false)
			.then((loaded) => {
				this.#write(
					loaded ? 'loaded' : 'failed',
					loaded
						? `${levelName(level)} is loaded.`
						: `${levelName(level)} could not be loaded; what was loaded before is back.`,
					''
				);
				this.prepared = null;
				this.#swap = null;
				this.swapping = false;
			});
	}

	#prepare(level: Level | null) {
		if (!level || (this.prepared && levelName(this.prepared) === levelName(level))) return;
		this.prepared = level;
		this.#host.prepare(level);
	}

	#tell(outcome: Outcome, situation: Situation, waits: boolean) {
		this.outcome = outcome;
		const suggests = outcome.act === 'suggest' && keyOf(outcome) !== this.#dismissed;
		this.suggestion = suggests ? outcome : null;
		const at = indexOf(situation.levels, situation.current);
		const current = situation.levels[at];
		const name = current ? levelName(current) : situation.current.variantId;
		const sentence = waits
			? `${sentenceOf(outcome, name)} After this answer.`
			: sentenceOf(outcome, name);
		const inputs = inputWords(outcome, situation, {
			running: this.#host.running(),
			processor: this.#host.processor()
		});
		this.#write(kindOf(outcome, waits), sentence, inputs);
	}

	#noteSignal(kind: SignalKind) {
		const SENTENCES: Readonly<Partial<Record<SignalKind, string>>> = {
			'out-of-memory': 'What is loaded ran out of memory.',
			'device-lost': 'The GPU was lost while it was in use.',
			slower: 'Answers became slow at the same context length.'
		};
		this.#write('signal', SENTENCES[kind] ?? kind, '');
	}

	/** The times in a row of one sentence are not written each second: only what is new reaches the disk. */
	#write(kind: LogEntry['kind'], sentence: string, inputs: string) {
		// Seconds that count down are not a new decision.
		const key = `${kind}${sentence.replace(/ In .* at the earliest\./, '')}`;
		if (key === this.#lastSentence) return;
		this.#lastSentence = key;
		const at = this.#now();
		this.#host.write((log) => note(log, { at, kind, sentence, inputs }));
	}

	#lookLater() {
		this.#cancelLook = this.#clock.after(LOOK_MS, () => {
			this.look();
			this.#lookLater();
		});
	}
}

const keyOf = ({ to, reason }: Outcome) => `${to ? levelName(to) : ''} ${reason}`;

function kindOf({ act, reason }: Outcome, waits: boolean): LogEntry['kind'] {
	if (act === 'swap') return waits ? 'waits' : 'swap';
	if (act === 'suggest') return 'suggested';
	return reason === 'dwell' || reason === 'not-idle' || reason === 'spacing' || reason === 'paused'
		? 'waits'
		: 'nothing';
}
