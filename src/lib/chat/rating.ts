import type { Rating, Vote } from '../statistics/votes.ts';
import { children, find, stamp, type Conversation, type Message } from './conversation.ts';

/** Sets or removes (null) the rating of an answer. */
export function rateAnswer(
	conversation: Conversation,
	messageId: string,
	rating: Rating | null,
	now = Date.now()
): Conversation {
	if (find(conversation, messageId)?.role !== 'assistant') return conversation;
	const at = stamp(conversation, now);
	return {
		...conversation,
		updatedAt: at,
		messages: conversation.messages.map((message) => {
			if (message.id !== messageId) return message;
			const rated: Message = { ...message, updatedAt: at };
			if (rating === null) delete rated.rating;
			else rated.rating = rating;
			return rated;
		})
	};
}

/** Ratings of the answers to a question. */
export const votesOn = (conversation: Conversation, questionId: string): Vote[] =>
	children(conversation, questionId).flatMap(({ rating, answer }) =>
		rating && answer ? [{ engineId: answer.engineId, rating }] : []
	);
