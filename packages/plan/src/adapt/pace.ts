import * as v from 'valibot';
import { decide, indexOf, nextCoarser, type Decision, type Question } from './decide.ts';
import { sameLevel, type Level } from './levels.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** When a decision may be acted on. Times in milliseconds. */
export interface Pace {
	/** Coarser after so long in a load band, or with too much memory. */
	dwellMs: number;
	/** Finer after so long without a request. */
	idleMs: number;
	/** What is finer must fit with so much of the budget to spare, as a ratio. */
	hysteresis: number;
	/** Between two automatic swaps. */
	spacingMs: number;
	/** Automatic swaps in `windowMs`; then it pauses. */
	mostSwaps: number;
	windowMs: number;
}

export const DEFAULT_PACE: Pace = {
	dwellMs: 10 * SECOND_MS,
	idleMs: 120 * SECOND_MS,
	hysteresis: 0.05,
	spacingMs: 5 * MINUTE_MS,
	mostSwaps: 3,
	windowMs: 30 * MINUTE_MS
};

/** What can be set. Never faster than one swap a minute, whatever is stored. */
export const paceRanges = {
	dwellMs: { min: 1 * SECOND_MS, max: 10 * MINUTE_MS },
	idleMs: { min: 10 * SECOND_MS, max: 60 * MINUTE_MS },
	hysteresis: { min: 0, max: 0.3 },
	spacingMs: { min: 1 * MINUTE_MS, max: 120 * MINUTE_MS },
	mostSwaps: { min: 1, max: 20 },
	windowMs: { min: 5 * MINUTE_MS, max: 240 * MINUTE_MS }
} as const;

const within = ({ min, max }: { min: number; max: number }) =>
	v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
export const paceSchema = v.object({
	dwellMs: within(paceRanges.dwellMs),
	idleMs: within(paceRanges.idleMs),
	hysteresis: within(paceRanges.hysteresis),
	spacingMs: within(paceRanges.spacingMs),
	mostSwaps: v.pipe(within(paceRanges.mostSwaps), v.safeInteger()),
	windowMs: within(paceRanges.windowMs)
});

export const SIGNAL_KINDS = ['look', 'out-of-memory', 'device-lost', 'slower', 'person'] as const;
/**
 * - look: nothing special, the figures were read;
 * - out-of-memory, device-lost: what is loaded failed for memory, or the GPU reset;
 * - slower: its answers became slow at the same context length;
 * - person: somebody loaded or set something, so that what was learned of the pace is void.
 */
export type SignalKind = (typeof SIGNAL_KINDS)[number];

export interface Signal {
	kind: SignalKind;
	/** On any clock; one that goes back is taken to stand still. */
	atMs: number;
	/** Requests that wait, and whether one runs. */
	waiting: number;
	running: boolean;
}

export interface PaceState {
	atMs: number;
	/** For each load threshold: since when as many wait; null: fewer do. */
	loadedSinceMs: readonly (number | null)[];
	/** Since when memory alone asks for something coarser; null: it does not. */
	fullSinceMs: number | null;
	/** Since when nothing runs or waits; null: something does. */
	idleSinceMs: number | null;
	/** When it swapped, oldest first. */
	swapsMs: readonly number[];
	/** The spacing is multiplied by it: doubles with each step that falling speed or a lost device caused. */
	backOff: number;
	backedOffMs: number | null;
	/** Not acted on yet; after `spacingMs` it says nothing of the present any more. */
	hard: { kind: 'out-of-memory' | 'device-lost' | 'slower'; atMs: number } | null;
}

export const MOST_BACK_OFF = 8;

/** `swapsMs`: of an earlier visit. */
export const startPace = (atMs: number, swapsMs: readonly number[] = []): PaceState => ({
	atMs,
	loadedSinceMs: [],
	fullSinceMs: null,
	idleSinceMs: atMs,
	// A clock that was set back must not hold swaps off for hours.
	swapsMs: swapsMs.filter((each) => each <= atMs).sort((a, b) => a - b),
	backOff: 1,
	backedOffMs: null,
	hard: null
});

export type Mode = 'off' | 'suggest' | 'automatic';

/**
 * Why something is done or not.
 * Done: load, memory (it, the priority or a rule asks for it even without load), failed (out of memory, device lost),
 * slower, idle (finer), pin.
 * Not done: right (what is loaded is right), dwell, not-idle, spacing, paused, undecided (see the decision's cause),
 * pin-barred, coarsest (nothing coarser may be loaded), off.
 */
