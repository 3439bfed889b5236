import * as v from 'valibot';
import { mergeOutcomes, NO_OUTCOMES, outcomesSchema } from './outcomes.ts';
import { merge, NO_SPREAD, spreadSchema } from './spread.ts';
import { MOST_QUESTIONS, mergeVotes, questionSchema, type QuestionVotes } from './votes.ts';

const text = v.pipe(v.string(), v.maxLength(2000));
const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(8.64e15));
const tokens = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Decode rates stored one by one. */
export const MOST_RECENT = 50;
/** Records of variants; the least recently used are dropped first. */
const MOST_RECORDS = 500;

const recentSchema = v.object({
	tokensPerSecond: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12)),
	/** Tokens in the context at the middle of the answer. */
	depthTokens: tokens,
	at: time,
	/** Read from a stored conversation, which may have been imported from another device. */
	kept: v.exactOptional(v.literal(true))
});

const recordSchema = v.object({
	variantId: text,
	/** Absolute. */
	libraryUrl: text,
	/** See `adapterKey`. */
	adapter: text,
	answers: v.optional(outcomesSchema, NO_OUTCOMES),
	/** Answers read from conversations stored before counting began. */
	keptAnswers: v.fallback(v.optional(tokens, 0), 0),
	loads: v.optional(outcomesSchema, NO_OUTCOMES),
	/** Complete answers only. */
	answerMs: v.optional(spreadSchema, NO_SPREAD),
	firstTokenMs: v.optional(spreadSchema, NO_SPREAD),
	/** Tokens per second. */
	prefill: v.optional(spreadSchema, NO_SPREAD),
	/** Tokens per second. */
	decode: v.optional(spreadSchema, NO_SPREAD),
	loadMs: v.optional(spreadSchema, NO_SPREAD),
	recent: v.pipe(
		v.fallback(v.optional(v.array(v.unknown()), []), []),
		v.transform((values) => newest(each(recentSchema, values)))
	),
	/** Last change, in milliseconds since 1970. */
	at: v.fallback(v.optional(time, 0), 0)
});

const statisticsSchema = v.object({
	version: v.literal(1),
	filled: v.fallback(v.optional(v.nullable(v.object({ at: time, answers: tokens })), null), null),
	records: v.fallback(v.optional(v.array(v.unknown()), []), []),
	votes: v.fallback(v.optional(v.array(v.unknown()), []), [])
});

/** A decode rate and the context depth it was measured at. */
export type RecentRate = v.InferOutput<typeof recentSchema>;

/** Statistics of one variant with one library on one adapter. */
export type VariantRecord = v.InferOutput<typeof recordSchema>;

export type RecordKey = Pick<VariantRecord, 'variantId' | 'libraryUrl' | 'adapter'>;

export interface Statistics {
	version: 1;
	/** When stored conversations were read, and how many answers they had; null: not yet. */
	filled: { at: number; answers: number } | null;
	records: readonly VariantRecord[];
	/** Ratings by question. */
	votes: readonly QuestionVotes[];
}

export const NO_STATISTICS: Statistics = { version: 1, filled: null, records: [], votes: [] };

/** Stored statistics. Records that do not parse are dropped; anything else than statistics is empty. */
export function parseStatistics(value: unknown): Statistics {
	const outer = v.safeParse(statisticsSchema, value);
	if (!outer.success) return NO_STATISTICS;
	const { version, filled, records, votes } = outer.output;
	return {
		version,
		filled,
		records: bounded(each(recordSchema, records).reduce(withRecord, [])),
		votes: each(questionSchema, votes).slice(-MOST_QUESTIONS)
	};
}

function each<T>(schema: v.GenericSchema<unknown, T>, values: readonly unknown[]): T[] {
	return values.flatMap((value) => {
		const result = v.safeParse(schema, value);
		return result.success ? [result.output] : [];
	});
}

export const sameKey = (a: RecordKey, b: RecordKey): boolean =>
	a.variantId === b.variantId && a.libraryUrl === b.libraryUrl && a.adapter === b.adapter;

export const recordOf = ({ records }: Statistics, key: RecordKey): VariantRecord | null =>
	records.find((record) => sameKey(record, key)) ?? null;

export const emptyRecord = ({ variantId, libraryUrl, adapter }: RecordKey): VariantRecord => ({
	variantId,
	libraryUrl,
	adapter,
	answers: NO_OUTCOMES,
	keptAnswers: 0,
	loads: NO_OUTCOMES,
	answerMs: NO_SPREAD,
	firstTokenMs: NO_SPREAD,
	prefill: NO_SPREAD,
	decode: NO_SPREAD,
	loadMs: NO_SPREAD,
	recent: [],
	at: 0
});

/** Updates the record of that key, or creates it. */
export function change(
	statistics: Statistics,
	key: RecordKey,
	update: (record: VariantRecord) => VariantRecord
): Statistics {
	const before = recordOf(statistics, key) ?? emptyRecord(key);
	const others = statistics.records.filter((record) => record !== before);
	return { ...statistics, records: bounded([...others, update(before)]) };
}

/** The sum of two disjoint counts. */
export function mergeStatistics(a: Statistics, b: Statistics): Statistics {
	return {
		version: 1,
		filled: a.filled ?? b.filled,
		records: bounded(b.records.reduce(withRecord, a.records)),
		votes: mergeVotes(a.votes, b.votes)
	};
}

/** The sum of two records of the same key. */
export const mergeRecords = (a: VariantRecord, b: VariantRecord): VariantRecord => ({
	variantId: a.variantId,
	libraryUrl: a.libraryUrl,
	adapter: a.adapter,
	answers: mergeOutcomes(a.answers, b.answers),
	keptAnswers: a.keptAnswers + b.keptAnswers,
	loads: mergeOutcomes(a.loads, b.loads),
	answerMs: merge(a.answerMs, b.answerMs),
	firstTokenMs: merge(a.firstTokenMs, b.firstTokenMs),
	prefill: merge(a.prefill, b.prefill),
	decode: merge(a.decode, b.decode),
	loadMs: merge(a.loadMs, b.loadMs),
	recent: newest([...a.recent, ...b.recent]),
	at: Math.max(a.at, b.at)
});

function withRecord(records: readonly VariantRecord[], added: VariantRecord): VariantRecord[] {
	const same = records.find((record) => sameKey(record, added));
	const others = records.filter((record) => record !== same);
	return [...others, same ? mergeRecords(same, added) : added];
}

/** The last rates, oldest first. */
export const newest = (rates: readonly RecentRate[]): RecentRate[] =>
	[...rates].sort((a, b) => a.at - b.at).slice(-MOST_RECENT);

const bounded = (records: readonly VariantRecord[]): VariantRecord[] =>
	records.length <= MOST_RECORDS
		? [...records]
		: [...records].sort((a, b) => a.at - b.at).slice(-MOST_RECORDS);
