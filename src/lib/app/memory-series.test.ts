import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	MOST_SAMPLES,
	phaseOf,
	withSample,
	type MemoryPhase,
	type Sample
} from './memory-series.ts';
import { stretches } from './memory-stretches.ts';

const phase = fc.constantFrom<MemoryPhase>('idle', 'load', 'swap', 'prefill', 'decode');
const series = (steps: readonly { bytes: number; phase: MemoryPhase }[]): readonly Sample[] =>
	steps.reduce<readonly Sample[]>(
		(samples, step, i) => withSample(samples, { ...step, atMs: i * 10 }),
		[]
	);
const step = fc.record({ bytes: fc.integer({ min: 0, max: 2 ** 34 }), phase });
/** Long stretches of one phase, as a load with many buffers makes them. */
const steps = fc
	.array(fc.tuple(phase, fc.array(fc.nat(), { minLength: 1, maxLength: 900 })), { maxLength: 6 })
	.map((runs) => runs.flatMap(([phase, many]) => many.map((bytes) => ({ bytes, phase }))));

test('what does not change is not kept twice', () => {
	const same = { bytes: 5, phase: 'idle' as const };
	expect(series([same, same, same])).toEqual([{ ...same, atMs: 0 }]);
});

test('however many samples come, the series stays short, in order, and ends with the last', () => {
	fc.assert(
		fc.property(fc.oneof(steps, fc.array(step, { maxLength: 2000 })), (given) => {
			const kept = series(given);
			expect(kept.length).toBeLessThanOrEqual(MOST_SAMPLES);
			expect(kept.every(({ atMs }, i) => i === 0 || atMs > (kept[i - 1]?.atMs ?? 0))).toBe(true);
			expect(kept.at(-1)?.bytes).toBe(given.at(-1)?.bytes);
		}),
		{ numRuns: 30 }
	);
});

test('thinning keeps the peak', () => {
	fc.assert(
		fc.property(steps, (given) => {
			const peak = Math.max(0, ...given.map(({ bytes }) => bytes));
			expect(Math.max(0, ...series(given).map(({ bytes }) => bytes))).toBe(peak);
		}),
		{ numRuns: 30 }
	);
});

const idle = (bytes: readonly number[]) =>
	series(bytes.map((bytes) => ({ bytes, phase: 'idle' as const })));
const upTo = (last: number) => Array.from({ length: last + 1 }, (_, n) => n);

test('600 samples are kept; of more the larger of every two neighbours, and the last two', () => {
	expect(idle(upTo(599)).map(({ bytes }) => bytes)).toEqual(upTo(599));
	expect(idle(upTo(600)).map(({ bytes }) => bytes)).toEqual([
		...upTo(299).map((n) => 2 * n),
		599,
		600
	]);
	const falling = upTo(600).toReversed();
	expect(idle(falling).map(({ bytes }) => bytes)).toEqual([
		600,
		...upTo(298).map((n) => 599 - 2 * n),
		1,
		0
	]);
});

test('of beginnings of phases alone the latest 300 stay', () => {
	const changes = upTo(600).map((n) => ({
		bytes: n,
		phase: n % 2 === 0 ? ('load' as const) : ('swap' as const)
	}));
	expect(series(changes).map(({ bytes }) => bytes)).toEqual(upTo(600).slice(-300));
});

test('a phase of one sample between long ones is kept whole', () => {
	const steps = [...upTo(299), 1000, ...upTo(299)].map((bytes, n) => ({
		bytes: bytes * 2 + 1,
		phase: n === 300 ? ('load' as const) : ('idle' as const)
	}));
	const kept = series(steps);
	expect(kept.length).toBeLessThan(601);
	expect(kept.filter(({ phase }) => phase === 'load')).toHaveLength(1);
	expect(kept.map(({ bytes }) => bytes)).toContain(599);
});

test('the same bytes in another phase, and other bytes in the same, are samples of their own', () => {
	const [a, b, c] = [
		{ bytes: 5, phase: 'idle' as const },
		{ bytes: 5, phase: 'load' as const },
		{ bytes: 6, phase: 'load' as const }
	];
	expect(series([a, b, c])).toHaveLength(3);
});

test('stretches of nothing are none, and the last one never ends before its last sample', () => {
	expect(stretches([], 5)).toEqual([]);
	expect(stretches([{ atMs: 9, bytes: 1, phase: 'idle' }], 5)).toEqual([
		{ phase: 'idle', fromMs: 9, toMs: 9, peakBytes: 1 }
	]);
});

test('stretches follow one another without a gap, each with its own peak', () => {
	const found = stretches(
		[
			{ atMs: 0, bytes: 0, phase: 'idle' },
			{ atMs: 100, bytes: 10, phase: 'load' },
			{ atMs: 200, bytes: 30, phase: 'load' },
			{ atMs: 300, bytes: 20, phase: 'prefill' }
		],
		500
	);
	expect(found).toEqual([
		{ phase: 'idle', fromMs: 0, toMs: 100, peakBytes: 0 },
		{ phase: 'load', fromMs: 100, toMs: 300, peakBytes: 30 },
		{ phase: 'prefill', fromMs: 300, toMs: 500, peakBytes: 20 }
	]);
});

test('a swap that lets the old model go first stays a swap while the new one loads', () => {
	const idle = { kind: 'idle' } as const;
	expect(phaseOf('releasing', idle, false, 'idle')).toBe('swap');
	expect(phaseOf('loading', idle, false, 'swap')).toBe('swap');
	expect(phaseOf('loading', idle, false, 'idle')).toBe('load');
	expect(phaseOf('loading', idle, true, 'idle')).toBe('swap');
	expect(phaseOf('idle', idle, true, 'swap')).toBe('idle');
	for (const kind of ['unloading', 'rolling-back'] as const)
		expect(phaseOf(kind, idle, true, 'idle')).toBe('swap');
	expect(phaseOf('recovering', idle, true, 'swap')).toBe('load');
	expect(phaseOf('downloading', idle, true, 'swap')).toBe('idle');
});

test('a load does not end as a swap when its model is there', () => {
	expect(phaseOf('loading', { kind: 'idle' }, true, 'load')).toBe('load');
});

test('an answer is prefill until its first text, then decode', () => {
	const answering = (written: boolean) =>
		({ kind: 'answering', questionId: 'q', messageId: written ? 'a' : null }) as const;
	expect(phaseOf('idle', answering(false), true, 'idle')).toBe('prefill');
	expect(phaseOf('idle', answering(true), true, 'prefill')).toBe('decode');
});