export type Reason =
	| 'load'
	| 'memory'
	| 'failed'
	| 'slower'
	| 'idle'
	| 'pin'
	| 'right'
	| 'dwell'
	| 'not-idle'
	| 'spacing'
	| 'paused'
	| 'undecided'
	| 'pin-barred'
	| 'coarsest'
	| 'off';

export interface Outcome {
	act: 'none' | 'suggest' | 'swap';
	/** What to load; what would be loaded, where it waits; null: nothing else than what is loaded. */
	to: Level | null;
	reason: Reason;
	/** Milliseconds until it may be done; null: it waits for nothing, or for something else than time. */
	waitMs: number | null;
	decision: Decision;
	/** Requests that wait. */
	waiting: number;
}

type Situation = Omit<Question, 'waiting' | 'hysteresis' | 'mayDownload'>;

/**
 * Takes a signal in and says what is to be done now. Only a swap that it says itself counts as one, so that no trace of
 * signals makes it swap more often than the pace allows. `noticed`: the state for whoever does not act on it yet.
 */
export function take(
	before: PaceState,
	signal: Signal,
	situation: Situation,
	pace: Pace,
	mode: Mode
): { state: PaceState; noticed: PaceState; outcome: Outcome } {
	const noticed = notice(before, signal, situation, pace, mode);
	const asked = wanted(noticed, signal, situation, pace, mode);
	const told = (outcome: Outcome, state = noticed) => ({ state, noticed, outcome });
	if (mode === 'off') return told({ ...asked, act: 'none', reason: 'off', waitMs: null });
	// A failure that nothing coarser can answer must not stand in the way of what comes next.
	if (asked.reason === 'coarsest') return told(asked, { ...noticed, hard: null });
	if (asked.act === 'none') return told(asked);
	if (mode === 'suggest') return told({ ...asked, act: 'suggest' });
	const held = heldBack(noticed, asked, pace);
	return held
		? told({ ...asked, act: 'none', ...held })
		: told(asked, swapped(noticed, asked.reason));
}

function notice(
	before: PaceState,
	signal: Signal,
	situation: Situation,
	pace: Pace,
	mode: Mode
): PaceState {
	const atMs = Number.isFinite(signal.atMs) ? Math.max(before.atMs, signal.atMs) : before.atMs;
	const waiting = waitingOf(signal);
	const idle = waiting === 0 && !signal.running;
	const current = indexOf(situation.levels, situation.current);
	const atRest = decide({ ...situation, waiting: 0, mayDownload: mode === 'suggest' }).level;
	const full = atRest !== null && indexOf(situation.levels, atRest) > current && current >= 0;
	const forgets =
		signal.kind === 'person' ||
		(before.backedOffMs !== null && atMs - before.backedOffMs > before.backOff * pace.windowMs);
	const failure =
		signal.kind === 'out-of-memory' || signal.kind === 'device-lost' || signal.kind === 'slower'
			? signal.kind
			: null;
	return {
		...before,
		atMs,
		loadedSinceMs: situation.matrix.load.map((bound, i) =>
			waiting >= bound ? (before.loadedSinceMs[i] ?? atMs) : null
		),
		fullSinceMs: full ? (before.fullSinceMs ?? atMs) : null,
		idleSinceMs: idle ? (before.idleSinceMs ?? atMs) : null,
		swapsMs: before.swapsMs.filter(
			(each) => atMs - each < Math.max(pace.windowMs, pace.spacingMs * MOST_BACK_OFF)
		),
		...(forgets && { backOff: 1, backedOffMs: null }),
		hard: signal.kind === 'person' ? null : hardOf(before, failure, atMs, pace)
	};
}

function hardOf(
	{ hard }: PaceState,
	failure: 'out-of-memory' | 'device-lost' | 'slower' | null,
	atMs: number,
	{ spacingMs }: Pace
): PaceState['hard'] {
	const still = hard && atMs - hard.atMs < spacingMs ? hard : null;
	// Falling speed is less than a failure, and must not hide one.
	if (failure === null || (failure === 'slower' && still)) return still;
	return { kind: failure, atMs };
}

const waitingOf = ({ waiting }: Signal): number =>
	Number.isFinite(waiting) ? Math.max(0, Math.floor(waiting)) : 0;

