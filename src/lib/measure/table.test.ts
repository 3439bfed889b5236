import { expect, test } from 'vitest';
import { aRow, aRun } from './run.fixture.ts';
import { bestByColumn, columnsOf } from './table.ts';

const run = aRun([
	aRow('a', { rates: [[100], [20, 24]], loadMs: 900, measuredPeakBytes: 5 }),
	aRow('b', { rates: [[50], [33]], loadMs: 1000, measuredPeakBytes: 4, firstTokenMs: null })
]);
const columns = columnsOf(run);
const words = (id: string) => {
	const column = columns.find((each) => each.id === id)!;
	return run.rows.map((row) => {
		if (row.kind !== 'measured') return null;
		const figure = column.figure(row);
		return figure === null ? null : column.words(row, figure);
	});
};

test('a test has its mean and deviation, the speed-up its factor', () => {
	expect(words('tg128')).toEqual(['22.0 ± 2.83', '33.0']);
	expect(words('speed-up')).toEqual(['×1.00', '×1.50']);
	expect(words('first-token')).toEqual(['0.08 s', null]);
});

test('the best of each column is the fastest, the smallest and the first; one alone is not the best', () => {
	const best = bestByColumn(run, columns);
	const of = (id: string) => [...(best.get(id) ?? [])];
	expect([of('pp512'), of('tg128'), of('load'), of('memory')]).toEqual([
		['a'],
		['b'],
		['a'],
		['b']
	]);
	expect(of('first-token')).toEqual([]);
	expect(best.has('planned')).toBe(false);
});

test('without its baseline no row has a speed-up', () => {
	expect(
		columnsOf({ ...run, baselineId: 'z' })
			.find(({ id }) => id === 'speed-up')
			?.figure(aRow('a'))
	).toBeNull();
});
