import { ended, type Ending } from './outcomes.ts';
import { change, newest, type RecordKey, type Statistics, type VariantRecord } from './record.ts';
import { add } from './spread.ts';

/** Figures of an answer as the engine reports them; null: not reported. */
export interface AnswerFigures {
	/** The whole prompt, including tokens reused from the cache. */
	promptTokens: number | null;
	completionTokens: number | null;
	prefillTokensPerSecond: number | null;
	decodeTokensPerSecond: number | null;
	timeToFirstTokenMs: number | null;
}

export interface ObservedAnswer extends AnswerFigures {
	ending: Ending;
	/** Whole duration; null: not known. */
	answerMs: number | null;
	/** Milliseconds since 1970. */
	at: number;
	/** Read from a conversation stored before counting began. */
	kept?: boolean;
}

/** The rate of a shorter answer is dominated by the clock's resolution. */
export const LEAST_TOKENS = 8;

/** Counts one answer. Impossible figures are ignored. */
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

/** Engines report 0 for unknown figures. */
const positive = (spread: VariantRecord['decode'], value: number | null) =>
	value !== null && value > 0 ? add(spread, value) : spread;

/** Counts one load; `loadMs` is null for loads that did not succeed. */
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

/** Counts the answers of stored conversations, once: later calls change nothing. */
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
