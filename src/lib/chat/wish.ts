import type { Wish } from '#plan/adapt/wishes.ts';
import { stamp, type Conversation } from './conversation.ts';

/** Sets what automatic choices of the model obey in this conversation. */
export function prefer(conversation: Conversation, wish: Wish, now = Date.now()): Conversation {
	const at = stamp(conversation, now);
	return {
		...conversation,
		wish,
		updatedAt: at,
		setAt: { ...conversation.setAt, wish: at }
	};
}
