import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import { undercuts } from '../memory/choice.ts';
import { parseQuantization } from '../models/quantization.ts';
import { anyMatrix, anyQuestion, aQuestion, someLevels } from './adapt.fixture.ts';
import type { Question } from './decide.ts';
import type { Level } from './levels.ts';
import { DEFAULT_MATRIX } from './matrix.ts';
import {
	DEFAULT_PACE,
	MOST_BACK_OFF,
	paceSchema,
	SIGNAL_KINDS,
	startPace,
	take,
	type Mode,
	type PaceState,
	type Reason,
	type Signal
} from './pace.ts';

const [q0f32, q0f16, , q4f16] = someLevels() as [Level, Level, Level, Level];
const SECOND = 1_000;
const MINUTE = 60_000;

/** A page on which what is decided is loaded at once. */
class Rig {
	state: PaceState = startPace(0);
	current: Level;
	readonly done: [seconds: number, Reason, string][] = [];
	readonly question: Question;
	mode: Mode = 'automatic';
	last: ReturnType<typeof take>['outcome'] | null = null;

	constructor(change: Partial<Question> = {}) {
		this.question = aQuestion(change);
		this.current = this.question.levels.find(
			(level) => level.variantId === this.question.current.variantId
		) as Level;
	}

	signal(atMs: number, waiting: number, kind: Signal['kind'] = 'look', running = waiting > 0) {
		const { state, outcome } = take(
			this.state,
			{ kind, atMs, waiting, running },
			{ ...this.question, current: this.current },
			DEFAULT_PACE,
			this.mode
		);
		this.state = state;
		this.last = outcome;
		if (outcome.act === 'swap' && outcome.to) {
			this.current = outcome.to;
			this.done.push([atMs / SECOND, outcome.reason, outcome.to.quantization.name]);
		}
	}

	/** Looks every second. */
	stay(fromS: number, toS: number, waiting: number) {
		for (let s = fromS; s <= toS; s++) this.signal(s * SECOND, waiting);
	}
}

