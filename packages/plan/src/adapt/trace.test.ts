import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { aQuestion, someLevels } from './adapt.fixture.ts';
import { DEFAULT_PACE, SIGNAL_KINDS } from './pace.ts';
import {
	DRAWN_TRACES,
	MOST_SAMPLES,
	parseTrace,
	replay,
	scaled,
	type Replay,
	type Trace
} from './trace.ts';

const named = (name: string): Trace => {
	const trace = DRAWN_TRACES.find((each) => each.name === name);
	if (!trace) throw new Error(`There is no trace ${name}.`);
	return trace;
};
const run = (trace: Trace, change = {}) => replay(trace, aQuestion(change), DEFAULT_PACE);
/** Each once: a replay asks for a decision every second. */
const replays = new Map(DRAWN_TRACES.map((trace) => [trace, run(trace)]));
const replayed = (trace: Trace): Replay => replays.get(trace) ?? run(trace);
const story = (trace: Trace) =>
	replayed(trace)
		.points.filter(({ swapped }) => swapped)
		.map(({ atMs, level, outcome }) => [
			Math.round(atMs / 1_000),
			outcome.reason,
			someLevels()[level]?.quantization.name
		]);

describe('what would have happened', () => {
	test('ten requests at once: coarser after ten seconds, finer after the later of two idle minutes and five', () => {
		expect(story(named('Ten requests at once'))).toEqual([
			[70, 'load', 'q4f16_1'],
			[420, 'idle', 'q0f16']
		]);
	});

	test('requests that come and go: never more than three swaps in half an hour', () => {
		const swaps = story(named('Requests come and go'));
		expect(swaps.length).toBeGreaterThan(0);
		const times = swaps.map(([at]) => Number(at));
		for (const at of times)
			expect(times.filter((each) => each >= at && each - at < 1800).length).toBeLessThanOrEqual(3);
	});

	test.each<[string, ReturnType<typeof story>]>([
		// Finer two minutes after the last one.
		[
			'Requests come and go',
			[
				[10, 'load', 'q4f16_1'],
				[2520, 'idle', 'q0f16']
			]
		],
		// Two wait from the second minute on, and something always runs.
		['A few at a time, for an hour', [[70, 'load', 'q4f16_1']]],
		// Coarser at once, and finer five minutes after the last swap.
		[
			'Out of memory twice',
			[
				[180, 'failed', 'q0f16'],
				[1200, 'failed', 'q4f32_1'],
				[1500, 'idle', 'q0f16']
			]
		],
		// Finer only after four times the usual pause.
		[
			'Answers become slow',
			[
				[240, 'slower', 'q0f16'],
				[1800, 'slower', 'q4f32_1'],
				[3000, 'idle', 'q0f16']
			]
		]
	])('%s: %j', (name, expected) => {
		expect(story(named(name))).toEqual(expected);
	});

	test('a pin changes nothing of what is loaded', () => {
		const pin = someLevels()[1];
		for (const trace of DRAWN_TRACES)
			expect(
				new Set(
					run(trace, { pin })
						.points.slice(2)
						.map(({ level }) => level)
				)
			).toEqual(new Set([1]));
	});
});

test('every moment is spent at one level', () => {
	for (const trace of DRAWN_TRACES) {
		const { atLevelMs, lengthMs } = replayed(trace);
		const sum = atLevelMs.reduce((a, b) => a + b, 0);
		expect(Math.abs(sum - lengthMs)).toBeLessThanOrEqual(1_000);
	}
});

