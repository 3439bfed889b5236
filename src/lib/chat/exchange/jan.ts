import { isRecord } from '../../kit/restore.ts';
import type { Aside } from '../conversation.ts';
import { toolAside } from './asides.ts';
import {
	answerFrom,
	contentFrom,
	idFrom,
	listOf,
	partedFrom,
	recordsIn,
	textFrom,
	timeFrom,
	type Draft,
	type ForeignFormat,
	type Raw
} from './foreign.ts';
import { draftOf, type Turn } from './turns.ts';

/**
 * Jan keeps each chat in a folder of its own: `thread.json`, and `messages.jsonl` with one message a line, in the form of
 * OpenAI's threads. Read are the lines alone, and a ZIP of such folders.
 * https://github.com/janhq/jan, core/src/types/thread and message; branches: web-app/src/lib/message-branching.ts
 */
export const jan: ForeignFormat = {
	name: 'Jan',
	recognizes: (file) => isMessage(file) || listOf(file).some(isMessage) || isThread(file),
	read(file) {
		if (isThread(file)) return [threadOf(file.thread, listOf(file.messages))];
		const lines = Array.isArray(file) ? (file as unknown[]) : [file];
		const byThread = new Map<unknown, unknown[]>();
		for (const line of lines) {
			const thread = isRecord(line) ? line.thread_id : undefined;
			const group = byThread.get(thread);
			if (group) group.push(line);
			else byThread.set(thread, [line]);
		}
		return [...byThread].map(([id, messages]) => threadOf({ id }, messages));
	}
};

/** A folder's two files as one. */
export interface JanThread {
	thread: Raw;
	messages: unknown[];
}

function isThread(file: unknown): file is JanThread {
	return isRecord(file) && isRecord(file.thread) && Array.isArray(file.messages);
}

function isMessage(line: unknown): line is Raw {
	return isRecord(line) && line.object === 'thread.message';
}

function threadOf(thread: Raw, messages: unknown[]): Draft {
	const assistant = recordsIn(thread.assistants)[0] ?? {};
	const model = isRecord(assistant.model) ? assistant.model.id : undefined;
	const turns = linked(messages).map((message) => turnOf(message, model));
	const active = isRecord(thread.metadata) ? thread.metadata.activeRootId : undefined;
	return draftOf({
		id: idFrom(thread.id),
		title: thread.title,
		createdAt: timeFrom(thread.created),
		updatedAt: timeFrom(thread.updated),
		systems: [
			...recordsIn(messages)
				.filter(({ role }) => role === 'system')
				.map(({ content }) => contentFrom(content).text),
			assistant.instructions
		],
		turns,
		leaf: leafOf(messages, turns, idFrom(active))
	});
}

interface Linked {
	id: string;
	parent: string | null;
	message: unknown;
}

/** Threads without branches name no parents: each follows the one before. */
function linked(messages: readonly unknown[]): Linked[] {
	const metadataOf = (message: unknown) =>
		isRecord(message) && isRecord(message.metadata) ? message.metadata : {};
	let before: string | null = null;
	return inTime(messages).map((message, index) => {
		const id = (isRecord(message) ? idFrom(message.id) : undefined) ?? `#${index}`;
		const { parentId } = metadataOf(message);
		const parent = parentId === undefined ? before : (idFrom(parentId) ?? null);
		before = id;
		return { id, parent, message };
	});
}

/** The lines of older versions begin with the latest. */
function inTime(messages: readonly unknown[]): unknown[] {
	const times = messages.map((each) => (isRecord(each) ? timeFrom(each.created_at) : undefined));
	if (times.includes(undefined)) return [...messages];
	return messages
		.map((message, index) => ({ message, at: times[index] ?? 0 }))
		.sort((a, b) => a.at - b.at)
		.map(({ message }) => message);
}

/** The branch on show: the active child of each, or else the newest. */
function leafOf(messages: readonly unknown[], turns: readonly Turn[], root: string | undefined) {
	const active = new Map(
		recordsIn(messages).map(({ id, metadata }) => [
			idFrom(id),
			isRecord(metadata) ? idFrom(metadata.activeChildId) : undefined
		])
	);
	const newest = new Map<string | null, string>();
	for (const { id, parent } of turns) newest.set(parent, id);
	const passed = new Set<string>();
	let leaf = root ?? newest.get(null);
	while (leaf !== undefined && !passed.has(leaf)) {
		passed.add(leaf);
		const next: string | undefined = active.get(leaf) ?? newest.get(leaf);
		if (next === undefined) break;
		leaf = next;
	}
	return leaf;
}

function turnOf({ id, parent, message }: Linked, threadModel: unknown): Turn {
	if (!isRecord(message)) return { id, parent, role: 'unreadable' };
	const { role } = message;
	if (role === 'system') return { id, parent, role: 'skip' };
	const createdAt = timeFrom(message.created_at);
	const { text, images } = contentFrom(message.content);
	const parts = recordsIn(message.content);
	if (role === 'tool')
		return { id, parent, role: 'fold', createdAt, asides: [toolAside('result', null, text)] };
	const reasoning = contentFrom(
		parts.filter(({ type }) => type === 'reasoning').map(({ text }) => ({ type: 'text', text }))
	).text;
	const parted = partedFrom(role, text);
	const thinking = [reasoning, parted.thinking].filter(
		(each): each is string => typeof each === 'string' && each !== ''
	);
	const metadata = isRecord(message.metadata) ? message.metadata : {};
	const speed = isRecord(metadata.tokenSpeed) ? metadata.tokenSpeed.tokenSpeed : undefined;
	return {
		id,
		parent,
		role,
		text: parted.text,
		createdAt,
		thinking: thinking.join('\n\n'),
		asides: [...callsIn(parts), ...(parted.asides ?? [])],
		images,
		...answerFrom(role, textFrom(metadata.modelId, metadata.model, threadModel), {
			decodeTokensPerSecond: speed ?? null
		})
	};
}

function callsIn(parts: readonly Raw[]): Aside[] {
	return parts
		.filter(({ type }) => type === 'tool_call')
		.map(({ tool_name: name, input, output }) => toolAside(name, input, output));
}
