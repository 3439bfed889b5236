import { uuid } from '../uuid.ts';
import { isRecord } from '../../storage/restore.ts';
import {
	answerFrom,
	contentFrom,
	idFrom,
	thinkingFrom,
	timeFrom,
	type Draft,
	type ForeignFormat
} from './foreign.ts';

type Raw = Record<string, unknown>;

/**
 * web-llm-chat and others of the NextChat family: the whole store (`sessions`, at the top or below the store's name),
 * one session, or the export of one chat: `{ messages: [{ role, content }] }`, whose first message is a system prompt
 * that the exporter made up from the topic. https://github.com/mlc-ai/web-llm-chat, app/store/chat.ts, app/components/exporter.tsx
 */
export const webLlmChat: ForeignFormat = {
	name: 'web-llm-chat',
	recognizes: (file) => sessionsOf(file) !== null,
	read: (file) => (sessionsOf(file) ?? []).map(draftOf)
};

function sessionsOf(file: unknown): unknown[] | null {
	if (!isRecord(file)) return null;
	for (const store of [file, file.state, ...Object.values(file)]) {
		if (!isRecord(store)) continue;
		if (Array.isArray(store.sessions)) return store.sessions as unknown[];
		if (isRecord(store.state) && Array.isArray(store.state.sessions))
			return store.state.sessions as unknown[];
	}
	return Array.isArray(file.messages) && file.messages.some(isMessage) ? [file] : null;
}

function isMessage(message: unknown): message is Raw {
	return isRecord(message) && typeof message.role === 'string' && 'content' in message;
}

/** The English exporter's; in other languages it stays a system prompt. */
const MADE_UP_SYSTEM = /^You are an assistant that (.*)$/s;

function draftOf(session: unknown): Draft {
	if (!isRecord(session) || !Array.isArray(session.messages)) {
		return { record: { version: 1 }, left: [] };
	}
	const id = idFrom(session.id) ?? uuid();
	const updatedAt = timeFrom(session.lastUpdate);
	const template = isRecord(session.template) ? session.template : session.mask;
	const context =
		isRecord(template) && Array.isArray(template.context) ? (template.context as unknown[]) : [];
	const said = [...context, ...(session.messages as unknown[])];
	const instructions = said
		.filter(isRecord)
		.flatMap(({ role, content }) =>
			role === 'system' && typeof content === 'string' ? [content] : []
		);
	const topic = 'topic' in session ? null : MADE_UP_SYSTEM.exec(instructions[0] ?? '');
	const system = instructions.slice(topic ? 1 : 0).join('\n\n');
	const messages = said.filter((each) => !(isRecord(each) && each.role === 'system'));
	const modelOf = isRecord(template) && isRecord(template.modelConfig) ? template.modelConfig : {};
	const line = messages.map((message, index) =>
		isRecord(message)
			? messageOf(
					message,
					`${id}-${index}`,
					index === 0 ? null : `${id}-${index - 1}`,
					modelOf.model
				)
			: message
	);
	return {
		record: {
			version: 1,
			id,
			title: topic?.[1] ?? session.topic,
			updatedAt,
			system,
			messages: inSequence(line, updatedAt ?? 0),
			leaf: line.length > 0 ? `${id}-${line.length - 1}` : null
		},
		left: []
	};
}

function messageOf(message: Raw, id: string, parent: string | null, model: unknown) {
	const { role } = message;
	const content = contentFrom(message.content);
	const { text, thinking } = thinkingFrom(role, content.text);
	const usage = isRecord(message.usage) ? message.usage : {};
	const extra = isRecord(usage.extra) ? usage.extra : {};
	return {
		// Position, not their id: two messages of theirs may share one.
		id,
		parent,
		role,
		text,
		createdAt: timeFrom(message.date),
		...(thinking !== undefined && { thinking }),
		...(content.images.length > 0 && { images: content.images }),
		...answerFrom(role, message.model ?? model, {
			finish: message.isError === true ? 'failed' : (message.stopReason ?? 'stop'),
			promptTokens: usage.prompt_tokens ?? null,
			completionTokens: usage.completion_tokens ?? null,
			prefillTokensPerSecond: extra.prefill_tokens_per_s ?? null,
			decodeTokensPerSecond: extra.decode_tokens_per_s ?? null
		})
	};
}

/** Their dates are words in the reader's language, to the second: the order in the list is what counts. */
function inSequence(line: unknown[], fallback: number): unknown[] {
	let last = 0;
	return line.map((message) => {
		if (!isRecord(message)) return message;
		const at = typeof message.createdAt === 'number' ? message.createdAt : fallback;
		last = Math.max(at, last + 1);
		return { ...message, createdAt: last };
	});
}
