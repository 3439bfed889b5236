import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { aQuestion, someLevels } from './adapt.fixture.ts';
import { DEFAULT_PACE, SIGNAL_KINDS } from './pace.ts';
import { DRAWN_TRACES, MOST_SAMPLES, parseTrace, replay, scaled, type Trace } from './trace.ts';

const named = (name: string): Trace => {
	const trace = DRAWN_TRACES.find((each) => each.name === name);
	if (!trace) throw new Error(`There is no trace ${name}.`);
	return trace;
};
const run = (trace: Trace, change = {}) => replay(trace, aQuestion(change), DEFAULT_PACE);
const story = (trace: Trace, change = {}) =>
	run(trace, change)
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

	test('requests that come and go: finer again two minutes after the last one', () => {
		expect(story(named('Requests come and go')).at(-1)).toEqual([2520, 'idle', 'q0f16']);
	});

	test('out of memory: coarser at once', () => {
		expect(story(named('Out of memory twice'))[0]).toEqual([180, 'failed', 'q0f16']);
	});

	test('slow answers: coarser, and finer only after twice the usual pause', () => {
		const [first, second] = story(named('Answers become slow'));
		expect(first).toEqual([240, 'slower', 'q0f16']);
		expect(Number(second?.[0]) - 240).toBeGreaterThanOrEqual(600);
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
		const { atLevelMs, lengthMs } = run(trace);
		const sum = atLevelMs.reduce((a, b) => a + b, 0);
		expect(Math.abs(sum - lengthMs)).toBeLessThanOrEqual(1_000);
	}
});

test('a replay of the same is the same', () => {
	for (const trace of DRAWN_TRACES) expect(run(trace)).toEqual(run(trace));
});

test('load is multiplied and stays whole', () => {
	const waiting = (factor: number) =>
		scaled(named('Ten requests at once'), factor).samples.map((sample) => sample.waiting);
	expect(Math.max(...waiting(2))).toBe(18);
	expect(Math.max(...waiting(0))).toBe(0);
	expect(waiting(0.5).every(Number.isInteger)).toBe(true);
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