describe('coarser', () => {
	test('after ten seconds in a load band, and not before', () => {
		const rig = new Rig();
		rig.stay(0, 9, 9);
		expect(rig.done).toEqual([]);
		expect(rig.last).toMatchObject({ reason: 'dwell', waitMs: 1_000 });
		rig.stay(10, 30, 9);
		expect(rig.done).toEqual([[10, 'load', 'q4f16_1']]);
	});

	test('for the load that began first, where fewer waited before', () => {
		const rig = new Rig();
		rig.stay(0, 3, 2);
		rig.stay(4, 9, 9);
		expect(rig.last).toMatchObject({ reason: 'dwell', waitMs: 1_000 });
		rig.stay(10, 12, 9);
		expect(rig.done).toEqual([[10, 'load', 'q4f16_1']]);
	});

	test('waits as long as the load that asks for it, not one that asks for nothing', () => {
		// 10 waiting ask for 2 bits here, and so for a smaller window; 5 do not.
		const rig = new Rig({ budgetBytes: 1.1 * 2 ** 30, current: q4f16 });
		rig.stay(0, 60, 2);
		expect(rig.last).toMatchObject({ reason: 'right' });
		rig.signal(61 * SECOND, 10);
		expect(rig.last).toMatchObject({ reason: 'dwell', waitMs: 10_000 });
		rig.stay(62, 75, 10);
		expect(rig.done).toEqual([[71, 'load', 'q4f16_1']]);
	});

	test('for a single request, where the matrix counts from one on', () => {
		const matrix = {
			...DEFAULT_MATRIX,
			load: [1, 5, 10],
			cells: DEFAULT_MATRIX.cells.map(() => [16, 4, 4, 4] as const)
		};
		const rig = new Rig({ matrix, current: q0f32 });
		rig.stay(0, 10, 1);
		expect(rig.done).toEqual([[10, 'load', 'q4f16_1']]);
		rig.stay(11, 310, 0);
		expect(rig.done.at(-1)).toEqual([310, 'idle', 'q0f16']);
	});

	test('as far as a failure and the load ask for together', () => {
		const rig = new Rig({ current: q0f32 });
		rig.signal(0, 9, 'out-of-memory');
		expect(rig.done).toEqual([[0, 'failed', 'q4f16_1']]);
	});

	test('not for a load that comes and goes within ten seconds', () => {
		const rig = new Rig();
		for (let s = 0; s < 600; s += 10) {
			rig.stay(s, s + 8, 9);
			rig.signal((s + 9) * SECOND, 0, 'look', true);
		}
		expect(rig.done).toEqual([]);
	});

	test.each(['out-of-memory', 'device-lost'] as const)('at once after: %s', (kind) => {
		const rig = new Rig({ current: q0f32 });
		rig.signal(0, 1);
		rig.signal(SECOND, 1, kind);
		expect(rig.done).toEqual([[1, 'failed', 'q0f16']]);
	});

	test('after a failure even within five minutes, and coarser than the level it had just loaded', () => {
		const rig = new Rig({ current: q4f16 });
		rig.stay(0, 120, 0);
		rig.signal(130 * SECOND, 1, 'out-of-memory');
		expect(rig.done).toEqual([
			[120, 'idle', 'q0f16'],
			[130, 'failed', 'q4f32_1']
		]);
	});

	test('after ten seconds with too little memory', () => {
		const rig = new Rig({ budgetBytes: 3 * 2 ** 30, current: q0f16 });
		rig.stay(0, 60, 0);
		expect(rig.done).toEqual([[10, 'memory', 'q4f16_1']]);
	});

	test('from the finest level on, for memory alone', () => {
		const rig = new Rig({ budgetBytes: 3 * 2 ** 30, current: q0f32 });
		rig.stay(0, 9, 0);
		expect(rig.last).toMatchObject({ act: 'none', reason: 'dwell', waitMs: 1_000 });
		rig.stay(10, 60, 0);
		expect(rig.done).toEqual([[10, 'memory', 'q4f16_1']]);
	});

	test('for memory, not for load, where both ask for it', () => {
		const rig = new Rig({ budgetBytes: 3 * 2 ** 30, current: q0f16 });
		rig.stay(0, 10, 9);
		expect(rig.done).toEqual([[10, 'memory', 'q4f16_1']]);
	});

	test('for memory no further than without load, while a load has not lasted', () => {
		const matrix = {
			...DEFAULT_MATRIX,
			load: [1, 5, 10],
			cells: DEFAULT_MATRIX.cells.map(() => [4, 2, 2, 2] as const)
		};
		const rig = new Rig({ matrix, current: q0f16 });
		rig.stay(0, 10, 0);
		expect(rig.done).toEqual([[10, 'memory', 'q4f16_1']]);
		expect(rig.current).toEqual(q4f16);
	});

	test('when answers became slow, and the pause before the next swap doubles each time', () => {
		const rig = new Rig({ current: q0f32 });
		rig.signal(0, 1, 'slower');
		expect(rig.done).toEqual([[0, 'slower', 'q0f16']]);
		expect(rig.state.backOff).toBe(2);
		rig.signal(6 * MINUTE, 1, 'slower');
		expect(rig.last).toMatchObject({ act: 'none', reason: 'spacing', waitMs: 4 * MINUTE });
		rig.signal(10 * MINUTE, 1, 'slower');
		expect(rig.done).toHaveLength(2);
		expect(rig.state.backOff).toBe(4);
		rig.signal(10 * MINUTE + SECOND, 0, 'person', false);
		expect(rig.state.backOff).toBe(1);
	});
});

test('a failure is told as one, however slow the answers became after it, and a newer one in its place', () => {
	const rig = new Rig({ current: q0f32 });
	rig.mode = 'suggest';
	rig.signal(0, 1, 'slower');
	expect(rig.last).toMatchObject({ act: 'suggest', reason: 'slower' });
	rig.signal(SECOND, 1, 'device-lost');
	rig.signal(2 * SECOND, 1, 'slower');
	expect(rig.last).toMatchObject({ act: 'suggest', reason: 'failed' });
	expect(rig.state.hard).toEqual({ kind: 'device-lost', atMs: SECOND });
	rig.signal(3 * SECOND, 0, 'person', false);
	expect(rig.last).toMatchObject({ act: 'none', reason: 'right' });
});

