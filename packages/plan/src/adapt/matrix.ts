import * as v from 'valibot';
import type { Priority } from '../memory/choice.ts';
import type { Quantization } from '../models/quantization.ts';

/** What a cell may ask for: bits per weight at most; 16 means not quantized. */
export const CELL_BITS = [16, 8, 4, 3, 2] as const;
export type CellBits = (typeof CELL_BITS)[number];

/** Memory of the budget times waiting requests: how coarse a level must at least be. */
export interface Matrix {
	/** Ratios of the budget at which the next row begins, ascending. */
	memory: readonly number[];
	/** Waiting requests at which the next column begins, ascending. */
	load: readonly number[];
	/** A row for each memory band, a column for each load band. */
	cells: readonly (readonly CellBits[])[];
}

export const DEFAULT_MATRIX: Matrix = {
	memory: [0.4, 0.6, 0.75, 0.85],
	load: [2, 5, 10],
	cells: [
		[16, 8, 4, 4],
		[16, 8, 4, 4],
		[8, 8, 4, 4],
		[8, 4, 4, 2],
		[4, 4, 2, 2]
	]
};

/** Cells that the usual matrix leaves open: filled with the next coarser level. Pairs of row and column. */
export const FILLED_CELLS: readonly (readonly [number, number])[] = [
	[0, 2],
	[0, 3],
	[1, 2],
	[1, 3],
	[3, 3]
];
export const FILLED_SENTENCE =
	'The usual matrix leaves these open: below 40% of memory with 5 or more waiting, 40 to 60% with 5 or more, and 75 to 85% with 10 or more. They are filled with the next coarser level.';

const ROWS = DEFAULT_MATRIX.cells.length;
const COLUMNS = DEFAULT_MATRIX.load.length + 1;
export const MOST_WAITING = 1000;

const bits = v.picklist(CELL_BITS);
/** The fields of a matrix, each for itself; see `matrixProblem` for what they must be together. */
export const matrixShape = v.object({
	memory: v.pipe(
		v.array(v.pipe(v.number(), v.finite(), v.minValue(0.01), v.maxValue(2))),
		v.length(ROWS - 1)
	),
	load: v.pipe(
		v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MOST_WAITING))),
		v.length(COLUMNS - 1)
	),
	cells: v.pipe(v.array(v.pipe(v.array(bits), v.length(COLUMNS))), v.length(ROWS))
});
export const matrixSchema = v.pipe(
	matrixShape,
	v.check((matrix) => matrixProblem(matrix) === null, 'a matrix that gets coarser, never finer')
);

/**
 * Why a matrix cannot be used, as a sentence; null: it can. Thresholds ascend, and no cell is finer than the one above
 * it or to its left: otherwise a level could ask for the one that asked for it.
 */
export function matrixProblem({ memory, load, cells }: Matrix): string | null {
	const ascending = (values: readonly number[]) =>
		values.every((value, i) => i === 0 || value > (values[i - 1] as number));
	if (!ascending(memory)) return 'Each memory threshold must be larger than the one before it.';
	if (!ascending(load)) return 'Each load threshold must be larger than the one before it.';
	for (const [y, row] of cells.entries())
		for (const [x, cell] of row.entries()) {
			const above = cells[y - 1]?.[x] ?? Infinity;
			const left = row[x - 1] ?? Infinity;
			if (cell > Math.min(above, left))
				return `Row ${y + 1}, column ${x + 1} asks for ${cell} bits, which is finer than the cell above it or to its left.`;
		}
	return null;
}

/** The index of the band that holds a value: how many bounds it has reached. Anything but a number reaches none. */
export const bandOf = (bounds: readonly number[], value: number): number =>
	bounds.filter((bound) => value >= bound).length;

const SHIFT: Readonly<Record<Priority, number>> = { quality: -1, balanced: 0, speed: 1 };

export interface Cell {
	row: number;
	column: number;
	bits: CellBits;
}

/** What the matrix asks for. Quality reads one column to the left, speed one to the right. */
export function cellOf(
	matrix: Matrix,
	memoryRatio: number,
	waiting: number,
	priority: Priority
): Cell {
	const row = bandOf(matrix.memory, memoryRatio);
	const last = matrix.load.length;
	const column = Math.min(last, Math.max(0, bandOf(matrix.load, waiting) + SHIFT[priority]));
	return { row, column, bits: matrix.cells[row]?.[column] ?? 2 };
}

/** Bits per weight as the matrix counts them: everything unquantized is 16. */
export const cellBitsOf = ({ weightBits }: Quantization): number => weightBits || 16;
