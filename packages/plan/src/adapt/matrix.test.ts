import * as v from 'valibot';
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { anyMatrix } from './adapt.fixture.ts';
import {
	bandOf,
	cellOf,
	DEFAULT_MATRIX,
	FILLED_CELLS,
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
	['half a request', { ...DEFAULT_MATRIX, load: [2, 5.5, 10] }]
])('%s is refused', (_, matrix) => {
	expect(v.safeParse(matrixSchema, matrix).success).toBe(false);
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