test('the pause doubles up to eight times the usual one, and is the usual one again later', () => {
	const rig = new Rig({ current: q0f32 });
	rig.state = { ...startPace(0), backOff: 4, backedOffMs: 0 };
	rig.signal(0, 1, 'device-lost');
	expect([rig.state.backOff, rig.state.backedOffMs]).toEqual([8, 0]);
	expect(MOST_BACK_OFF).toBe(8);
	rig.state = { ...rig.state, swapsMs: [] };
	rig.signal(MINUTE, 1, 'slower');
	expect([rig.state.backOff, rig.state.backedOffMs]).toEqual([8, MINUTE]);
	// Eight half hours after it.
	rig.signal(MINUTE + 240 * MINUTE, 1);
	expect(rig.state.backOff).toBe(8);
	rig.signal(MINUTE + 240 * MINUTE + 1, 1);
	expect([rig.state.backOff, rig.state.backedOffMs]).toEqual([1, null]);
});

test('running out of memory once does not lengthen the pause', () => {
	const rig = new Rig({ current: q0f32 });
	rig.signal(0, 1, 'out-of-memory');
	expect(rig.state.backOff).toBe(1);
	expect(rig.state.hard).toBeNull();
});

test('swaps are forgotten when no bound reaches them any more: after half an hour, or the longest pause', () => {
	const kept = (atMs: number, change = {}) =>
		take(
			startPace(0, [0]),
			{ kind: 'look', atMs, waiting: 0, running: true },
			aQuestion(),
			{ ...DEFAULT_PACE, ...change },
			'automatic'
		).state.swapsMs.length;
	// Eight times five minutes.
	expect([kept(40 * MINUTE - 1), kept(40 * MINUTE)]).toEqual([1, 0]);
	const brief = { spacingMs: MINUTE };
	expect([kept(30 * MINUTE - 1, brief), kept(30 * MINUTE, brief)]).toEqual([1, 0]);
});

test('it waits for the last millisecond', () => {
	const idle = new Rig({ current: q4f16 });
	idle.signal(0, 0);
	idle.signal(2 * MINUTE - 1, 0);
	expect(idle.last).toMatchObject({ act: 'none', reason: 'not-idle', waitMs: 1 });
	const slow = new Rig({ current: q0f32 });
	slow.signal(0, 1, 'slower');
	slow.signal(10 * MINUTE - 1, 1, 'slower');
	expect(slow.last).toMatchObject({ act: 'none', reason: 'spacing', waitMs: 1 });
});

test.each([
	[NaN, 0],
	[Infinity, 0],
	[-3, 0],
	[2.9, 2]
])('%d waiting are taken for %d', (waiting, taken) => {
	const rig = new Rig();
	rig.signal(0, waiting);
	expect(rig.last?.waiting).toBe(taken);
});

describe('a pin', () => {
	const pin = { variantId: q0f16.variantId, contextWindow: q0f16.contextWindow };

	test('is loaded at once, and then there is nothing to do', () => {
		const rig = new Rig({ pin });
		rig.signal(0, 50);
		expect(rig.done).toEqual([[0, 'pin', 'q0f16']]);
		rig.signal(SECOND, 50);
		expect(rig.last).toMatchObject({ act: 'none', to: null, reason: 'pin' });
	});

	test.each([
		['barred', { barred: 'It ran out of memory.' }, 'pin-barred', 'pin-barred'],
		['not on disk', { onDisk: false }, 'pin-barred', 'pin']
	])(
		'that is %s is not loaded, and suggested only where a download helps',
		(_, change, ...reasons) => {
			const levels = someLevels().map((level) =>
				level.variantId === pin.variantId ? { ...level, ...change } : level
			);
			const told = (['automatic', 'suggest'] as const).map((mode) => {
				const rig = new Rig({ pin, levels });
				rig.mode = mode;
				rig.signal(0, 0);
				expect(rig.last?.to?.quantization.name).toBe('q0f16');
				return rig.last?.reason;
			});
			expect(told).toEqual(reasons);
		}
	);
});

test.each([
	['what is loaded is none of the levels', { current: { variantId: 'x', contextWindow: 1 } }],
	['the budget is not known', { budgetBytes: null }]
])('where %s nothing is done, not even after a failure', (_, change) => {
	const question = aQuestion(change);
	const { outcome } = take(
		startPace(0),
		{ kind: 'out-of-memory', atMs: 0, waiting: 50, running: true },
		question,
		DEFAULT_PACE,
		'automatic'
	);
	expect(outcome).toMatchObject({ act: 'none', to: null, reason: 'undecided' });
});

