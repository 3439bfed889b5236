import { isRecord } from '../../kit/restore.ts';
import { toolAside, toolCallsFrom } from './asides.ts';
import {
	answerFrom,
	contentFrom,
	idFrom,
	listOf,
	partedFrom,
	recordsIn,
	textFrom,
	timeFrom,
	UNUSABLE,
	type Draft,
	type ForeignFormat,
	type Raw
} from './foreign.ts';
import { draftOf, inLine, type Turn } from './turns.ts';

/**
 * What most programs can write: a list of `{ role, content }` as OpenAI's chat completions take it, alone, as JSON lines,
 * or as `messages` of an object, one or a list.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export const messageList: ForeignFormat = {
	name: 'a list of messages',
	recognizes: (file) => isConversation(file) || isChat(file) || listOf(file).some(isChat),
	read(file) {
		if (isConversation(file)) return [chatOf({ messages: file })];
		return (Array.isArray(file) ? (file as unknown[]) : [file]).map(chatOf);
	}
};

const ROLES: Readonly<Partial<Record<string, Turn['role']>>> = {
	user: 'user',
	human: 'user',
	assistant: 'assistant',
	model: 'assistant',
	ai: 'assistant',
	bot: 'assistant',
	system: 'skip',
	developer: 'skip',
	tool: 'fold',
	function: 'fold'
};

function roleOf(message: Raw): unknown {
	const { role } = message;
	return typeof role === 'string' && Object.hasOwn(ROLES, role) ? ROLES[role] : role;
}

function isMessage(message: unknown): message is Raw {
	return isRecord(message) && typeof message.role === 'string' && 'content' in message;
}

function isConversation(value: unknown): value is unknown[] {
	const messages = listOf(value).filter(isMessage);
	return messages.some((each) => ['user', 'assistant'].includes(roleOf(each) as string));
}

function isChat(entry: unknown): entry is Raw & { messages: unknown[] } {
	return isRecord(entry) && isConversation(entry.messages);
}

function chatOf(entry: unknown): Draft {
	if (!isChat(entry)) return UNUSABLE;
	const { messages } = entry;
	const id = idFrom(entry.id);
	return draftOf({
		id,
		title: textFrom(entry.title, entry.name, entry.topic),
		createdAt: timeFrom(entry.created_at ?? entry.createdAt ?? entry.create_time),
		updatedAt: timeFrom(entry.updated_at ?? entry.updatedAt),
		systems: [
			entry.system,
			...recordsIn(messages)
				.filter((each) => roleOf(each) === 'skip')
				.map(({ content }) => contentFrom(content).text)
		],
		turns: inLine(
			messages.map((message) =>
				isRecord(message) ? turnOf(message, entry.model) : { role: 'unreadable' }
			),
			id ?? ''
		)
	});
}

function turnOf(message: Raw, model: unknown): Omit<Turn, 'id' | 'parent'> {
	const role = roleOf(message);
	const createdAt = timeFrom(message.timestamp ?? message.created_at ?? message.createdAt);
	const { text, images } = contentFrom(message.content);
	if (role === 'fold')
		return { role, createdAt, asides: [toolAside(message.name ?? 'result', null, text)] };
	// An answer that only calls a tool has null for its words.
	const parted = partedFrom(role, text ?? (message.tool_calls ? '' : text));
	const asides = [...(parted.asides ?? []), ...toolCallsFrom(message.tool_calls)];
	const thinking = textFrom(
		message.reasoning_content,
		message.reasoning,
		message.thinking,
		parted.thinking
	);
	return {
		role: role === 'assistant' && parted.text === '' && asides.length > 0 ? 'fold' : role,
		text: parted.text,
		createdAt,
		...(thinking !== undefined && { thinking }),
		asides,
		images,
		...answerFrom(role, message.model ?? model)
	};
}
