import * as v from 'valibot';
import { LEAST_POSITIONS, QUANTILES } from './summary.ts';

/** Results stored; the oldest are dropped first. */
const MOST_RECORDS = 500;

/** Float rounding, as a ratio. */
const ROUNDING = 1e-9;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const figure = v.pipe(v.number(), v.finite(), v.minValue(0));
const ratio = v.pipe(figure, v.maxValue(1));
const estimated = { value: figure, error: figure };

const summarySchema = v.pipe(
	v.object({
		positions: v.pipe(count, v.minValue(LEAST_POSITIONS)),
		lowerBounds: count,
		sameToken: v.object({ value: ratio, error: figure }),
		divergence: v.object({
			...estimated,
			quantiles: v.pipe(v.array(figure), v.length(QUANTILES.length), v.readonly()),
			largest: figure
		}),
		perplexityRatio: v.object(estimated)
	}),
	v.check(({ positions, lowerBounds, divergence: { value, quantiles, largest } }) => {
		const ascending = [...quantiles, largest];
		const slack = 1 + ROUNDING;
		return (
			lowerBounds <= positions &&
			value <= largest * slack &&
			ascending.every((x, i) => i === 0 || x * slack >= (ascending[i - 1] as number))
		);
	})
);

export const recordSchema = v.object({
	variantId: text,
	referenceId: text,
	/** Absolute; both results hold for these libraries only. */
	libraryUrl: text,
	referenceLibraryUrl: text,
	/** See `adapterKey`. */
	adapter: text,
	/** `setId` of the prompts. */
	set: text,
	summary: summarySchema,
	/** Of each answer: the token at which a free greedy answer departs from the reference's; null: it does not. */
	departures: v.pipe(v.array(v.nullable(count)), v.maxLength(1000)),
	/** Milliseconds since 1970. */
	at: v.pipe(figure, v.maxValue(8.64e15))
});

const recordsSchema = v.object({ version: v.literal(1), records: v.array(v.unknown()) });

/** One variant compared with one reference on one adapter. */
export type QualityRecord = v.InferOutput<typeof recordSchema>;

export interface QualityRecords {
	version: 1;
	/** Oldest first. */
	records: readonly QualityRecord[];
}

export const NO_QUALITY: QualityRecords = { version: 1, records: [] };

/** Stored results. Records that do not parse are dropped; anything else than results is empty. */
export function parseQuality(value: unknown): QualityRecords {
	const outer = v.safeParse(recordsSchema, value);
	if (!outer.success) return NO_QUALITY;
	return outer.output.records.reduce<QualityRecords>((records, value) => {
		const record = v.safeParse(recordSchema, value);
		return record.success ? withResult(records, record.output) : records;
	}, NO_QUALITY);
}

/** Adds a result; it replaces an earlier one of the same variants, libraries, adapter and prompts. */
export function withResult({ records }: QualityRecords, added: QualityRecord): QualityRecords {
	const others = records.filter((record) => keyOf(record) !== keyOf(added));
	return { version: 1, records: [...others, added].slice(-MOST_RECORDS) };
}

const keyOf = (r: QualityRecord) =>
	JSON.stringify([
		r.variantId,
		r.referenceId,
		r.libraryUrl,
		r.referenceLibraryUrl,
		r.adapter,
		r.set
	]);