describe('a replay', () => {
	const sample = (seconds: number, waiting: number, running = waiting > 0) => ({
		kind: 'look' as const,
		atMs: 1e9 + seconds * 1_000,
		waiting,
		running
	});
	const short = (...samples: ReturnType<typeof sample>[]) =>
		replay({ samples }, aQuestion(), DEFAULT_PACE);

	test('of nothing, or without levels, is empty', () => {
		const empty = { points: [], swaps: 0, lengthMs: 0 };
		expect(short()).toEqual({ ...empty, atLevelMs: someLevels().map(() => 0) });
		const without = replay(named('Out of memory twice'), aQuestion({ levels: [] }), DEFAULT_PACE);
		expect(without).toEqual({ ...empty, atLevelMs: [] });
	});

	test('has one point for each change, in times from its beginning', () => {
		const { points, lengthMs } = short(
			sample(0, 0),
			sample(2, 0),
			sample(3, 0, true),
			sample(4, 1),
			sample(6, 0)
		);
		expect(lengthMs).toBe(6_000);
		expect(
			points.map(({ atMs, signal }) => [atMs / 1_000, signal.waiting, signal.running])
		).toEqual([
			[0, 0, false],
			[3, 0, true],
			[4, 1, true],
			[6, 0, false]
		]);
	});

	test('begins with the level it is given, else with what is right without load', () => {
		const samples = [sample(0, 0), sample(1, 0)];
		const first = (question: object, from?: number) =>
			replay({ samples }, aQuestion(question), DEFAULT_PACE, from).points[0]?.level;
		expect([first({}), first({}, 3)]).toEqual([0, 3]);
		expect(first({ budgetBytes: 3 * 2 ** 30 })).toBe(3);
		expect(first({ budgetBytes: null })).toBe(0);
	});

	test('counts the swaps, and the seconds at each level', () => {
		const { swaps, atLevelMs, points } = short(sample(0, 9), sample(20, 9));
		expect([swaps, points.filter(({ swapped }) => swapped).length]).toEqual([1, 1]);
		// Coarser at 10 seconds.
		expect(atLevelMs).toEqual([10_000, 0, 0, 11_000, 0, 0, 0]);
	});
});

test('a replay of the same is the same', () => {
	for (const trace of DRAWN_TRACES.slice(0, 1)) expect(run(trace)).toEqual(replayed(trace));
});

test('load is multiplied and stays whole', () => {
	const waiting = (factor: number) =>
		scaled(named('Ten requests at once'), factor).samples.map((sample) => sample.waiting);
	expect(Math.max(...waiting(2))).toBe(18);
	expect(Math.max(...waiting(0))).toBe(0);
	expect(waiting(0.5).every(Number.isInteger)).toBe(true);
	// As much as can be counted, and no less than nothing.
	expect([Math.max(...waiting(1e6)), Math.min(...waiting(-1))]).toEqual([1000, 0]);
});

describe('a drawn trace', () => {
	/** Seconds, waiting, running. */
	const drawn = (name: string, from: number, to?: number) =>
		named(name)
			.samples.slice(from, to)
			.map(({ atMs, waiting, running }) => [atMs / 1_000, waiting, running]);
	const times = (n: number) => Array.from({ length: n }, (_, i) => i);

	test.each([
		['Ten requests at once', 20],
		['Requests come and go', 60],
		['A few at a time, for an hour', 75],
		['Out of memory twice', 40],
		['Answers become slow', 70]
	])('“%s” takes %d minutes, ends with nothing to do, and can be stored', (name, minutes) => {
		expect(drawn(name, -1)).toEqual([[minutes * 60, 0, false]]);
		expect(parseTrace(JSON.stringify(named(name)))).toEqual(named(name));
	});

	test('of ten requests at once has nine that wait while one runs, and one fewer every 20 seconds', () => {
		expect(drawn('Ten requests at once', 0, -2)).toEqual([
			[0, 0, false],
			...times(10).map((i) => [60 + 20 * i, 9 - i, true])
		]);
	});

	test('of requests that come and go has six that wait, and none, for half a minute each', () => {
		expect(drawn('Requests come and go', 0, -2)).toEqual(
			times(60).map((i) => [30 * i, i % 2 ? 0 : 6, true])
		);
	});

	test('of a few at a time has one to four that wait, for a minute each', () => {
		expect(drawn('A few at a time, for an hour', 0, -1)).toEqual(
			times(60).map((i) => [60 * i, [1, 2, 3, 4][i % 4], true])
		);
	});
});

