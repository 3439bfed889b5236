import * as v from 'valibot';

/** Summary of figures that are not stored one by one. All fields are 0 for no figures. */
export interface Spread {
	count: number;
	mean: number;
	/** Sum of the squared distances from the mean. */
	squares: number;
	min: number;
	max: number;
}

export const NO_SPREAD: Spread = { count: 0, mean: 0, squares: 0, min: 0, max: 0 };

/** Above any time in milliseconds or rate; its square does not overflow. */
const MOST = 1e12;
/** Float rounding, as a ratio: sums in another order differ by no more. */
const ROUNDING = 1e-9;

const figure = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MOST));

/** A stored spread; an invalid one becomes empty. */
export const spreadSchema: v.GenericSchema<unknown, Spread> = v.fallback(
	v.pipe(
		v.object({
			count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
			mean: figure,
			squares: v.pipe(v.number(), v.finite(), v.minValue(0)),
			min: figure,
			max: figure
		}),
		v.check(({ count, mean, squares, min, max }) => {
			if (count === 0) return mean === 0 && squares === 0 && min === 0 && max === 0;
			const slack = ROUNDING * max;
			const most = count * (max - min) ** 2;
			return min <= mean + slack && mean <= max + slack && squares <= most * (1 + ROUNDING);
		})
	),
	NO_SPREAD
);

/**
 * Adds one figure (Welford 1962: keeps its digits when the deviation is small compared with the mean). Figures that no
 * measurement can produce are ignored: negative or not finite.
 */
export const add = (spread: Spread, value: number): Spread =>
	value >= 0 && value <= MOST
		? merge(spread, { count: 1, mean: value, squares: 0, min: value, max: value })
		: spread;

/** The spread of both sets of figures (Chan, Golub and LeVeque 1979). */
export function merge(a: Spread, b: Spread): Spread {
	if (a.count === 0) return b;
	if (b.count === 0) return a;
	const count = a.count + b.count;
	const distance = b.mean - a.mean;
	const min = Math.min(a.min, b.min);
	const max = Math.max(a.max, b.max);
	return {
		count,
		// Rounding must not push the mean out of its bounds.
		mean: Math.min(max, Math.max(min, a.mean + (distance * b.count) / count)),
		squares: Math.min(
			count * (max - min) ** 2,
			a.squares + b.squares + (distance * distance * a.count * b.count) / count
		),
		min,
		max
	};
}

export const spreadOf = (values: readonly number[]): Spread => values.reduce(add, NO_SPREAD);

/** Sample standard deviation; null for fewer than two figures. */
export const deviation = ({ count, squares }: Spread): number | null =>
	count < 2 ? null : Math.sqrt(squares / (count - 1));
