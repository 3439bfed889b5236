import type { Sampling } from '../engine/sampling.ts';
import type { Wish } from '#plan/adapt/wishes.ts';
import type { Rating } from '../statistics/votes.ts';
import { childrenIn, inOrder, leafBelow, stonesInOrder, treeOf } from './tree.ts';
import { uuid } from '../kit/uuid.ts';

export type Role = 'user' | 'assistant';

/** An image as it goes to the engine: always a `data:` URL, never an address. */
export interface ImagePart {
	url: string;
	width?: number;
	height?: number;
	name?: string;
}

/** What wrote an answer, and how it went. null: not known (imported, or it failed first). */
export interface AnswerInfo {
	/** Stable: a variant of the catalogue, or a server and its model. */
	engineId: string;
	/** What people read: the family, or the model's name. */
	label: string;
	quantization?: string;
	finish: 'stop' | 'length' | 'stopped' | 'failed' | 'partial';
	promptTokens: number | null;
	completionTokens: number | null;
	prefillTokensPerSecond: number | null;
	decodeTokensPerSecond: number | null;
	timeToFirstTokenMs: number | null;
	thinkingMs?: number;
	/** It was asked for as JSON, and is no Markdown. */
	json?: true;
}

/** What another program did on the way to an answer: shown folded, never sent. */
export interface Aside {
	kind: 'tool' | 'code' | 'other';
	title: string;
	/** Markdown. */
	text: string;
}

export const ASIDE_NAMES: Readonly<Record<Aside['kind'], string>> = {
	tool: 'Tool',
	code: 'Code',
	other: 'Other'
};

export interface Message {
	id: string;
	/** null: begins the conversation. May name a removed message: ask `parentOf`. */
	parent: string | null;
	role: Role;
	text: string;
	createdAt: number;
	/** When the text last changed; absent: never. Decides between two copies of a message. */
	updatedAt?: number;
	thinking?: string;
	asides?: Aside[];
	images?: ImagePart[];
	answer?: AnswerInfo;
	/** Shown, but no longer sent: the window was full. */
	leftOut?: true;
	/** Of an answer, by a person. */
	rating?: Rating;
}

/** What is left of a removed message: its children still find their way up, and a second tab cannot bring it back. */
export interface Tombstone {
	id: string;
	parent: string | null;
	at: number;
}

export interface Conversation {
	version: 2;
	id: string;
	/** Empty until the first message names it. */
	title: string;
	createdAt: number;
	/** Grows with every change, and is never less than any time inside. */
	updatedAt: number;
	pinned: boolean;
	system: string;
	presetId?: string;
	sampling: Partial<Sampling>;
	/** What automatic choices of the model obey; absent: the settings. */
	wish?: Wish;
	/** Every branch: a tree by `parent`. */
	messages: Message[];
	/** The last message of the branch that is shown; it has no children. */
	leaf: string | null;
	/** Where siblings differ: those last shown, if they are not the newest. */
	chosen: string[];
	removed: Tombstone[];
	/** When each setting was last changed; of two copies the later one counts. Absent: never. */
	setAt: Partial<Record<Setting, number>>;
}

/** `system` includes `presetId`, `leaf` includes `chosen`. */
export type Setting = 'title' | 'pinned' | 'system' | 'sampling' | 'wish' | 'leaf';

export type NewMessage = Pick<Message, 'role' | 'text'> &
	Partial<Pick<Message, 'id' | 'parent' | 'thinking' | 'images' | 'answer'>>;

export const MAX_TITLE_CHARS = 60;

export function create(
	from: Partial<Pick<Conversation, 'id' | 'title' | 'system' | 'presetId' | 'sampling'>> = {},
	now = Date.now()
): Conversation {
	return {
		version: 2,
		id: uuid(),
		title: '',
		createdAt: now,
		updatedAt: now,
		pinned: false,
		system: '',
		sampling: {},
		messages: [],
		leaf: null,
		chosen: [],
		removed: [],
		setAt: {},
		...from
	};
}

/** Adds a message below `parent` (or below what is shown) and shows it. The first question titles the conversation. */
export function append(
	conversation: Conversation,
	{ id = uuid(), parent = conversation.leaf, ...rest }: NewMessage,
	now = Date.now()
): Conversation {
	const kept = parent === conversation.leaf ? conversation : remember(conversation);
	const at = stamp(conversation, now);
	const appended: Conversation = {
		...kept,
		updatedAt: at,
		messages: [...kept.messages, { id, parent, ...rest, createdAt: at }],
		leaf: id,
		setAt: { ...kept.setAt, leaf: at }
	};
	return kept.title === '' && rest.role === 'user'
		? { ...appended, title: titleOf(rest.text), setAt: { ...appended.setAt, title: at } }
		: appended;
}

