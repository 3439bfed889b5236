import * as v from 'valibot';
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { parseQuantization } from '../models/quantization.ts';
import { anyMatrix } from './adapt.fixture.ts';
import {
	bandOf,
	cellBitsOf,
	cellOf,
	DEFAULT_MATRIX,
	FILLED_CELLS,
	FILLED_SENTENCE,
	matrixProblem,
	matrixSchema,
	type CellBits,
	type Matrix
} from './matrix.ts';

const withCell = (y: number, x: number, bits: CellBits): Matrix => ({
	...DEFAULT_MATRIX,
	cells: DEFAULT_MATRIX.cells.map((row, i) =>
		row.map((cell, k) => (i === y && k === x ? bits : cell))
	)
});

test('the default has 5 memory bands at 40, 60, 75 and 85%, and 4 load bands at 2, 5 and 10', () => {
	expect(DEFAULT_MATRIX.memory).toEqual([0.4, 0.6, 0.75, 0.85]);
	expect(DEFAULT_MATRIX.load).toEqual([2, 5, 10]);
	expect(v.parse(matrixSchema, DEFAULT_MATRIX)).toEqual(DEFAULT_MATRIX);
});

test('above 75% with 10 waiting, and above 85% with 5, the default asks for 2 bits', () => {
	const bits = (ratio: number, waiting: number) =>
		cellOf(DEFAULT_MATRIX, ratio, waiting, 'balanced').bits;
	expect([bits(0.75, 10), bits(0.749, 10), bits(0.75, 9)]).toEqual([2, 4, 4]);
	expect([bits(0.85, 5), bits(0.85, 10), bits(0.85, 4)]).toEqual([2, 2, 4]);
});

test('the filled cells are those that the sentence names', () => {
	const named = (ratio: number, waiting: number) => {
		const { row, column } = cellOf(DEFAULT_MATRIX, ratio, waiting, 'balanced');
		return [row, column];
	};
	expect(FILLED_SENTENCE).toMatch(
		/below 40% of memory with 5 or more waiting, 40 to 60% with 5 or more, and 75 to 85% with 10 or more/
	);
	expect(FILLED_CELLS).toEqual([
		named(0.39, 5),
		named(0.39, 10),
		named(0.4, 5),
		named(0.59, 10),
		named(0.8, 10)
	]);
});

test('an open cell is filled with the next coarser level than the one to its left that is not open', () => {
	const coarser: Partial<Record<CellBits, CellBits[]>> = { 8: [4], 4: [3, 2] };
	for (const [y, x] of FILLED_CELLS) {
		const row = DEFAULT_MATRIX.cells[y] ?? [];
		const open = FILLED_CELLS.filter(([each]) => each === y).map(([, column]) => column);
		const left = row[Math.min(...open) - 1] as CellBits;
		expect(coarser[left]).toContain(row[x]);
	}
});

test.each([
	[0, 0],
	[0.39, 0],
	[0.4, 1],
	[0.75, 3],
	[0.85, 4],
	[7, 4],
	[NaN, 0]
])('a share of %d is in row %d', (ratio, row) => {
	expect(bandOf(DEFAULT_MATRIX.memory, ratio)).toBe(row);
});

test('quality reads one column to the left and speed one to the right, within the matrix', () => {
	const column = (waiting: number, priority: 'quality' | 'balanced' | 'speed') =>
		cellOf(DEFAULT_MATRIX, 0, waiting, priority).column;
	expect([column(0, 'quality'), column(0, 'balanced'), column(0, 'speed')]).toEqual([0, 0, 1]);
	expect([column(5, 'quality'), column(5, 'balanced'), column(5, 'speed')]).toEqual([1, 2, 3]);
	expect(column(99, 'speed')).toBe(3);
});

test.each<[string, Matrix, RegExp]>([
	['a cell finer than the one above it', withCell(4, 0, 16), /Row 5, column 1 asks for 16 bits/],
	[
		'a cell finer than the one right above it',
		{ ...DEFAULT_MATRIX, cells: [[16, 8, 4, 4], [4, 4, 4, 4], ...DEFAULT_MATRIX.cells.slice(2)] },
		/Row 3, column 1 asks for 8 bits/
	],
	['a cell finer than the one to its left', withCell(0, 2, 16), /Row 1, column 3/],
	[
		'thresholds that do not ascend',
		{ ...DEFAULT_MATRIX, memory: [0.4, 0.4, 0.75, 0.85] },
		/memory threshold/
	],
	['loads that do not ascend', { ...DEFAULT_MATRIX, load: [5, 2, 10] }, /load threshold/]
])('%s is refused with a sentence', (_, matrix, sentence) => {
	expect(matrixProblem(matrix)).toMatch(sentence);
	expect(v.safeParse(matrixSchema, matrix).success).toBe(false);
});

test.each<[string, unknown]>([
	['a missing row', { ...DEFAULT_MATRIX, cells: DEFAULT_MATRIX.cells.slice(1) }],
	['bits that do not exist', withCell(4, 3, 5 as CellBits)],
	['a share that is no number', { ...DEFAULT_MATRIX, memory: [0.4, 0.6, 0.75, NaN] }],
	['half a request', { ...DEFAULT_MATRIX, load: [2, 5.5, 10] }],
	['a share of nothing', { ...DEFAULT_MATRIX, memory: [0.009, 0.6, 0.75, 0.85] }],
	['more than twice the budget', { ...DEFAULT_MATRIX, memory: [0.4, 0.6, 0.75, 2.01] }],
	['a load of nothing', { ...DEFAULT_MATRIX, load: [0, 5, 10] }],
	['a load above 1,000', { ...DEFAULT_MATRIX, load: [2, 5, 1001] }],
	['a memory threshold too few', { ...DEFAULT_MATRIX, memory: [0.4, 0.6, 0.75] }],
	['a load threshold too many', { ...DEFAULT_MATRIX, load: [2, 5, 10, 20] }],
	['a short row', { ...DEFAULT_MATRIX, cells: DEFAULT_MATRIX.cells.map((row) => row.slice(1)) }]
])('%s is refused', (_, matrix) => {
	expect(v.safeParse(matrixSchema, matrix).success).toBe(false);
});

test('thresholds reach from 1% to twice the budget, and from 1 to 1,000 waiting', () => {
	const widest = { ...DEFAULT_MATRIX, memory: [0.01, 0.6, 0.75, 2], load: [1, 5, 1000] };
	expect(v.parse(matrixSchema, widest)).toEqual(widest);
});

test.each([
	['q0f32', 16],
	['q0f16', 16],
	['q4f16_1', 4],
	['q3f16_1', 3]
])('%s counts as %d bits', (name, bits) => {
	const quantization = parseQuantization(name);
	expect(quantization && cellBitsOf(quantization)).toBe(bits);
});

test('more memory or more load never asks for something finer, in any matrix that is accepted', () => {
	fc.assert(
		fc.property(
			anyMatrix,
			fc.double({ min: 0, max: 2, noNaN: true }),
			fc.double({ min: 0, max: 2, noNaN: true }),
			fc.nat(50),
			fc.nat(50),
			(matrix, ratio, more, waiting, others) => {
				expect(matrixProblem(matrix)).toBeNull();
				const less = cellOf(matrix, ratio, waiting, 'balanced').bits;
				expect(cellOf(matrix, ratio + more, waiting + others, 'balanced').bits).toBeLessThanOrEqual(
					less
				);
			}
		)
	);
});
