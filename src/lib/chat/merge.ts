import {
	inOrder,
	leafBelow,
	type Conversation,
	type Message,
	type Tombstone
} from './conversation.ts';

/** What a person sets, one field at a time; the rest is the messages. */
const fields = ['title', 'pinned', 'system', 'presetId', 'sampling', 'leaf', 'chosen'] as const;

/**
 * Two copies of one conversation, each written to in its own tab, as one. No message is lost that nobody removed; of
 * two texts of one message the later stays. Of the other fields ours win where they differ from `base`, the copy that
 * ours began with; without it those of the later copy win.
 */
export function merge(theirs: Conversation, ours: Conversation, base?: Conversation): Conversation {
	const { messages, removed } = mergeMessages(theirs, ours);
	const oursIsLater = ours.updatedAt >= theirs.updatedAt;
	const picked = { ...theirs, presetId: undefined };
	for (const field of fields) {
		const changed = base
			? JSON.stringify(base[field]) !== JSON.stringify(ours[field])
			: oursIsLater;
		Object.assign(picked, { [field]: (changed ? ours : theirs)[field] });
	}
	const { presetId, ...rest } = picked;
	const alive = new Set(messages.map(({ id }) => id));
	const merged: Conversation = {
		...rest,
		...(presetId !== undefined && { presetId }),
		createdAt: Math.min(theirs.createdAt, ours.createdAt),
		updatedAt: Math.max(theirs.updatedAt, ours.updatedAt),
		chosen: picked.chosen.filter((id) => alive.has(id)),
		messages,
		removed
	};
	return { ...merged, leaf: leafBelow(merged, merged.leaf) };
}

function mergeMessages(
	a: Conversation,
	b: Conversation
): { messages: Message[]; removed: Tombstone[] } {
	const messages = new Map(a.messages.map((message) => [message.id, message]));
	for (const message of b.messages) {
		const other = messages.get(message.id);
		messages.set(message.id, other ? later(other, message) : message);
	}
	const removed = new Map<string, Tombstone>();
	for (const stone of [...a.removed, ...b.removed]) {
		const message = messages.get(stone.id);
		if (message && changedAt(message) > stone.at) continue;
		messages.delete(stone.id);
		if ((removed.get(stone.id)?.at ?? -1) < stone.at) removed.set(stone.id, stone);
	}
	return { messages: inOrder([...messages.values()]), removed: [...removed.values()] };
}

function later(a: Message, b: Message): Message {
	if (a === b) return a;
	const order =
		changedAt(a) - changedAt(b) || a.text.length - b.text.length || (a.text < b.text ? -1 : 1);
	return order > 0 ? a : b;
}

function changedAt(message: Message): number {
	return message.updatedAt ?? message.createdAt;
}
