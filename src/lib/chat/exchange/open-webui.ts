import { isRecord } from '../../kit/restore.ts';
import {
	answerFrom,
	contentFrom,
	entriesOf,
	idFrom,
	listOf,
	part,
	partedFrom,
	recordsIn,
	textFrom,
	timeFrom,
	UNUSABLE,
	type Draft,
	type ForeignFormat,
	type LeftOut,
	type Raw
} from './foreign.ts';
import { outputFrom } from './open-webui-output.ts';
import { draftOf, type Turn } from './turns.ts';

/**
 * Open WebUI's chat export: a list of rows with `chat.history.messages`, a tree by `parentId`, and `chat.messages`, the
 * branch on show as a list; either may be empty or missing. The legacy form has `history` in the row itself.
 * https://github.com/open-webui/open-webui, src/lib/components/chat/Settings and backend/open_webui/models/chats.py
 */
export const openWebUi: ForeignFormat = {
	name: 'Open WebUI',
	recognizes: (file) => entriesOf(file).some((row) => chatIn(row) !== null),
	read: (file) => entriesOf(file).map(rowOf)
};

function chatIn(row: unknown): Raw | null {
	if (!isRecord(row)) return null;
	const { chat } = row;
	if (isRecord(chat) && (historyOf(chat) || Array.isArray(chat.messages))) return chat;
	return historyOf(row) ? row : null;
}

function historyOf(chat: Raw): (Raw & { messages: Raw }) | null {
	const { history } = chat;
	return isRecord(history) && isRecord(history.messages)
		? (history as Raw & { messages: Raw })
		: null;
}

function rowOf(row: unknown): Draft {
	const chat = chatIn(row);
	if (!isRecord(row) || !chat) return UNUSABLE;
	const history = historyOf(chat);
	const left: LeftOut[] = [];
	const messages = messagesOf(history?.messages ?? {}, listOf(chat.messages));
	const params = isRecord(chat.params) ? chat.params : {};
	const systems = messages
		.map(({ message }) => message)
		.filter(isRecord)
		.filter(({ role }) => role === 'system')
		.map(({ content }) => content);
	return draftOf({
		id: idFrom(row.id),
		title: row.title ?? chat.title,
		createdAt: timeFrom(row.created_at ?? chat.timestamp),
		updatedAt: timeFrom(row.updated_at),
		pinned: row.pinned === true,
		systems: [params.system, chat.system, ...systems],
		turns: messages.map(({ id, parent, message }) =>
			isRecord(message) ? turnOf(message, { id, parent }, left) : { id, parent, role: 'unreadable' }
		),
		leaf: idFrom(history?.currentId) ?? messages.at(-1)?.id,
		left
	});
}

interface Placed {
	id: string;
	parent: string | null;
	message: unknown;
}

/** Those of the tree, and those that only the list has, each below the one before it. */
function messagesOf(tree: Raw, list: readonly unknown[]): Placed[] {
	const placed: Placed[] = Object.entries(tree).map(([key, message]) => ({
		id: (isRecord(message) ? idFrom(message.id) : undefined) ?? key,
		parent: isRecord(message) ? (idFrom(message.parentId) ?? null) : null,
		message
	}));
	const known = new Set(placed.map(({ id }) => id));
	let before: string | null = null;
	list.forEach((message, index) => {
		const own = isRecord(message) ? idFrom(message.id) : undefined;
		const id = own ?? `#${index}`;
		if (!known.has(id)) {
			const parent = isRecord(message) ? idFrom(message.parentId) : undefined;
			placed.push({ id, parent: parent ?? before, message });
			known.add(id);
		}
		before = id;
	});
	return placed;
}

function turnOf(message: Raw, place: { id: string; parent: string | null }, left: LeftOut[]): Turn {
	const { role } = message;
	if (role === 'system') return { ...place, role: 'skip' };
	const content = contentFrom(message.content);
	const files = recordsIn(message.files);
	const pictures = files.filter(isImage);
	const others = files.length - pictures.length;
	left.push(part('attached files that are not images', others));
	const written = partedFrom(role, content.text);
	const output = role === 'assistant' ? outputFrom(message.output) : null;
	const blank = textFrom(written.text) === undefined;
	const thinking = textFrom(written.thinking, output?.thinking);
	const asides = written.asides ?? output?.asides ?? [];
	const usage = isRecord(message.usage) ? message.usage : {};
	return {
		...place,
		role,
		text: blank ? (output?.text ?? written.text ?? '') : written.text,
		createdAt: timeFrom(message.timestamp),
		...(thinking !== undefined && { thinking }),
		asides,
		images: [...content.images, ...pictures.map(({ url }) => ({ url }))],
		...answerFrom(role, message.model, {
			promptTokens: usage.prompt_tokens ?? null,
			completionTokens: usage.completion_tokens ?? null,
			...(written.thinkingMs !== undefined && { thinkingMs: written.thinkingMs })
		})
	};
}

function isImage({ type, content_type: mime }: Raw): boolean {
	return type === 'image' || (typeof mime === 'string' && mime.startsWith('image/'));
}