/** What should be done, whether or not it is time to swap. */
function wanted(
	state: PaceState,
	signal: Signal,
	situation: Situation,
	pace: Pace,
	mode: Mode
): Outcome {
	const { levels, current, matrix } = situation;
	const { atMs } = state;
	const mayDownload = mode === 'suggest';
	const waiting = waitingOf(signal);
	const ask = (change: Partial<Question> = {}) =>
		decide({ ...situation, waiting, mayDownload, ...change });
	const now = ask();
	const outcome = (
		act: Outcome['act'],
		reason: Reason,
		decision: Decision,
		to: Level | null = act === 'none' ? null : decision.level,
		waitMs: number | null = null
	): Outcome => ({ act, to, reason, waitMs, decision, waiting });

	if (now.cause === 'pin' && now.level) {
		if (sameLevel(now.level, current)) return outcome('none', 'pin', now);
		const can = now.level.barred === null && (now.level.onDisk || mayDownload);
		return can ? outcome('swap', 'pin', now) : outcome('none', 'pin-barred', now, now.level);
	}
	const at = indexOf(levels, current);
	if (now.level === null || at < 0) return outcome('none', 'undecided', now);

	if (state.hard) {
		// At least the next coarser one, and as coarse as the matrix says by now.
		const next = nextCoarser({ ...situation, waiting, mayDownload });
		const reason = state.hard.kind === 'slower' ? 'slower' : 'failed';
		if (!next) return outcome('none', 'coarsest', now);
		const to = indexOf(levels, now.level) > indexOf(levels, next) ? now.level : next;
		return outcome('swap', reason, now, to);
	}

	// The load that has lasted long enough.
	const lasting = matrix.load.findLast((_, i) => {
		const since = state.loadedSinceMs[i];
		return since != null && atMs - since >= pace.dwellMs;
	});
	const underLoad = ask({ waiting: lasting ?? 0 });
	const fullLongEnough = state.fullSinceMs !== null && atMs - state.fullSinceMs >= pace.dwellMs;
	if (underLoad.level && indexOf(levels, underLoad.level) > at) {
		const forLoad = lasting !== undefined && state.fullSinceMs === null;
		if (forLoad || fullLongEnough) return outcome('swap', forLoad ? 'load' : 'memory', underLoad);
	}
	if (indexOf(levels, now.level) > at) {
		// Of the loads that are there, those under which something coarser is right; with too little memory that alone.
		const since = matrix.load.flatMap((bound, i) => {
			const { level } = ask({ waiting: bound });
			return indexOf(levels, level) > at ? (state.loadedSinceMs[i] ?? []) : [];
		});
		const begunMs = state.fullSinceMs ?? Math.min(...since, atMs);
		return outcome('none', 'dwell', now, now.level, pace.dwellMs - (atMs - begunMs));
	}

	const finer = ask({ waiting: 0, hysteresis: pace.hysteresis });
	if (finer.level && indexOf(levels, finer.level) < at) {
		if (state.idleSinceMs === null) return outcome('none', 'not-idle', finer, finer.level);
		const waitMs = pace.idleMs - (atMs - state.idleSinceMs);
		return waitMs > 0
			? outcome('none', 'not-idle', finer, finer.level, waitMs)
			: outcome('swap', 'idle', finer);
	}
	return outcome('none', 'right', now);
}

/** Why it is not yet time; null: it is. What failed is left at once, as long as the most swaps are not reached. */
function heldBack(
	{ atMs, swapsMs, backOff }: PaceState,
	{ reason }: Outcome,
	{ spacingMs, mostSwaps, windowMs }: Pace
): Pick<Outcome, 'reason' | 'waitMs'> | null {
	const inWindow = swapsMs.filter((each) => atMs - each < windowMs);
	if (inWindow.length >= mostSwaps)
		return { reason: 'paused', waitMs: windowMs - (atMs - (inWindow.at(-mostSwaps) ?? atMs)) };
	const last = swapsMs.at(-1);
	if (last === undefined || reason === 'failed') return null;
	const waitMs = spacingMs * backOff - (atMs - last);
	return waitMs > 0 ? { reason: 'spacing', waitMs } : null;
}

function swapped(state: PaceState, reason: Reason): PaceState {
	const backs = reason === 'slower' || state.hard?.kind === 'device-lost';
	return {
		...state,
		swapsMs: [...state.swapsMs, state.atMs],
		hard: null,
		...(backs && {
			backOff: Math.min(MOST_BACK_OFF, state.backOff * 2),
			backedOffMs: state.atMs
		})
	};
}