test('while a request runs nothing becomes finer, and it waits for no time', () => {
	const rig = new Rig({ current: q4f16 });
	for (let s = 0; s < 200; s++) rig.signal(s * SECOND, 0, 'look', true);
	expect(rig.last).toMatchObject({ act: 'none', reason: 'not-idle', waitMs: null });
	rig.signal(200 * SECOND, 0);
	expect(rig.last).toMatchObject({ act: 'none', reason: 'not-idle', waitMs: 2 * MINUTE });
});

test('the usual pace: 10 seconds of load, 2 idle minutes, 5 points to spare, 5 minutes apart, 3 in half an hour', () => {
	expect(DEFAULT_PACE).toEqual({
		dwellMs: 10_000,
		idleMs: 120_000,
		hysteresis: 0.05,
		spacingMs: 300_000,
		mostSwaps: 3,
		windowMs: 1_800_000
	});
});

test.each([
	['dwellMs', SECOND, 10 * MINUTE, 1],
	['idleMs', 10 * SECOND, 60 * MINUTE, 1],
	['hysteresis', 0, 0.3, 0.001],
	['spacingMs', MINUTE, 120 * MINUTE, 1],
	['mostSwaps', 1, 20, 1],
	['windowMs', 5 * MINUTE, 240 * MINUTE, 1]
])('%s can be set from %d to %d, and no further', (name, min, max, step) => {
	const is = (value: unknown) => v.is(paceSchema, { ...DEFAULT_PACE, [name]: value });
	expect([min, max].map(is)).toEqual([true, true]);
	expect([min - step, max + step, NaN, Infinity].map(is)).toEqual([false, false, false, false]);
});

test('half a swap cannot be set', () => {
	expect(v.is(paceSchema, { ...DEFAULT_PACE, mostSwaps: 2.5 })).toBe(false);
});

test('a failure of the coarsest level changes nothing, and does not keep it from becoming finer later', () => {
	const rig = new Rig({ current: q4f16, allowWindow: false });
	rig.signal(0, 1, 'slower');
	expect(rig.last).toMatchObject({ act: 'none', reason: 'coarsest' });
	rig.stay(1, 130, 0);
	expect(rig.done).toEqual([[121, 'idle', 'q0f16']]);
});

describe('finer', () => {
	test('after two minutes without a request', () => {
		const rig = new Rig({ current: q4f16 });
		rig.stay(0, 119, 0);
		expect(rig.done).toEqual([]);
		rig.signal(119 * SECOND, 1);
		rig.stay(120, 239, 0);
		expect(rig.done).toEqual([]);
		rig.stay(240, 300, 0);
		expect(rig.done).toEqual([[240, 'idle', 'q0f16']]);
	});

	test('not before five minutes after the last swap, however idle', () => {
		const rig = new Rig();
		rig.stay(0, 20, 9);
		rig.stay(21, 309, 0);
		expect(rig.done).toHaveLength(1);
		rig.stay(310, 320, 0);
		expect(rig.done).toEqual([
			[10, 'load', 'q4f16_1'],
			[310, 'idle', 'q0f16']
		]);
	});

	test('only with five points of memory to spare', () => {
		// q0f16 takes 2.6 GiB: 57% of 4.56 GiB, where the row of 60% begins at 62%.
		const tight = new Rig({ current: q4f16, budgetBytes: (2.6 / 0.57) * 2 ** 30 });
		tight.stay(0, 400, 0);
		expect(tight.done).toEqual([]);
		const roomy = new Rig({ current: q4f16, budgetBytes: (2.6 / 0.54) * 2 ** 30 });
		roomy.stay(0, 400, 0);
		expect(roomy.done).toEqual([[120, 'idle', 'q0f16']]);
	});

	test('only with its files on disk', () => {
		const levels = someLevels().map((level) => ({ ...level, onDisk: level.rank < 16 }));
		const rig = new Rig({ levels, current: q4f16 });
		rig.stay(0, 400, 0);
		expect(rig.done).toEqual([]);
		expect(rig.last?.reason).toBe('right');
	});
});

