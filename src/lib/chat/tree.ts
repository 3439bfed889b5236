import { compareText } from '../kit/compare.ts';
import type { Conversation, Message, Tombstone } from './conversation.ts';

/** A conversation's messages by what follows what; removed ones are passed over. */
export interface Tree {
	byId: Map<string, Message>;
	removed: Map<string, Tombstone>;
	/** Past removed messages. */
	parent: Map<string, string | null>;
	children: Map<string | null, Message[]>;
}

// A conversation is never changed in place, so its tree stays true.
const trees = new WeakMap<Conversation, Tree>();

export function treeOf(conversation: Conversation): Tree {
	const known = trees.get(conversation);
	if (known) return known;
	const tree: Tree = {
		byId: new Map(conversation.messages.map((message) => [message.id, message])),
		removed: new Map(conversation.removed.map((stone) => [stone.id, stone])),
		parent: new Map(),
		children: new Map()
	};
	for (const message of conversation.messages) {
		const parent = message.parent === null ? null : standing(tree, message.parent);
		tree.parent.set(message.id, parent);
		const group = tree.children.get(parent);
		if (group) group.push(message);
		else tree.children.set(parent, [message]);
	}
	trees.set(conversation, tree);
	return tree;
}

/** The message itself, or if it was removed the nearest one above it that was not. */
function standing(tree: Tree, messageId: string): string | null {
	const passed = new Set<string>();
	let id: string | null = messageId;
	while (id !== null && !tree.byId.has(id)) {
		if (passed.has(id)) return null;
		passed.add(id);
		id = tree.removed.get(id)?.parent ?? null;
	}
	return id;
}

export function childrenIn(tree: Tree, parent: string | null): Message[] {
	return tree.children.get(parent) ?? [];
}

/** The end of the branch below a message: along what was shown last, or else the newest. null: from the beginning. */
export function leafBelow(conversation: Conversation, messageId: string | null): string | null {
	const tree = treeOf(conversation);
	const chosen = new Set(conversation.chosen);
	let id = messageId === null ? null : standing(tree, messageId);
	for (;;) {
		const next = childrenIn(tree, id);
		const step = next.find((child) => chosen.has(child.id)) ?? next.at(-1);
		if (!step) return id;
		id = step.id;
	}
}

/** By time, then by id: the same in every tab. */
export function inOrder(messages: Message[]): Message[] {
	return [...messages].sort((a, b) => a.createdAt - b.createdAt || compareText(a.id, b.id));
}

export function stonesInOrder(stones: Tombstone[]): Tombstone[] {
	return [...stones].sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}
