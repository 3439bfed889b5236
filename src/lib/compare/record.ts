import * as v from 'valibot';
import { MAX_TEXT_CHARS } from '../chat/record.ts';
import { parseSampling } from '../engine/sampling.ts';
import { isRecord } from '../kit/restore.ts';
import {
	askedVariants,
	failedRow,
	figure,
	named,
	perhaps,
	readRows,
	runBase,
	type FailedRow
} from '../measure/record.ts';
import { questionSchema } from './question.ts';
import { pairSchema, withPick, type Pair } from './wins.ts';

/** Answers side by side as they lie on the disk, where everything is hostile until parsed. */

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARS));

const answeredRow = v.object({
	kind: v.literal('answered'),
	...named,
	/** Milliseconds since 1970. */
	at: figure,
	/** Tokens; null: a server's, which did not tell. */
	contextWindow: perhaps,
	text,
	/** null: it does not think aloud. */
	thinking: v.nullable(text),
	finish: v.picklist(['stop', 'length']),
	/** It was sent the images; null: there are none. */
	sawImages: v.nullable(v.boolean()),
	/** From disk until the first token can be asked for; null: it was not loaded here. */
	loadMs: perhaps,
	firstTokenMs: perhaps,
	tokensPerSecond: perhaps,
	promptTokens: perhaps,
	completionTokens: perhaps,
	/** Of the load, its first token included; null: it is not in this GPU's memory. */
	peakBytes: perhaps,
	/** The tab was hidden while it was written, which makes its times doubtful. */
	hidden: v.boolean(),
	/** Another one was written at the same time, which makes its times and memory worthless. */
	together: v.fallback(v.boolean(), false)
});
const row = v.variant('kind', [answeredRow, failedRow]);

/** Among its variants may be engines of the person's own servers, by their ids. */
const asked = v.object({
	...askedVariants,
	question: questionSchema,
	/** The same for all, seed included. */
	sampling: v.pipe(
		v.unknown(),
		v.transform((raw) => parseSampling(raw))
	),
	/** Names and figures are hidden until one is picked. */
	blind: v.boolean(),
	/** Two at a time answer at once where both fit. */
	together: v.fallback(v.boolean(), false)
});

const run = v.object({
	...runBase,
	asked,
	/** What was picked of a blind comparison; `winner` null: no difference. Null: nothing yet. */
	pick: v.fallback(v.nullable(v.object({ winner: v.nullable(named.variantId) })), null),
	/** The names of a blind comparison are shown. */
	revealed: v.fallback(v.boolean(), true)
});

export type AnsweredRow = v.InferOutput<typeof answeredRow>;
export type Row = AnsweredRow | FailedRow;
export type Asked = v.InferOutput<typeof asked>;
export type Comparison = Omit<v.InferOutput<typeof run>, 'rows'> & { rows: readonly Row[] };

export interface Comparisons {
	version: 1;
	/** The last one; null: none. */
	run: Comparison | null;
	/** Picks of all visits, by pair. */
	pairs: readonly Pair[];
}

export const NO_COMPARISONS: Comparisons = { version: 1, run: null, pairs: [] };

/** Whatever was stored. A row that cannot be one is left out, so that its variant answers again. */
export function parseComparisons(raw: unknown): Comparisons {
	if (!isRecord(raw) || raw.version !== 1) return NO_COMPARISONS;
	const read = v.safeParse(run, raw.run);
	const pairs = (Array.isArray(raw.pairs) ? (raw.pairs as unknown[]) : []).flatMap((each) => {
		const pair = v.safeParse(pairSchema, each);
		return pair.success ? [pair.output] : [];
	});
	return {
		version: 1,
		run: read.success ? { ...read.output, rows: readRows(row, read.output) } : null,
		pairs
	};
}

export const answeredRows = ({ rows }: Pick<Comparison, 'rows'>): AnsweredRow[] =>
	rows.filter((each): each is AnsweredRow => each.kind === 'answered');

/** Names and figures must not be seen yet. */
export const isBlind = ({ asked, revealed }: Comparison): boolean => asked.blind && !revealed;

/** Whether one of the answers can be picked: it is over, and there are two. */
export const canPick = (run: Comparison): boolean =>
	isBlind(run) && run.state !== 'open' && answeredRows(run).length > 1;

/** Counts a pick and shows the names; a second pick of the same comparison counts nothing. */
export function picked(all: Comparisons, winner: string | null): Comparisons {
	const { run, pairs } = all;
	if (!run || !canPick(run)) return all;
	const ids = answeredRows(run).map(({ variantId }) => variantId);
	if (winner !== null && !ids.includes(winner)) return all;
	return {
		...all,
		run: { ...run, pick: { winner }, revealed: true },
		pairs: withPick(pairs, ids, winner)
	};
}

/** Shows the names without a pick. */
export const revealed = (all: Comparisons): Comparisons =>
	all.run ? { ...all, run: { ...all.run, revealed: true } } : all;
