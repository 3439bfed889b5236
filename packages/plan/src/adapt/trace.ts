import * as v from 'valibot';
import { decide, indexOf, type Decision, type Question } from './decide.ts';
import type { Level } from './levels.ts';
import { MOST_WAITING } from './matrix.ts';
import { SIGNAL_KINDS, startPace, take, type Outcome, type Pace, type Signal } from './pace.ts';

/** More than a day of changes; a recording drops its oldest. */
export const MOST_SAMPLES = 5_000;
/** A replay of more looks than this is no help to anybody. */
const LONGEST_MS = 24 * 3600_000;
const LOOK_MS = 1_000;

const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(8.64e15));
const bytes = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(2 ** 50));

const sampleSchema = v.object({
	kind: v.picklist(SIGNAL_KINDS),
	atMs: time,
	waiting: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MOST_WAITING)),
	running: v.boolean()
});

/** Version 1: the signals of a stretch of time. Between two samples all stays as it was. */
export const traceSchema = v.object({
	version: v.literal(1),
	name: v.pipe(v.string(), v.maxLength(200)),
	budgetBytes: v.nullable(bytes),
	samples: v.pipe(v.array(sampleSchema), v.maxLength(MOST_SAMPLES))
});

export interface Trace {
	version: 1;
	name: string;
	/** Of the GPU it was recorded on; null: as it is here. */
	budgetBytes: number | null;
	/** In the order of their times. */
	samples: readonly Signal[];
}

/** A trace from a file; throws a sentence when it is none. */
export function parseTrace(text: string): Trace {
	let raw: unknown;
	try {
		raw = JSON.parse(text);
	} catch {
		throw new Error('This is not a trace: not JSON. Expected a file exported by the simulator.');
	}
	const parsed = v.safeParse(traceSchema, raw);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		const where = issue.path?.map(({ key }) => String(key)).join('.') ?? 'the file';
		throw new Error(
			`This is not a trace: ${where} should be ${issue.expected ?? 'something else'} and is ${issue.received}.`
		);
	}
	const { samples } = parsed.output;
	return { ...parsed.output, samples: [...samples].sort((a, b) => a.atMs - b.atMs) };
}

/** One change in what the policy sees or does. Times from the beginning of the trace. */
export interface Point {
	atMs: number;
	signal: Signal;
	/** Index of the loaded level, after what was done. */
	level: number;
	outcome: Outcome;
	swapped: boolean;
}

export interface Replay {
	points: readonly Point[];
	swaps: number;
	/** Milliseconds at each level, by its index. */
	atLevelMs: readonly number[];
	lengthMs: number;
}

export type ReplaySituation = Omit<Question, 'waiting' | 'current' | 'hysteresis' | 'mayDownload'>;

/**
 * What would have happened: the signals are looked at every second as the page does, and what is decided is loaded at
 * once. `from`: index of the level that is loaded first; null: what is right without load.
 */
export function replay(
	{ samples }: Pick<Trace, 'samples'>,
	situation: ReplaySituation,
	pace: Pace,
	from: number | null = null
): Replay {
	const { levels } = situation;
	const first = samples[0];
	const lastMs = samples.at(-1)?.atMs ?? 0;
	const atLevelMs = levels.map(() => 0);
	if (!first || levels.length === 0) return { points: [], swaps: 0, atLevelMs, lengthMs: 0 };
	const lengthMs = Math.min(LONGEST_MS, lastMs - first.atMs);
	let at = from ?? restingLevel(situation);
	let state = startPace(0);
	let next = 0;
	let seen: Signal = { ...first, kind: 'look', atMs: 0 };
	let swaps = 0;
	const points: Point[] = [];
	const see = (signal: Signal) => {
		const current = levels[at] as Level;
		const taken = take(state, signal, { ...situation, current }, pace, 'automatic');
		state = taken.state;
		const { outcome } = taken;
		const swapped = outcome.act === 'swap' && outcome.to !== null;
		if (swapped) {
			at = indexOf(levels, outcome.to);
			swaps++;
		}
		const before = points.at(-1);
		const same =
			!swapped &&
			before?.outcome.reason === outcome.reason &&
			before.level === at &&
			before.signal.waiting === signal.waiting &&
			before.signal.running === signal.running;
		if (!same) points.push({ atMs: signal.atMs, signal, level: at, outcome, swapped });
	};
	for (let nowMs = 0; nowMs <= lengthMs; nowMs += LOOK_MS) {
		let changed = false;
		for (
			let sample = samples[next];
			sample && sample.atMs - first.atMs <= nowMs;
			sample = samples[next]
		) {
			seen = { ...sample, atMs: sample.atMs - first.atMs };
			see(seen);
			changed = true;
			next++;
		}
		if (!changed) see({ ...seen, kind: 'look', atMs: nowMs });
		atLevelMs[at] = (atLevelMs[at] ?? 0) + LOOK_MS;
	}
	return { points, swaps, atLevelMs, lengthMs };
}

/** What is right when nothing waits; the finest where nothing can be decided. */
function restingLevel(situation: ReplaySituation): number {
	const current = situation.levels[0] as Level;
	const { level }: Decision = decide({ ...situation, current, waiting: 0 });
	return Math.max(0, indexOf(situation.levels, level));
}

/** A trace with all its loads multiplied. */
export const scaled = (trace: Trace, loadFactor: number): Trace => ({
	...trace,
	samples: trace.samples.map((sample) => ({
		...sample,
		waiting: Math.min(MOST_WAITING, Math.max(0, Math.round(sample.waiting * loadFactor)))
	}))
});

const MINUTE_MS = 60_000;
const at = (
	minutes: number,
	waiting: number,
	kind: Signal['kind'] = 'look',
	running = waiting > 0
): Signal => ({ kind, atMs: Math.round(minutes * MINUTE_MS), waiting, running });
const drawn = (name: string, samples: readonly Signal[]): Trace => ({
	version: 1,
	name,
	budgetBytes: null,
	samples
});

/** Traces to try the policy on; the tests replay the same ones. */
export const DRAWN_TRACES: readonly Trace[] = [
	drawn('Ten requests at once', [
		at(0, 0),
		...Array.from({ length: 10 }, (_, i) => at(1 + i / 3, 9 - i, 'look', true)),
		at(5, 0),
		at(20, 0)
	]),
	drawn('Requests come and go', [
		...Array.from({ length: 60 }, (_, i) => at(i / 2, i % 2 === 0 ? 6 : 0, 'look', true)),
		at(40, 0),
		at(60, 0)
	]),
	drawn('A few at a time, for an hour', [
		...Array.from({ length: 60 }, (_, i) => at(i, 1 + (i % 4))),
		at(75, 0)
	]),
	drawn('Out of memory twice', [
		at(0, 0),
		at(2, 1),
		at(3, 1, 'out-of-memory'),
		at(4, 0),
		at(20, 1, 'out-of-memory'),
		at(21, 0),
		at(40, 0)
	]),
	drawn('Answers become slow', [
		at(0, 0),
		at(1, 1),
		at(4, 1, 'slower'),
		at(5, 0),
		at(30, 1, 'slower'),
		at(31, 0),
		at(70, 0)
	])
];
