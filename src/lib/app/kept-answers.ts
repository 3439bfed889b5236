import type { AnswerInfo, Message } from '../chat/conversation.ts';
import type { ConversationStore } from '../chat/store/conversations.ts';
import type { Lazily } from '../kit/lazily.ts';
import type { Ending } from '../statistics/outcomes.ts';
import type { KeptAnswer } from '../statistics/tally.svelte.ts';

/**
 * Answers in stored conversations written before `until` (milliseconds since 1970). Reads one conversation at a time to
 * keep the page responsive.
 */
export async function keptAnswers(
	conversations: Pick<Lazily<ConversationStore>, 'list' | 'load'>,
	until: number
): Promise<KeptAnswer[]> {
	const answers: KeptAnswer[] = [];
	for (const { id } of await conversations.list()) {
		// An unreadable conversation is reported when it is opened.
		const conversation = await Promise.resolve(conversations.load(id)).catch(() => null);
		for (const message of conversation?.messages ?? [])
			if (message.answer && writtenAt(message) < until)
				answers.push(keptAnswer(message.answer, writtenAt(message)));
	}
	return answers;
}

const writtenAt = ({ createdAt, updatedAt }: Message) => updatedAt ?? createdAt;

function keptAnswer(answer: AnswerInfo, at: number): KeptAnswer {
	const ending = endingOf(answer);
	const { promptTokens, completionTokens, prefillTokensPerSecond } = answer;
	const { decodeTokensPerSecond, timeToFirstTokenMs } = answer;
	const answerMs =
		timeToFirstTokenMs !== null && completionTokens !== null && decodeTokensPerSecond
			? timeToFirstTokenMs + (completionTokens / decodeTokensPerSecond) * 1000
			: null;
	return {
		variantId: answer.engineId,
		answer: {
			ending,
			promptTokens,
			completionTokens,
			prefillTokensPerSecond,
			decodeTokensPerSecond,
			timeToFirstTokenMs,
			answerMs,
			at
		}
	};
}

function endingOf({ finish }: AnswerInfo): Ending {
	switch (finish) {
		case 'stop':
		case 'length':
			return { kind: 'complete' };
		case 'stopped':
			return { kind: 'stopped' };
		case 'failed':
			// The message does not store the kind.
			return { kind: 'failed', failure: 'unknown' };
		case 'partial':
			return { kind: 'unknown' };
	}
}