/**
 * Adds an answer to a question. Questions asked directly below it, before it was answered, move below the answer. What
 * is shown follows the answer, unless a branch is shown that does not lead to it, or that goes on with another question.
 */
export function appendAnswer(
	conversation: Conversation,
	questionId: string | null,
	message: Omit<NewMessage, 'role' | 'parent'>,
	now = Date.now()
): Conversation {
	const shown = path(conversation);
	const answered = append(conversation, { ...message, role: 'assistant', parent: questionId }, now);
	const { leaf: parent, updatedAt } = answered;
	const moved = new Set(
		questionId === null
			? []
			: children(conversation, questionId).flatMap(({ id, role }) => (role === 'user' ? [id] : []))
	);
	const messages = answered.messages.map((each) =>
		moved.has(each.id) ? { ...each, parent, updatedAt } : each
	);
	const last = shown.at(-1);
	const follows =
		(questionId === null || shown.some(({ id }) => id === questionId)) &&
		(last?.id === questionId || last?.role !== 'user') &&
		!shown.some(({ id }) => moved.has(id));
	return follows
		? { ...answered, messages }
		: { ...answered, messages, leaf: conversation.leaf, chosen: conversation.chosen };
}

/** Rewrites a message in place: an answer that grows or is continued. To edit, see `editAndBranch`. */
export function replaceText(
	conversation: Conversation,
	messageId: string,
	text: string,
	more: Pick<Message, 'thinking' | 'answer'> = {},
	now = Date.now()
): Conversation {
	const at = stamp(conversation, now);
	return {
		...conversation,
		updatedAt: at,
		messages: conversation.messages.map((message) =>
			message.id === messageId ? { ...message, text, ...more, updatedAt: at } : message
		)
	};
}

/** The edited text as a sibling of the message, shown; the old branch stays. */
export function editAndBranch(
	conversation: Conversation,
	messageId: string,
	text: string,
	images?: ImagePart[],
	now = Date.now()
): Conversation {
	const old = find(conversation, messageId);
	if (!old) return conversation;
	const kept = images ?? old.images;
	return append(
		conversation,
		{
			role: old.role,
			text,
			parent: parentOf(conversation, messageId),
			...(kept && { images: kept })
		},
		now
	);
}

/** Marks messages as no longer sent, or as sent again; they stay where they are. */
export function leaveOut(
	conversation: Conversation,
	messageIds: readonly string[],
	out = true,
	now = Date.now()
): Conversation {
	const at = stamp(conversation, now);
	const named = new Set(messageIds);
	return {
		...conversation,
		updatedAt: at,
		messages: conversation.messages.map((message) => {
			if (!named.has(message.id) || (message.leftOut ?? false) === out) return message;
			const marked: Message = { ...message, updatedAt: at };
			if (out) marked.leftOut = true;
			else delete marked.leftOut;
			return marked;
		})
	};
}

/** Root to leaf: what is shown. */
export function path(conversation: Conversation): Message[] {
	const { byId, parent } = treeOf(conversation);
	const line: Message[] = [];
	for (let id = conversation.leaf; id !== null; id = parent.get(id) ?? null) {
		const message = byId.get(id);
		if (!message) break;
		line.push(message);
	}
	return line.reverse();
}

/** The message and its alternatives, oldest first. */
export function siblings(conversation: Conversation, messageId: string): Message[] {
	const tree = treeOf(conversation);
	return tree.byId.has(messageId) ? childrenIn(tree, tree.parent.get(messageId) ?? null) : [];
}

export function children(conversation: Conversation, parent: string | null): Message[] {
	return childrenIn(treeOf(conversation), parent);
}

export function parentOf(conversation: Conversation, messageId: string): string | null {
	return treeOf(conversation).parent.get(messageId) ?? null;
}

export function find(conversation: Conversation, messageId: string): Message | undefined {
	return treeOf(conversation).byId.get(messageId);
}

/** Shows the branch of any message, below it the line shown last, or else the newest. */
export function switchTo(
	conversation: Conversation,
	messageId: string,
	now = Date.now()
): Conversation {
	if (!find(conversation, messageId)) return conversation;
	const remembered = remember(conversation);
	return set(remembered, 'leaf', { leaf: leafBelow(remembered, messageId) }, now);
}

