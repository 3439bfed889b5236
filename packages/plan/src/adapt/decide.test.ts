import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { undercuts } from '../memory/choice.ts';
import { parseQuantization } from '../models/quantization.ts';
import { aLevel, anyQuestion, aQuestion, someLevels } from './adapt.fixture.ts';
import { decide, DEFAULT_RULES, indexOf, nextCoarser, ratioOf, type Question } from './decide.ts';
import type { Level } from './levels.ts';
import { levelName } from './words.ts';

const GIB = 2 ** 30;
const chosen = (change: Partial<Question>) => {
	const { level } = decide(aQuestion(change));
	return level && levelName(level);
};
const [q0f32, q0f16, q4f32, q4f16] = someLevels() as [never, never, never, never];

describe('the level that is decided', () => {
	test.each<[string, Partial<Question>, string | null]>([
		['a large GPU without load: what is loaded, unquantized', {}, 'q0f32'],
		['the same from another level: 16-bit compute', { current: q4f16 }, 'q0f16'],
		['quality: the finest', { current: q4f16, priority: 'quality' }, 'q0f32'],
		['5 waiting: 4 bits', { waiting: 5 }, 'q4f16_1'],
		[
			'2 waiting ask for 8 bits, which do not exist: the nearest coarser',
			{ waiting: 2 },
			'q4f16_1'
		],
		['2 waiting, quality: as if fewer waited', { waiting: 2, priority: 'quality' }, 'q0f32'],
		['no load, speed: as if 2 waited', { priority: 'speed' }, 'q4f16_1'],
		['a GPU of 3 GiB: 16 bits would be above 85%', { budgetBytes: 3 * GIB }, 'q4f16_1'],
		[
			'a tight GPU with 10 waiting asks for 2 bits, which do not exist: a smaller window',
			{ budgetBytes: 1.1 * GIB, waiting: 10 },
			'q4f16_1 with 2,048 tokens'
		],
		[
			'the same where an open conversation needs the window',
			{ budgetBytes: 1.1 * GIB, waiting: 10, neededWindow: 3000 },
			'q4f16_1'
		],
		[
			'the same without smaller windows, with smaller families',
			{ budgetBytes: 1.1 * GIB, waiting: 10, allowWindow: false, allowFamily: true },
			'Small-q4f16_1'
		],
		['a floor', { waiting: 20, floor: 'q4f32_1' }, 'q4f32_1'],
		['a floor above all of it', { levels: [aLevel('q4f16_1', 1)], floor: 'q0f32' }, null],
		['a pin against load', { waiting: 50, pin: q0f16 }, 'q0f16'],
		['a pin below the floor', { pin: q4f16, floor: 'q0f16' }, 'q4f16_1'],
		['a pin of another family', { pin: { variantId: 'x', contextWindow: 1 } }, null],
		['an unknown budget', { budgetBytes: null }, null],
		['what is loaded and not on disk', { levels: [aLevel('q0f16', 1, { onDisk: false })] }, 'q0f16']
	])('%s', (_, change, name) => {
		expect(chosen(change)).toBe(name);
	});

	test('is never barred, and what is not on disk is left out unless somebody is asked first', () => {
		const levels = someLevels().map((level) =>
			level.quantization.weightBits === 0
				? { ...level, barred: 'It ran out of memory.' }
				: { ...level, onDisk: level.by === 'window' }
		);
		const question = { levels, current: levels[5] as never };
		expect(chosen(question)).toBe('q4f16_1 with 2,048 tokens');
		expect(chosen({ ...question, mayDownload: true })).toBe('q4f16_1');
		const { excluded } = decide(aQuestion(question));
		expect(excluded.map(({ why }) => why)).toEqual([
			'barred',
			'barred',
			'not-on-disk',
			'not-on-disk',
			'family'
		]);
	});
});

describe('a rule from measurements', () => {
	const measured = (speeds: (number | null)[], same: (number | null)[]) =>
		someLevels().map((level, i) => ({
			...level,
			tokensPerSecond: speeds[i] ?? null,
			sameToken: same[i] ?? null
		}));
	test.each<[string, Partial<Question>, string]>([
		[
			'holds at 1.5 times the speed and 95%',
			{ levels: measured([10, null, null, 15], [1, null, null, 0.95]) },
			'q4f16_1'
		],
		[
			'fails at less speed',
			{ levels: measured([10, null, null, 14.9], [1, null, null, 0.95]) },
			'q0f32'
		],
		[
			'fails with more differing tokens',
			{ levels: measured([10, null, null, 30], [1, null, null, 0.94]) },
			'q0f32'
		],
		[
			'fails where quality was not measured',
			{ levels: measured([10, null, null, 30], []) },
			'q0f32'
		],
		[
			'says nothing where quality is wanted',
			{ priority: 'quality', levels: measured([10, null, null, 30], [1, null, null, 1]) },
			'q0f32'
		],
		[
			'can be switched off',
			{
				rules: DEFAULT_RULES.map((rule) => ({ ...rule, on: false })),
				levels: measured([10, null, null, 30], [1, null, null, 1])
			},
			'q0f32'
		],
		[
			'keeps what is loaded if it holds for it, too',
			{ current: q4f32, levels: measured([10, null, 20, 30], [1, null, 1, 1]) },
			'q4f32_1'
		]
	])('%s', (_, change, name) => {
		expect(chosen(change)).toBe(name);
	});
});

