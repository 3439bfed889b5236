import { bytes } from '#plan/words.ts';
import { bestOf, distributionOf } from './figures.ts';
import { ratesOf, resultOf, speedOf, speedUp } from './export.ts';
import { measuredRows, type MeasuredRow, type Run } from './record.ts';
import { nameOf, sets } from './speed-tests.ts';
import { distributionWords, figure, ratioWords, secondsWords } from './words.ts';

/** One figure of each measured row. */
export interface Column {
	id: string;
	name: string;
	/** For whom the name is not enough. */
	title: string;
	/** What is better; null: neither. */
	better: 'higher' | 'lower' | null;
	figure: (row: MeasuredRow) => number | null;
	words: (row: MeasuredRow, figure: number) => string;
}

const ofTest = (name: string): Column => ({
	id: name,
	name,
	title: 'Tokens per second, mean ± sample deviation',
	better: 'higher',
	figure: (row) => speedOf(row, name),
	words: (row, mean) => {
		const result = resultOf(row, name);
		return distributionWords(
			(result && distributionOf(ratesOf(result))) ?? { mean, deviation: null }
		);
	}
});

export const columnsOf = (run: Run): readonly Column[] => [
	...sets[run.asked.set].tests.map((test) => ofTest(nameOf(test))),
	{
		id: 'speed-up',
		name: 'Speed-up',
		title: 'Generated tokens per second against the baseline',
		better: 'higher',
		figure: (row) => speedUp(run, row),
		words: (_, ratio) => ratioWords(ratio)
	},
	{
		id: 'answer',
		name: 'Answer',
		title: 'Tokens per second of a chat answer',
		better: 'higher',
		figure: (row) => row.answerTokensPerSecond,
		words: (_, rate) => figure(rate)
	},
	{
		id: 'first-token',
		name: 'First token',
		title: 'From the question to the first token of the answer',
		better: 'lower',
		figure: (row) => row.firstTokenMs,
		words: (_, ms) => secondsWords(ms)
	},
	{
		id: 'load',
		name: 'Load',
		title: 'From disk to ready',
		better: 'lower',
		figure: (row) => row.loadMs,
		words: (_, ms) => secondsWords(ms)
	},
	{
		id: 'memory',
		name: 'Peak memory',
		title: 'Highest GPU memory while measuring',
		better: 'lower',
		figure: (row) => row.measuredPeakBytes,
		words: (_, peak) => bytes(peak)
	},
	{
		id: 'planned',
		name: 'Planned',
		title: 'Peak memory as planned before the load',
		better: null,
		figure: (row) => row.plannedPeakBytes,
		words: (_, peak) => bytes(peak)
	}
];

/** For each column the variants with its best figure. */
export function bestByColumn(
	run: Run,
	columns: readonly Column[]
): ReadonlyMap<string, ReadonlySet<string>> {
	const rows = measuredRows(run);
	return new Map(
		columns.flatMap(({ id, better, figure }) =>
			better === null
				? []
				: [
						[
							id,
							bestOf(
								rows.map((row) => [row.variantId, figure(row)] as const),
								better
							)
						]
					]
		)
	);
}