test('after three swaps in half an hour it pauses, says so, and goes on when the first is half an hour old', () => {
	const rig = new Rig();
	rig.stay(0, 20, 9);
	rig.stay(21, 320, 0);
	rig.stay(321, 700, 9);
	expect(rig.done).toHaveLength(3);
	rig.stay(701, 1100, 0);
	// The first was at 10 seconds; half an hour after it a swap is allowed.
	expect(rig.last).toMatchObject({ act: 'none', reason: 'paused', waitMs: (1810 - 1100) * SECOND });
	rig.signal(1200 * SECOND, 1, 'out-of-memory');
	expect(rig.last?.reason).toBe('paused');
	rig.stay(1201, 1809, 0);
	expect(rig.done).toHaveLength(3);
	rig.stay(1810, 2000, 0);
	expect(rig.done.slice(3)).toEqual([[1810, 'idle', 'q0f16']]);
});

test('swaps of an earlier visit count, those from the future do not', () => {
	const now = 100 * MINUTE;
	expect(startPace(now, [now + 1, now, now - 1, now - MINUTE]).swapsMs).toEqual([
		now - MINUTE,
		now - 1,
		now
	]);
});

test.each<[Mode, string]>([
	['suggest', 'suggest'],
	['off', 'none']
])('%s never swaps, and a suggestion uses up nothing', (mode, act) => {
	const rig = new Rig();
	rig.mode = mode;
	rig.stay(0, 60, 9);
	expect(rig.last?.act).toBe(act);
	expect(rig.last?.to?.quantization.name).toBe('q4f16_1');
	expect([rig.done, rig.state.swapsMs]).toEqual([[], []]);
});

test('a failure that nobody acted on is forgotten after five minutes', () => {
	const rig = new Rig({ current: q0f16 });
	rig.mode = 'suggest';
	rig.signal(0, 1, 'out-of-memory');
	rig.signal(5 * MINUTE - 1, 1);
	expect(rig.last).toMatchObject({ act: 'suggest', reason: 'failed' });
	rig.signal(5 * MINUTE, 1);
	expect(rig.last).toMatchObject({ act: 'none', reason: 'right' });
});

test('a suggestion may be one that must be downloaded', () => {
	const levels = someLevels().map((level) => ({
		...level,
		onDisk: level.quantization.name === 'q0f32'
	}));
	const rig = new Rig({ levels });
	rig.stay(0, 60, 9);
	expect(rig.done).toEqual([]);
	rig.mode = 'suggest';
	rig.stay(61, 62, 9);
	expect(rig.last).toMatchObject({ act: 'suggest', to: { quantization: { name: 'q4f16_1' } } });
});

test('with too little memory, too, a suggestion may be one that must be downloaded', () => {
	const levels = someLevels().map((level) => ({ ...level, onDisk: level.rank === 16 }));
	const rig = new Rig({ levels, current: q0f16, budgetBytes: 3 * 2 ** 30 });
	rig.stay(0, 60, 0);
	expect(rig.last?.act).toBe('none');
	rig.mode = 'suggest';
	rig.stay(61, 71, 0);
	expect(rig.last).toMatchObject({
		act: 'suggest',
		reason: 'memory',
		to: { quantization: { name: 'q4f16_1' } }
	});
});

const anySignals = fc.array(
	fc.record({
		kind: fc.constantFrom(...SIGNAL_KINDS),
		stepMs: fc.oneof(
			fc.integer({ min: 0, max: 20 * MINUTE }),
			fc.constantFrom(-1e12, NaN, Infinity, 10 * SECOND, 120 * SECOND, 5 * MINUTE)
		),
		waiting: fc.oneof(fc.nat(30), fc.constantFrom(-5, NaN, Infinity, 1e9)),
		running: fc.boolean()
	}),
	{ maxLength: 150 }
);

/** What any trace does: the swaps with their times, as the reducer itself has them. */
function run(
	question: Question,
	signals: readonly (Omit<Signal, 'atMs'> & { stepMs: number })[],
	changes: (index: number) => Partial<Question> = () => ({})
) {
	let state = startPace(0);
	let { current } = question;
	let atMs = 0;
	const swaps: { atMs: number; to: Level; reason: Reason; question: Question }[] = [];
	for (const [i, { stepMs, ...signal }] of signals.entries()) {
		atMs += Number.isFinite(stepMs) ? stepMs : 0;
		const asked = { ...question, ...changes(i), current };
		const taken = take(
			state,
			{ ...signal, atMs: Number.isFinite(stepMs) ? atMs : stepMs },
			asked,
			DEFAULT_PACE,
			'automatic'
		);
		state = taken.state;
		const { outcome } = taken;
		if (outcome.act !== 'swap' || !outcome.to) continue;
		current = outcome.to;
		swaps.push({ atMs: state.atMs, to: outcome.to, reason: outcome.reason, question: asked });
	}
	return { swaps, state, current };
}

