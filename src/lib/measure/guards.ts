import { distributionOf } from './figures.ts';

/** What makes a row's figures doubtful. They are kept and marked. */
export const MARK_CODES = [
	/** The tab was hidden again and again: the repetition that was kept ran in a hidden tab, too. */
	'hidden',
	/** The last third of the repetitions was slower than the first. */
	'drift',
	/** The repetitions lie far apart. */
	'noisy',
	'battery',
	'pressure',
	'software',
	/** Measured with another context window than was asked for. */
	'window'
] as const;
export type MarkCode = (typeof MARK_CODES)[number];

export interface Mark {
	code: MarkCode;
	/** The test that it is about; null: the whole row. */
	test: string | null;
}

export type Pressure = 'nominal' | 'fair' | 'serious' | 'critical';

/** What the browser tells of the computer; null: it does not tell. */
export interface Conditions {
	battery: { charging: boolean } | null;
	cpuPressure: Pressure | null;
}

/** Slower than this share of the first third, and the computer has slowed down. */
const DRIFT_RATIO = 0.95;
/** A deviation above this share of the mean. */
const NOISE_RATIO = 0.1;
/** Where a third would be less than one repetition, nothing can be said. */
const FEWEST_SAMPLES = 3;

/** `samples`: tokens per second in the order in which they were measured. */
export function marksOfSamples(test: string, samples: readonly number[]): Mark[] {
	const marks: Mark[] = [];
	const third = Math.floor(samples.length / 3);
	if (samples.length >= FEWEST_SAMPLES) {
		const first = distributionOf(samples.slice(0, third));
		const last = distributionOf(samples.slice(-third));
		if (first && last && last.mean < DRIFT_RATIO * first.mean) marks.push({ code: 'drift', test });
	}
	const all = distributionOf(samples);
	if (all?.deviation && all.deviation > NOISE_RATIO * all.mean) marks.push({ code: 'noisy', test });
	return marks;
}

const strained = ({ cpuPressure }: Conditions) =>
	cpuPressure === 'serious' || cpuPressure === 'critical';
const discharging = ({ battery }: Conditions) => battery?.charging === false;

/** What holds for a whole row. `start`, `end`: as the computer was before and after its repetitions. */
export function marksOfRow(
	start: Conditions,
	end: Conditions,
	row: { software: boolean; hidden: boolean; contextWindow: number; askedWindow: number }
): Mark[] {
	const codes: MarkCode[] = [
		...(row.software ? (['software'] as const) : []),
		...(row.contextWindow !== row.askedWindow ? (['window'] as const) : []),
		...(row.hidden ? (['hidden'] as const) : []),
		...(discharging(start) || discharging(end) ? (['battery'] as const) : []),
		...(strained(start) || strained(end) ? (['pressure'] as const) : [])
	];
	return codes.map((code) => ({ code, test: null }));
}

/** How often a repetition is repeated because the tab was hidden, before the last one is kept and marked. */
export const MOST_HIDDEN = 2;