test('the next coarser level is the first one that may be loaded', () => {
	expect(nextCoarser(aQuestion({ current: q0f32, floor: 'q0f16' }))).toEqual(q0f16);
	expect(nextCoarser(aQuestion({ current: q0f16, floor: 'q0f16' }))).toBeNull();
	expect(nextCoarser(aQuestion({ current: q4f16, pin: q4f16 }))).toBeNull();
});

test.each([
	[2, 0.75],
	[0, 0.25],
	[-2, 0.25],
	[NaN, 0.25]
])('%d bytes beside the model are part of the share only where they are any', (others, ratio) => {
	expect(ratioOf({ peakBytes: 1 }, aQuestion({ budgetBytes: 4, othersBytes: others }))).toBe(ratio);
});

test('without a budget there is no share and no decision, and with one byte there is', () => {
	const levels = [aLevel('q4f16_1', 1, { peakBytes: 1 })];
	for (const budgetBytes of [null, 0, -1, NaN]) {
		expect(ratioOf({ peakBytes: 1 }, aQuestion({ budgetBytes }))).toBeNull();
		expect(decide(aQuestion({ budgetBytes, levels })).cause).toBe('no-budget');
	}
	expect(ratioOf({ peakBytes: 1 }, aQuestion({ budgetBytes: 1 }))).toBe(1);
	expect(decide(aQuestion({ budgetBytes: 1, levels })).level).toEqual(levels[0]);
});

test('a level is known by its variant and its window together, and what is none has no place', () => {
	const levels = someLevels();
	const [, , , { variantId }] = levels as [Level, Level, Level, Level];
	const place = (contextWindow: number, id = variantId) =>
		indexOf(levels, { variantId: id, contextWindow });
	expect([place(4096), place(2048), place(1024)]).toEqual([3, 4, 5]);
	expect([place(512), place(4096, 'x'), indexOf(levels, null)]).toEqual([-1, -1, -1]);
});

test('a smaller window may be chosen that holds just what an open conversation needs', () => {
	const tight = { budgetBytes: 1.1 * GIB, waiting: 10 };
	expect(chosen({ ...tight, neededWindow: 2048 })).toBe('q4f16_1 with 2,048 tokens');
	expect(chosen({ ...tight, neededWindow: 2049 })).toBe('q4f16_1');
});

test('a rule that asks for what the matrix asks for anyway is not the cause', () => {
	const levels = someLevels().map((level, i) => ({
		...level,
		tokensPerSecond: [10, null, null, 30][i] ?? null,
		sameToken: 1
	}));
	expect(decide(aQuestion({ levels, current: q4f16, waiting: 5 })).cause).toBe('kept');
	expect(decide(aQuestion({ levels, current: q0f32, waiting: 5 })).cause).toBe('matrix');
	expect(decide(aQuestion({ levels, current: q0f32 })).cause).toBe('rule');
});

const RUNS = { numRuns: 1_000 };
const at = (question: Question) => indexOf(question.levels, decide(question).level);

describe('laws', () => {
	test('idempotent: with the level that was decided loaded, the same is decided', () => {
		fc.assert(
			fc.property(anyQuestion, (question) => {
				const first = decide(question);
				expect(decide(question)).toEqual(first);
				if (!first.level) return;
				expect(decide({ ...question, current: first.level }).level).toEqual(first.level);
			}),
			RUNS
		);
	});

	test('monotone in load: more waiting requests never decide for something finer', () => {
		fc.assert(
			fc.property(anyQuestion, fc.nat(60), (question, more) => {
				expect(at({ ...question, waiting: question.waiting + more })).toBeGreaterThanOrEqual(
					at(question)
				);
			}),
			RUNS
		);
	});

	test('monotone in budget: more memory never decides for something coarser', () => {
		fc.assert(
			fc.property(anyQuestion, fc.double({ min: 1, max: 8, noNaN: true }), (question, factor) => {
				const { budgetBytes } = question;
				if (budgetBytes === null) return;
				expect(at({ ...question, budgetBytes: budgetBytes * factor })).toBeLessThanOrEqual(
					at(question)
				);
			}),
			RUNS
		);
	});

	test('a pin always wins, and without one nothing is below the floor, barred or missing', () => {
		fc.assert(
			fc.property(anyQuestion, (question) => {
				const { level } = decide(question);
				if (question.pin) {
					expect(level).toEqual(question.pin);
					return;
				}
				if (!level) return;
				const floor = question.floor === null ? null : parseQuantization(question.floor);
				expect(undercuts(level.quantization, floor)).toBe(false);
				expect(level.barred).toBeNull();
				expect(level.onDisk || level === question.current).toBe(true);
			}),
			RUNS
		);
	});
});
