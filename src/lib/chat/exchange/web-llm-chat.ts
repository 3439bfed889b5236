import { isRecord } from '../../kit/restore.ts';
import {
	answerFrom,
	contentFrom,
	idFrom,
	listOf,
	partedFrom,
	recordsIn,
	timeFrom,
	UNUSABLE,
	type Draft,
	type ForeignFormat,
	type Raw
} from './foreign.ts';
import { draftOf, inLine, type Turn } from './turns.ts';

/**
 * web-llm-chat and others of the NextChat family: the whole store (`sessions`, at the top or below the store's name),
 * one session, or the export of one chat: `{ messages: [{ role, content }] }`, whose first message is a system prompt
 * that the exporter made up from the topic. https://github.com/mlc-ai/web-llm-chat, app/store/chat.ts, app/components/exporter.tsx
 */
export const webLlmChat: ForeignFormat = {
	name: 'web-llm-chat',
	recognizes: (file) => sessionsOf(file) !== null,
	read: (file) => (sessionsOf(file) ?? []).map(sessionOf)
};

function sessionsOf(file: unknown): unknown[] | null {
	if (!isRecord(file)) return null;
	for (const store of [file, file.state, ...Object.values(file)]) {
		if (!isRecord(store)) continue;
		if (Array.isArray(store.sessions)) return store.sessions as unknown[];
		if (isRecord(store.state) && Array.isArray(store.state.sessions))
			return store.state.sessions as unknown[];
	}
	// Any other `{ messages }` is a list of messages.
	const made =
		'mask' in file || 'template' in file || MADE_UP_SYSTEM.test(firstSystem(file.messages));
	return made && Array.isArray(file.messages) ? [file] : null;
}

function firstSystem(messages: unknown): string {
	const first = recordsIn(messages)[0];
	return first?.role === 'system' && typeof first.content === 'string' ? first.content : '';
}

/** The English exporter's; in other languages it stays a system prompt. */
const MADE_UP_SYSTEM = /^You are an assistant that (.*)$/s;

function sessionOf(session: unknown): Draft {
	if (!isRecord(session) || !Array.isArray(session.messages)) return UNUSABLE;
	const id = idFrom(session.id);
	const updatedAt = timeFrom(session.lastUpdate);
	const template = isRecord(session.template) ? session.template : session.mask;
	const context = isRecord(template) ? listOf(template.context) : [];
	const said = [...context, ...(session.messages as unknown[])];
	const instructions = recordsIn(said).flatMap(({ role, content }) =>
		role === 'system' && typeof content === 'string' ? [content] : []
	);
	const topic = 'topic' in session ? null : MADE_UP_SYSTEM.exec(instructions[0] ?? '');
	const modelOf = isRecord(template) && isRecord(template.modelConfig) ? template.modelConfig : {};
	const turns = said
		.filter((message) => !(isRecord(message) && message.role === 'system'))
		.map((message) =>
			isRecord(message) ? turnOf(message, modelOf.model) : { role: 'unreadable' }
		);
	return draftOf({
		id,
		title: topic?.[1] ?? session.topic,
		updatedAt,
		// Several stand one after the other: a person's own behind the program's.
		systems: [instructions.slice(topic ? 1 : 0).join('\n\n')],
		// Position, not their id: two messages of theirs may share one.
		turns: inLine(inSequence(turns, updatedAt ?? 0), id ?? '')
	});
}

function turnOf(message: Raw, model: unknown): Omit<Turn, 'id' | 'parent'> {
	const { role } = message;
	const content = contentFrom(message.content);
	const { text, thinking, asides } = partedFrom(role, content.text);
	const usage = isRecord(message.usage) ? message.usage : {};
	const extra = isRecord(usage.extra) ? usage.extra : {};
	return {
		role,
		text,
		createdAt: timeFrom(message.date),
		...(thinking !== undefined && { thinking }),
		asides: asides ?? [],
		images: content.images,
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
function inSequence<T extends { createdAt?: number | undefined }>(
	line: T[],
	fallback: number
): T[] {
	let last = 0;
	return line.map((turn) => {
		last = Math.max(turn.createdAt ?? fallback, last + 1);
		return { ...turn, createdAt: last };
	});
}