describe('laws', () => {
	test('at most three swaps in half an hour, and five minutes apart unless something failed, for any trace', () => {
		let most = 0;
		fc.assert(
			fc.property(
				fc.constantFrom(...someLevels()),
				anySignals,
				fc.array(fc.double({ min: 0.5, max: 30, noNaN: true }), { minLength: 1 }),
				(current, signals, budgets) => {
					const { swaps } = run(aQuestion({ current }), signals, (i) => ({
						budgetBytes: (budgets[i % budgets.length] ?? 1) * 2 ** 30
					}));
					for (const [i, { atMs, reason }] of swaps.entries()) {
						const after = swaps.filter((each) => each.atMs >= atMs);
						const within = after.filter((each) => each.atMs - atMs < 30 * MINUTE).length;
						most = Math.max(most, within);
						expect(within).toBeLessThanOrEqual(3);
						const before = swaps[i - 1];
						if (before && reason !== 'failed')
							expect(atMs - before.atMs).toBeGreaterThanOrEqual(5 * MINUTE);
					}
				}
			),
			{ numRuns: runs(300) }
		);
		// Traces that never come near the bound would show nothing.
		expect(most).toBe(3);
	});

	test('nothing is loaded below the floor, barred or missing, and nothing but the pin where one is set', () => {
		fc.assert(
			fc.property(anyQuestion, anySignals, (question, signals) => {
				const { swaps } = run(question, signals);
				fc.pre(swaps.length > 0);
				for (const { to } of swaps) {
					expect(to.barred).toBeNull();
					expect(to.onDisk).toBe(true);
					if (question.pin) expect(to).toEqual(question.pin);
					else {
						const floor = question.floor === null ? null : parseQuantization(question.floor);
						expect(undercuts(to.quantization, floor)).toBe(false);
					}
				}
			}),
			{ numRuns: runs(200) }
		);
	});

	test('no cycle without a change of input: while nothing changes it swaps once at most', () => {
		fc.assert(
			fc.property(anyQuestion, fc.nat(30), fc.boolean(), (question, waiting, running) => {
				const looks = Array.from({ length: 400 }, () => ({
					kind: 'look' as const,
					stepMs: 20 * SECOND,
					waiting,
					running
				}));
				expect(run(question, looks).swaps.length).toBeLessThanOrEqual(1);
			}),
			{ numRuns: runs(200) }
		);
	});

	test('what waits for time alone is done exactly then, if nothing changes until then', () => {
		const tight = fc.record({
			current: fc.constantFrom(...someLevels().slice(0, 4)),
			budgetBytes: fc.double({ min: 2 ** 29, max: 2 ** 33, noNaN: true }),
			matrix: anyMatrix,
			allowWindow: fc.boolean(),
			priority: fc.constantFrom('balanced' as const, 'speed' as const)
		});
		fc.assert(
			fc.property(tight, fc.nat(40), fc.nat(40), (change, before, now) => {
				const at = (from: PaceState, atMs: number, waiting: number) =>
					take(
						from,
						{ kind: 'look', atMs, waiting, running: true },
						aQuestion(change),
						DEFAULT_PACE,
						'automatic'
					);
				const { noticed } = at(startPace(0), 0, before);
				const { outcome, state } = at(noticed, 7 * SECOND, now);
				fc.pre(outcome.reason === 'dwell');
				const thenMs = 7 * SECOND + (outcome.waitMs ?? NaN);
				const sooner = at(state, thenMs - 1, now).outcome;
				expect(sooner).toMatchObject({ act: 'none', reason: 'dwell', waitMs: 1 });
				expect(at(state, thenMs, now).outcome.act).toBe('swap');
			}),
			{ numRuns: runs(300) }
		);
	});

	test('the pause after falling speed is bounded', () => {
		fc.assert(
			fc.property(anyQuestion, anySignals, (question, signals) => {
				const { backOff } = run(question, signals).state;
				expect(backOff).toBeGreaterThanOrEqual(1);
				expect(backOff).toBeLessThanOrEqual(MOST_BACK_OFF);
			}),
			{ numRuns: runs(200) }
		);
	});
});
