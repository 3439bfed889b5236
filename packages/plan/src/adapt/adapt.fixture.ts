import fc from 'fast-check';
import { parseQuantization } from '../models/quantization.ts';
import { DEFAULT_RULES, type Question } from './decide.ts';
import type { Level } from './levels.ts';
import { CELL_BITS, DEFAULT_MATRIX, cellBitsOf, type CellBits, type Matrix } from './matrix.ts';

const GIB = 2 ** 30;

export function aLevel(name: string, gib: number, change: Partial<Level> = {}): Level {
	const quantization = parseQuantization(name);
	if (!quantization) throw new Error(`${name} is no quantization.`);
	const { weightBits, computeBytes } = quantization;
	return {
		variantId: `Some-1B-${name}-MLC`,
		quantization: { name, weightBits, computeBytes },
		contextWindow: 4096,
		by: 'quantization',
		rank: cellBitsOf(quantization),
		peakBytes: gib * GIB,
		barred: null,
		onDisk: true,
		tokensPerSecond: null,
		sameToken: null,
		...change
	};
}

/** A family of 1 B parameters: four quantizations, two smaller windows, one smaller family. */
export const someLevels = (): Level[] => [
	aLevel('q0f32', 4.8),
	aLevel('q0f16', 2.6),
	aLevel('q4f32_1', 1.3),
	aLevel('q4f16_1', 0.9),
	aLevel('q4f16_1', 0.8, { contextWindow: 2048, by: 'window', rank: 2 }),
	aLevel('q4f16_1', 0.75, { contextWindow: 1024, by: 'window', rank: 1 }),
	aLevel('q4f16_1', 0.4, { variantId: 'Small-q4f16_1-MLC', by: 'family', rank: 0 })
];

export function aQuestion(change: Partial<Question> = {}): Question {
	const levels = change.levels ?? someLevels();
	return {
		levels,
		budgetBytes: 16 * GIB,
		othersBytes: 0,
		waiting: 0,
		matrix: DEFAULT_MATRIX,
		rules: DEFAULT_RULES,
		priority: 'balanced',
		floor: null,
		pin: null,
		current: levels[0] ?? aLevel('q0f32', 1),
		allowWindow: true,
		allowFamily: false,
		neededWindow: 0,
		...change
	};
}

const sorted = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);

/** Any matrix that may be set: thresholds ascend, and it gets coarser to the right and downwards. */
export const anyMatrix: fc.Arbitrary<Matrix> = fc
	.record({
		memory: fc
			.uniqueArray(fc.integer({ min: 1, max: 150 }), { minLength: 4, maxLength: 4 })
			.map((all) => sorted(all).map((each) => each / 100)),
		load: fc
			.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 3 })
			.map(sorted),
		raw: fc.array(fc.array(fc.nat(CELL_BITS.length - 1), { minLength: 4, maxLength: 4 }), {
			minLength: 5,
			maxLength: 5
		})
	})
	.map(({ memory, load, raw }) => {
		const steps: number[][] = [];
		for (const [y, row] of raw.entries()) {
			const made: number[] = [];
			for (const [x, step] of row.entries())
				made.push(Math.max(step, steps[y - 1]?.[x] ?? 0, made[x - 1] ?? 0));
			steps.push(made);
		}
		return {
			memory,
			load,
			cells: steps.map((row) => row.map((step) => CELL_BITS[step] as CellBits))
		};
	});

/** Some of the levels, each with bytes below those before it, some of them barred, not on disk, or measured. */
export const anyLevels: fc.Arbitrary<Level[]> = fc
	.tuple(
		fc.subarray(someLevels(), { minLength: 1 }),
		fc.array(
			fc.record({
				shrink: fc.double({ min: 0.3, max: 0.99, noNaN: true }),
				barred: fc.boolean(),
				away: fc.boolean(),
				tokensPerSecond: fc.option(fc.double({ min: 0.1, max: 200, noNaN: true })),
				sameToken: fc.option(fc.double({ min: 0, max: 1, noNaN: true }))
			}),
			{ minLength: 7, maxLength: 7 }
		),
		fc.double({ min: 0.1, max: 60, noNaN: true })
	)
	.map(([levels, changes, gib]) => {
		let peak = gib * GIB;
		return levels.map((level, i) => {
			const change = changes[i];
			if (!change) return level;
			peak *= change.shrink;
			return {
				...level,
				peakBytes: peak,
				barred: change.barred && change.away ? 'It is blocked.' : null,
				onDisk: !change.away,
				tokensPerSecond: change.tokensPerSecond,
				sameToken: change.sameToken
			};
		});
	});

export const anyQuestion: fc.Arbitrary<Question> = anyLevels.chain((levels) =>
	fc.record({
		levels: fc.constant(levels),
		budgetBytes: fc.option(fc.double({ min: 0.1 * GIB, max: 64 * GIB, noNaN: true })),
		othersBytes: fc.double({ min: 0, max: 4 * GIB, noNaN: true }),
		waiting: fc.nat(60),
		matrix: anyMatrix,
		rules: fc.constant(DEFAULT_RULES),
		priority: fc.constantFrom('quality' as const, 'balanced' as const, 'speed' as const),
		floor: fc.option(fc.constantFrom('q3f16_1', 'q4f16_1', 'q4f32_1', 'q0f16', 'q0f32')),
		pin: fc.option(fc.constantFrom(...levels), { freq: 6 }),
		current: fc.constantFrom(...levels),
		allowWindow: fc.boolean(),
		allowFamily: fc.boolean(),
		neededWindow: fc.constantFrom(0, 1500, 4000)
	})
);