test('a replay sees the first sample as it is', () => {
	const samples = [{ kind: 'out-of-memory', atMs: 5, waiting: 1, running: true }] as const;
	const { points, swaps } = replay({ samples }, aQuestion(), DEFAULT_PACE);
	expect([swaps, points[0]?.outcome.reason]).toEqual([1, 'failed']);
});

test('the samples of a drawn trace follow one another', () => {
	for (const { name, samples } of DRAWN_TRACES) {
		const times = samples.map(({ atMs }) => atMs);
		expect(times, name).toEqual([...new Set(times)].sort((a, b) => a - b));
	}
});

test.each([
	['budget', 2 ** 50, (bytes: number) => ({ ...named('Out of memory twice'), budgetBytes: bytes })],
	[
		'time',
		8.64e15,
		(atMs: number) => {
			const trace = named('Out of memory twice');
			return { ...trace, samples: trace.samples.slice(0, 1).map((each) => ({ ...each, atMs })) };
		}
	]
])('a %s is between 0 and %d', (_, most, changed) => {
	for (const value of [0, most])
		expect(parseTrace(JSON.stringify(changed(value)))).toEqual(changed(value));
	for (const value of [-1, most + 1])
		expect(() => parseTrace(JSON.stringify(changed(value)))).toThrow(/not a trace/);
});

test('a trace has a name of 200 characters, 1,000 waiting and 5,000 samples at most', () => {
	const look = { kind: 'look', atMs: 1, waiting: 1000, running: true };
	const is = (change: object) => () =>
		parseTrace(
			JSON.stringify({ version: 1, name: '', budgetBytes: null, samples: [look], ...change })
		);
	for (const good of [
		{ name: 'x'.repeat(200) },
		{ samples: [look] },
		{ samples: Array(5_000).fill(look) }
	])
		expect(is(good)).not.toThrow();
	for (const bad of [
		{ name: 'x'.repeat(201) },
		{ samples: [{ ...look, waiting: 1001 }] },
		{ samples: Array(5_001).fill(look) },
		{ version: 2 }
	])
		expect(is(bad)).toThrow(/not a trace/);
});

test('the samples of a file are put in the order of their times', () => {
	const samples = [3, 1, 2].map((atMs) => ({ kind: 'look', atMs, waiting: 0, running: false }));
	const text = JSON.stringify({ version: 1, name: '', budgetBytes: null, samples });
	expect(parseTrace(text).samples.map(({ atMs }) => atMs)).toEqual([1, 2, 3]);
});

test('any trace survives a file', () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.record({
					kind: fc.constantFrom(...SIGNAL_KINDS),
					atMs: fc.nat(1e9),
					waiting: fc.nat(1000),
					running: fc.boolean()
				}),
				{ maxLength: 30 }
			),
			(samples) => {
				const ordered = [...samples].sort((a, b) => a.atMs - b.atMs);
				const trace: Trace = { version: 1, name: 'x', budgetBytes: null, samples: ordered };
				expect(parseTrace(JSON.stringify(trace))).toEqual(trace);
			}
		),
		{ numRuns: runs(100) }
	);
});

test.each([
	['no JSON', '{', /not JSON/],
	['another file', '{"format":"headroom-settings"}', /version should be/],
	[
		'a load below zero',
		'{"version":1,"name":"","budgetBytes":null,"samples":[{"kind":"look","atMs":1,"waiting":-1,"running":true}]}',
		/samples\.0\.waiting/
	],
	[
		'too many samples',
		JSON.stringify({
			version: 1,
			name: '',
			budgetBytes: null,
			samples: Array(MOST_SAMPLES + 1).fill({ kind: 'look', atMs: 1, waiting: 1, running: true })
		}),
		/samples/
	]
])('%s is no trace, and a sentence says why', (_, text, sentence) => {
	expect(() => parseTrace(text)).toThrow(sentence);
});
