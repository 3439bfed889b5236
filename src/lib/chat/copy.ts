import { uuid } from '../kit/uuid.ts';
import type { Conversation } from './conversation.ts';

/** The same under an id of its own. */
export function copyOf(conversation: Conversation): Conversation {
	return {
		...conversation,
		id: uuid(),
		title: conversation.title === '' ? '' : `${conversation.title} (copy)`
	};
}