/**
 * Takes out a question with all its answers (given the id of either). What followed moves up to what came before.
 * `restoreTurn` undoes it.
 */
export function removeTurn(
	conversation: Conversation,
	messageId: string,
	now = Date.now()
): Conversation {
	const message = find(conversation, messageId);
	if (!message) return conversation;
	const above = parentOf(conversation, messageId);
	const asked =
		message.role === 'user' ? message : above === null ? undefined : find(conversation, above);
	const turn =
		asked?.role === 'user'
			? [asked, ...children(conversation, asked.id).filter(({ role }) => role === 'assistant')]
			: [message];
	const at = stamp(conversation, now);
	const gone = new Set(turn.map(({ id }) => id));
	const rest: Conversation = {
		...conversation,
		updatedAt: at,
		messages: conversation.messages.filter(({ id }) => !gone.has(id)),
		chosen: conversation.chosen.filter((id) => !gone.has(id)),
		removed: stonesInOrder([
			...conversation.removed,
			...turn.map(({ id, parent }) => ({ id, parent, at }))
		]),
		setAt: { ...conversation.setAt, leaf: at }
	};
	const shown = path(conversation).filter(({ id }) => !gone.has(id));
	return { ...rest, leaf: leafBelow(rest, shown.at(-1)?.id ?? null) };
}

/** Brings back what `removeTurn` took out of `before`. */
export function restoreTurn(
	conversation: Conversation,
	before: Conversation,
	now = Date.now()
): Conversation {
	const at = stamp(conversation, now);
	const gone = new Set(conversation.removed.map(({ id }) => id));
	const back = before.messages.filter(({ id }) => gone.has(id));
	if (back.length === 0) return conversation;
	const ids = new Set(back.map(({ id }) => id));
	const restored: Conversation = {
		...conversation,
		updatedAt: at,
		// Newer than the tombstone, or a second tab would remove it again.
		messages: inOrder([
			...conversation.messages,
			...back.map((message) => ({ ...message, updatedAt: at }))
		]),
		removed: conversation.removed.filter(({ id }) => !ids.has(id)),
		setAt: { ...conversation.setAt, leaf: at }
	};
	return { ...restored, leaf: leafBelow(restored, before.leaf) };
}

export function rename(conversation: Conversation, title: string, now = Date.now()): Conversation {
	const clean = title.trim();
	return clean === '' ? conversation : set(conversation, 'title', { title: clean }, now);
}

export function pin(conversation: Conversation, pinned: boolean, now = Date.now()): Conversation {
	return set(conversation, 'pinned', { pinned }, now);
}

export function tune(
	conversation: Conversation,
	sampling: Partial<Sampling>,
	now = Date.now()
): Conversation {
	return set(conversation, 'sampling', { sampling }, now);
}

/** A line that fits the list: the first line with words in it, without Markdown's marks. */
export function titleOf(text: string): string {
	const line =
		text
			.slice(0, 4000)
			.split('\n')
			.map((each) =>
				each
					.replace(/^[\s#>*+`~-]+/, '')
					.replace(/[*`]+/g, '')
					.replace(/\s+/g, ' ')
					.trim()
			)
			.find((each) => /[\p{L}\p{N}]/u.test(each)) ?? '';
	const characters = [...line];
	if (characters.length <= MAX_TITLE_CHARS) return line;
	const cut = characters.slice(0, MAX_TITLE_CHARS - 1).join('');
	const lastSpace = cut.lastIndexOf(' ');
	return `${(lastSpace > MAX_TITLE_CHARS / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}

/** Notes the line shown now, where it is not the one that would be shown anyway. */
function remember(conversation: Conversation): Conversation {
	const tree = treeOf(conversation);
	const chosen = new Set(conversation.chosen);
	for (const { id } of path(conversation)) {
		const group = childrenIn(tree, tree.parent.get(id) ?? null);
		for (const sibling of group) chosen.delete(sibling.id);
		if (group.at(-1)?.id !== id) chosen.add(id);
	}
	return { ...conversation, chosen: [...chosen] };
}

function set(
	conversation: Conversation,
	setting: Setting,
	change: Partial<Conversation>,
	now: number
): Conversation {
	const at = stamp(conversation, now);
	const setAt = { ...conversation.setAt, [setting]: at };
	return { ...conversation, ...change, updatedAt: at, setAt };
}

/** Later than everything inside, so that order never depends on the clock. */
export function stamp(conversation: Conversation, now: number): number {
	return Math.max(now, conversation.updatedAt + 1);
}
