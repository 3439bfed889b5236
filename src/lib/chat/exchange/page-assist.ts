import { isRecord } from '../../kit/restore.ts';
import {
	answerFrom,
	idFrom,
	listOf,
	part,
	partedFrom,
	recordsIn,
	timeFrom,
	UNUSABLE,
	type Draft,
	type ForeignFormat,
	type LeftOut,
	type Raw
} from './foreign.ts';
import { draftOf, inLine, type Turn } from './turns.ts';

/**
 * Page Assist's backup: `chat` is a list of `{ history, messages }` beside knowledge, prompts and settings, which stay
 * where they are. https://github.com/n4ze3m/page-assist, src/libs/export-import.ts and src/db/dexie/types.ts
 */
export const pageAssist: ForeignFormat = {
	name: 'Page Assist',
	recognizes: (file) => chatsIn(file).some(isChat),
	read: (file) => chatsIn(file).map(chatOf)
};

function chatsIn(file: unknown): unknown[] {
	return isRecord(file) ? listOf(file.chat) : listOf(file);
}

function isChat(entry: unknown): entry is { history: Raw; messages: unknown[] } {
	// Open WebUI's history holds messages of its own.
	if (!isRecord(entry) || !isRecord(entry.history) || 'messages' in entry.history) return false;
	return Array.isArray(entry.messages);
}

function chatOf(entry: unknown): Draft {
	if (!isChat(entry)) return UNUSABLE;
	const { history, messages } = entry;
	const left: LeftOut[] = [];
	const id = idFrom(history.id) ?? '';
	// They come out of the database by their ids.
	const inTime = messages.toSorted((a, b) => timeOf(a) - timeOf(b));
	const prompt = isRecord(history.last_used_prompt) ? history.last_used_prompt : {};
	return draftOf({
		...(id !== '' && { id }),
		title: history.title,
		createdAt: timeFrom(history.createdAt),
		pinned: history.is_pinned === true,
		systems: [
			...recordsIn(messages)
				.filter(({ role }) => role === 'system')
				.map(({ content }) => content),
			prompt.prompt_content
		],
		turns: inLine(
			inTime.map((message) =>
				isRecord(message) ? turnOf(message, history.model_id, left) : { role: 'unreadable' }
			),
			id
		),
		left
	});
}

function timeOf(message: unknown): number {
	return (isRecord(message) ? timeFrom(message.createdAt) : undefined) ?? 0;
}

function turnOf(message: Raw, model: unknown, left: LeftOut[]): Omit<Turn, 'id' | 'parent'> {
	const { role } = message;
	if (role === 'system') return { role: 'skip' };
	const { asides, thinking, text } = partedFrom(role, message.content);
	const pictures = listOf(message.images).filter((url) => url !== '');
	const documents = listOf(message.documents).length;
	left.push(part('attached documents', documents));
	const seconds = message.reasoning_time_taken;
	return {
		role,
		text,
		createdAt: timeFrom(message.createdAt),
		...(thinking !== undefined && { thinking }),
		asides: asides ?? [],
		images: pictures.map((url) => ({ url })),
		...answerFrom(role, message.modelName ?? message.name ?? model, {
			...figuresOf(message.generationInfo),
			...(typeof seconds === 'number' && seconds > 0 && { thinkingMs: seconds })
		})
	};
}

/** As Ollama reports them: counts and nanoseconds. */
function figuresOf(info: unknown): Raw {
	if (!isRecord(info)) return {};
	const perSecond = (tokens: unknown, ns: unknown) =>
		typeof tokens === 'number' && typeof ns === 'number' ? (tokens / ns) * 1e9 : null;
	return {
		promptTokens: info.prompt_eval_count ?? null,
		completionTokens: info.eval_count ?? null,
		prefillTokensPerSecond: perSecond(info.prompt_eval_count, info.prompt_eval_duration),
		decodeTokensPerSecond: perSecond(info.eval_count, info.eval_duration)
	};
}
