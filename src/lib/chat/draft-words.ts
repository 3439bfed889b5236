import { count, duration, percent, tokens } from '#plan/words.ts';
import type { DraftFigures } from './draft-count.svelte.ts';

/** What the message being written would take, in a line. `window`: tokens of the context window. */
export function draftWords(
	{ promptTokens, counted, prediction, firstTokenSeconds }: DraftFigures,
	window: number
): string {
	const size = counted ? tokens(promptTokens) : `about ${tokens(promptTokens)} (guessed)`;
	const share = `${percent(promptTokens / window)} of the window`;
	const over =
		prediction.overTokens > 0 ? [`${tokens(prediction.overTokens)} too many for an answer`] : [];
	const times =
		firstTokenSeconds === null || prediction.seconds === null
			? []
			: [
					`first word within ${seconds(firstTokenSeconds)}`,
					`an answer of ${count(prediction.answerTokens)} tokens in about ${seconds(prediction.seconds)}`
				];
	return [`Takes ${size} with the conversation, ${share}`, ...over, ...times].join(' · ');
}

const seconds = (s: number): string => (s < 1 ? '1 s' : duration(s));
