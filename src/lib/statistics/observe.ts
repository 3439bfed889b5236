import { ended, type Ending } from './outcomes.ts';
import { change, newest, type RecordKey, type Statistics, type VariantRecord } from './record.ts';
import { add } from './spread.ts';

/** What an engine says of an answer; null: it did not come to that. */
export interface AnswerFigures {
	/** The whole prompt, with what the engine still held of it. */
	promptTokens: number | null;
	completionTokens: number | null;
	prefillTokensPerSecond: number | null;
	decodeTokensPerSecond: number | null;
	timeToFirstTokenMs: number | null;
}

export interface ObservedAnswer extends AnswerFigures {
	ending: Ending;
	/** From the question to the end; null: not known. */
	answerMs: number | null;
	/** Milliseconds since 1970. */
	at: number;
	/** It was written before anything was counted, and is known from its conversation. */
	kept?: boolean;
}

/** Of so few tokens a rate says more of the clock than of the engine. */
export const LEAST_TOKENS = 8;

/** Counts one answer. Figures that no measurement can give are left out. */
export const observeAnswer = (
	statistics: Statistics,
	key: RecordKey,
	answer: ObservedAnswer
): Statistics => change(statistics, key, (record) => withAnswer(record, answer));

function withAnswer(record: VariantRecord, answer: ObservedAnswer): VariantRecord {
	const { ending, kept = false, at } = answer;
	const { promptTokens, completionTokens, decodeTokensPerSecond: rate } = answer;
	const rated =
		rate !== null && rate > 0 && rate < 1e12 && completionTokens !== null
			? completionTokens >= LEAST_TOKENS
			: false;
	const depthTokens = Math.round((promptTokens ?? 0) + (completionTokens ?? 0) / 2);
	return {
		...record,
		answers: ended(record.answers, ending),
		keptAnswers: record.keptAnswers + (kept ? 1 : 0),
		answerMs:
			ending.kind === 'complete' ? positive(record.answerMs, answer.answerMs) : record.answerMs,
		firstTokenMs: positive(record.firstTokenMs, answer.timeToFirstTokenMs),
		prefill: positive(record.prefill, answer.prefillTokensPerSecond),
		decode: rated ? positive(record.decode, rate) : record.decode,
		recent:
			rated && rate !== null && Number.isSafeInteger(depthTokens) && depthTokens >= 0
				? newest([
						...record.recent,
						{ tokensPerSecond: rate, depthTokens, at, ...(kept && { kept: true as const }) }
					])
				: record.recent,
		at: Math.max(record.at, at)
	};
}

/** An engine that has nothing to say says 0. */
const positive = (spread: VariantRecord['decode'], value: number | null) =>
	value !== null && value > 0 ? add(spread, value) : spread;

/** Counts one load; `loadMs`: of those that succeeded. */
export const observeLoad = (
	statistics: Statistics,
	key: RecordKey,
	{ ending, loadMs, at }: { ending: Ending; loadMs: number | null; at: number }
): Statistics =>
	change(statistics, key, (record) => ({
		...record,
		loads: ended(record.loads, ending),
		loadMs: positive(record.loadMs, loadMs),
		at: Math.max(record.at, at)
	}));

/** Counts the answers that were kept before; does so once, whatever it is given later. */
export function fill(
	statistics: Statistics,
	answers: readonly { key: RecordKey; answer: ObservedAnswer }[],
	at: number
): Statistics {
	if (statistics.filled) return statistics;
	const filled: Statistics = { ...statistics, filled: { at, answers: answers.length } };
	return answers.reduce<Statistics>(
		(sum, { key, answer }) => observeAnswer(sum, key, { ...answer, kept: true }),
		filled
	);
}
