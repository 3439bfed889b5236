import type { Wish } from '#plan/adapt/wishes.ts';
import { stamp, type Conversation, type Setting } from './conversation.ts';

/** A preset's text is copied: changing the preset later does not change conversations. */
export function instruct(
	conversation: Conversation,
	system: string,
	presetId?: string,
	now = Date.now()
): Conversation {
	const next = stamped(conversation, 'system', { system }, now);
	delete next.presetId;
	return presetId === undefined ? next : { ...next, presetId };
}

/** Sets what automatic choices of the model obey in this conversation. */
export const prefer = (conversation: Conversation, wish: Wish, now = Date.now()): Conversation =>
	stamped(conversation, 'wish', { wish }, now);

function stamped(
	conversation: Conversation,
	setting: Setting,
	change: Partial<Conversation>,
	now: number
): Conversation {
	const at = stamp(conversation, now);
	const setAt = { ...conversation.setAt, [setting]: at };
	return { ...conversation, ...change, updatedAt: at, setAt };
}
