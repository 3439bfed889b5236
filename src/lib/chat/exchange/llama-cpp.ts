import { isRecord } from '../../kit/restore.ts';
import { toolAside, toolCallsFrom } from './asides.ts';
import {
	answerFrom,
	contentFrom,
	entriesOf,
	idFrom,
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
import { draftOf, type Turn } from './turns.ts';

/**
 * The web UI of llama.cpp's server. Until mid 2026 `{ conv, messages }`, one or a list; since then JSON lines, a session
 * `{ type: 'session', harness, ...conv }` followed by `{ type: 'message', message }`, and ZIPs of those. Below an empty
 * root message a tree by `parent`; older versions number their messages; an export of the open chat has neither root
 * nor branches. https://github.com/ggml-org/llama.cpp, tools/server/webui, conversations store and database types
 */
export const llamaCpp: ForeignFormat = {
	name: 'llama.cpp',
	recognizes: (file) => entriesOf(file).some((each) => isEntry(each) || isSession(each)),
	read: (file) => chatsIn(entriesOf(file)).map(chatOf)
};

interface Entry {
	conv: Raw;
	messages: unknown[];
}

function isEntry(entry: unknown): entry is Entry {
	return isRecord(entry) && isRecord(entry.conv) && Array.isArray(entry.messages);
}

function isSession(line: unknown): line is Raw {
	return isRecord(line) && line.type === 'session' && typeof line.harness === 'string';
}

/** Lines of other types are for later versions. */
function chatsIn(entries: unknown[]): unknown[] {
	const chats: unknown[] = [];
	let session: Entry | null = null;
	for (const entry of entries) {
		if (isSession(entry)) {
			session = { conv: entry, messages: [] };
			chats.push(session);
		} else if (!session) chats.push(entry);
		else if (isRecord(entry) && entry.type === 'message') session.messages.push(entry.message);
	}
	return chats;
}

function chatOf(entry: unknown): Draft {
	if (!isEntry(entry)) return UNUSABLE;
	const { conv, messages } = entry;
	const left: LeftOut[] = [];
	const tools = toolNames(messages);
	return draftOf({
		id: idFrom(conv.id),
		title: conv.name,
		updatedAt: timeFrom(conv.lastModified),
		pinned: conv.pinned === true,
		systems: recordsIn(messages)
			.filter(({ role }) => role === 'system')
			.map(({ content }) => content),
		turns: messages.map((message, index) =>
			isRecord(message)
				? turnOf(message, index, tools, left)
				: { id: `#${index}`, parent: null, role: 'unreadable' }
		),
		leaf: idFrom(conv.currNode),
		left
	});
}

/** By the id of the call. */
function toolNames(messages: unknown[]): Map<string, string> {
	return new Map(
		recordsIn(messages).flatMap(({ toolCalls }) =>
			recordsIn(toolCalls).flatMap((call): [string, string][] => {
				const { name } = isRecord(call.function) ? call.function : call;
				const id = idFrom(call.id);
				return id !== undefined && typeof name === 'string' ? [[id, name]] : [];
			})
		)
	);
}

/** Some versions give the first message -1 or '' for a parent. */
function parentFrom(parent: unknown): string | null {
	const id = idFrom(parent);
	return id === undefined || id === '-1' ? null : id;
}

function turnOf(message: Raw, index: number, tools: Map<string, string>, left: LeftOut[]): Turn {
	const { role } = message;
	const place = { id: idFrom(message.id) ?? `#${index}`, parent: parentFrom(message.parent) };
	if (message.type === 'root' || role === 'system') return { ...place, role: 'skip' };
	const createdAt = timeFrom(message.timestamp);
	const content = contentFrom(message.content);
	if (role === 'tool') {
		const name = tools.get(idFrom(message.toolCallId) ?? '') ?? 'result';
		const asides = [toolAside(name, null, content.text)];
		return { ...place, role: 'fold', createdAt, asides };
	}
	const { images, files, others } = attached(message.extra);
	left.push(part('attached files that are neither text nor images', others));
	const parted = partedFrom(role, content.text);
	const thinking = textFrom(message.reasoningContent, message.thinking, parted.thinking);
	const asides = [...(parted.asides ?? []), ...toolCallsFrom(message.toolCalls)];
	const calls = role === 'assistant' && parted.text === '' && asides.length > 0;
	return {
		...place,
		role: calls ? 'fold' : role,
		text: typeof parted.text === 'string' ? parted.text + files : parted.text,
		createdAt,
		...(thinking !== undefined && { thinking }),
		asides,
		images: [...content.images, ...images],
		...answerFrom(role, message.model, figuresOf(message.timings))
	};
}

/** Text files were part of what the model was asked. */
function attached(extra: unknown) {
	const all = recordsIn(extra);
	const pictures = all.filter(({ type }) => type === 'IMAGE' || type === 'imageFile');
	const texts = all.filter((each) => !pictures.includes(each) && typeof each.content === 'string');
	return {
		images: pictures.map(({ base64Url, name }) => ({
			url: base64Url,
			...(typeof name === 'string' && { name })
		})),
		files: texts.map(({ name, content }) => `\n\n${String(name)}:\n\n${String(content)}`).join(''),
		others: all.length - pictures.length - texts.length
	};
}

/** Counts and milliseconds, as the server reports them. */
function figuresOf(timings: unknown): Raw {
	if (!isRecord(timings)) return {};
	const perSecond = (tokens: unknown, ms: unknown) =>
		typeof tokens === 'number' && typeof ms === 'number' ? (tokens / ms) * 1000 : null;
	return {
		promptTokens: timings.prompt_n ?? null,
		completionTokens: timings.predicted_n ?? null,
		prefillTokensPerSecond: perSecond(timings.prompt_n, timings.prompt_ms),
		decodeTokensPerSecond: perSecond(timings.predicted_n, timings.predicted_ms)
	};
}
