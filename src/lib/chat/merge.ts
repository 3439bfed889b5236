import { compareText } from '../kit/compare.ts';
import type { Conversation, Message, Setting, Tombstone } from './conversation.ts';
import { inOrder, leafBelow, stonesInOrder } from './tree.ts';

/**
 * Two copies of one conversation, each written to in its own tab, as one. No message is lost that nobody removed; of
 * two texts of one message, and of two values of one setting, the later stays. The order of the two does not matter.
 */
export function merge(a: Conversation, b: Conversation): Conversation {
	const { messages, removed } = mergeMessages(a, b);
	const set = (setting: Setting) => laterOf(setting, a, b);
	const { system, presetId } = set('system');
	const { leaf, chosen } = set('leaf');
	const { wish } = set('wish');
	const alive = new Set(messages.map(({ id }) => id));
	const merged: Conversation = {
		version: 2,
		id: a.id,
		title: set('title').title,
		createdAt: Math.min(a.createdAt, b.createdAt),
		updatedAt: Math.max(a.updatedAt, b.updatedAt),
		pinned: set('pinned').pinned,
		system,
		...(presetId !== undefined && { presetId }),
		sampling: set('sampling').sampling,
		...(wish && { wish }),
		messages,
		leaf,
		chosen: chosen.filter((id) => alive.has(id)),
		removed,
		setAt: latest(a.setAt, b.setAt)
	};
	return { ...merged, leaf: leafBelow(merged, leaf) };
}

function laterOf(setting: Setting, a: Conversation, b: Conversation): Conversation {
	const order =
		(a.setAt[setting] ?? 0) - (b.setAt[setting] ?? 0) ||
		a.updatedAt - b.updatedAt ||
		// Any order will do that is the same in both tabs.
		compareText(JSON.stringify(a[setting] ?? null), JSON.stringify(b[setting] ?? null));
	return order > 0 ? a : b;
}

function latest(a: Conversation['setAt'], b: Conversation['setAt']): Conversation['setAt'] {
	const both = { ...a };
	for (const [setting, at] of Object.entries(b) as [Setting, number][])
		both[setting] = Math.max(both[setting] ?? at, at);
	return both;
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
		const known = removed.get(stone.id);
		if (!known || known.at < stone.at) removed.set(stone.id, stone);
	}
	return {
		messages: inOrder([...messages.values()]),
		removed: stonesInOrder([...removed.values()])
	};
}

function later(a: Message, b: Message): Message {
	const order =
		changedAt(a) - changedAt(b) || a.text.length - b.text.length || compareText(a.text, b.text);
	return order > 0 ? a : b;
}

function changedAt(message: Message): number {
	return message.updatedAt ?? message.createdAt;
}
