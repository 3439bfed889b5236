import { isRecord } from '../../kit/restore.ts';
import type { Aside } from '../conversation.ts';
import { toolAside } from './asides.ts';
import {
	answerFrom,
	entriesOf,
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
import { draftOf, type Turn } from './turns.ts';

/**
 * ChatGPT's data export: `conversations.json` (since 2026 also `conversations-000.json` and so on), a list of
 * conversations whose `mapping` is a tree of nodes by `parent`. No published schema; described in
 * https://github.com/mitkury/chatgpt-export-parser, docs/chatgpt-data-export-format.md. Thoughts, calls of tools and their
 * results are nodes of their own between question and answer.
 */
export const chatGpt: ForeignFormat = {
	name: 'ChatGPT',
	recognizes: (file) => entriesOf(file).some(isChat),
	read: (file) => entriesOf(file).map(chatOf)
};

function isChat(entry: unknown): entry is Raw & { mapping: Raw } {
	return isRecord(entry) && isRecord(entry.mapping);
}

function chatOf(entry: unknown): Draft {
	if (!isChat(entry)) return UNUSABLE;
	const left: LeftOut[] = [];
	const systems: string[] = [];
	return draftOf({
		id: idFrom(entry.conversation_id) ?? idFrom(entry.id),
		title: entry.title,
		createdAt: timeFrom(entry.create_time),
		updatedAt: timeFrom(entry.update_time),
		turns: Object.entries(entry.mapping).map(([id, node]): Turn => {
			const place = { id, parent: isRecord(node) ? (idFrom(node.parent) ?? null) : null };
			const message = isRecord(node) ? node.message : undefined;
			// The root holds none.
			if (message === null || message === undefined) return { ...place, role: 'skip' };
			if (!isRecord(message)) return { ...place, role: 'unreadable' };
			return { ...place, ...turnOf(message, entry.default_model_slug, systems, left) };
		}),
		systems,
		leaf: idFrom(entry.current_node),
		left
	});
}

/** Kinds of content of which an empty one is known to say nothing. */
const SILENT = new Set<unknown>(['text', 'multimodal_text', 'code', 'model_editable_context']);

type Said = Omit<Turn, 'id' | 'parent'>;

function turnOf(message: Raw, model: unknown, systems: string[], left: LeftOut[]): Said {
	const author = isRecord(message.author) ? message.author : {};
	const content = isRecord(message.content) ? message.content : {};
	const metadata = isRecord(message.metadata) ? message.metadata : {};
	const type = content.content_type;
	const createdAt = timeFrom(message.create_time);
	const folded = (more: Partial<Said>): Said => ({ role: 'fold', createdAt, ...more });
	if (type === 'thoughts') return folded({ thinking: thoughtsIn(content) });
	if (type === 'reasoning_recap') return { role: 'skip' };
	const { text, pictures } = saidIn(content);
	if (author.role === 'system' || type === 'user_editable_context') {
		// What OpenAI puts before every conversation is hidden; custom instructions are the person's own.
		const own = typeof content.user_instructions === 'string' ? content.user_instructions : text;
		if (own.trim() !== '' && (type === 'user_editable_context' || !isHidden(metadata)))
			systems.push(own);
		return { role: 'skip' };
	}
	const tools: Aside[] = [];
	if (author.role === 'tool') tools.push(toolAside(author.name, null, text));
	else if (author.role === 'assistant' && isForTool(message))
		tools.push(toolAside(message.recipient, text, null));
	if (tools.length > 0) {
		left.push(part('images, which are other files of the export', pictures));
		return folded({ asides: tools });
	}
	const attachments = listOf(metadata.attachments).length;
	const missing = Math.max(pictures, attachments);
	left.push(part('attached files, which are other files of the export', missing));
	// Before a call the export often has an answer of no words, and memory is one too.
	const said = text !== '' || missing > 0 || !SILENT.has(type);
	if (author.role === 'assistant' && !said) return { role: 'skip' };
	const { asides, thinking, text: answer } = partedFrom(author.role, text);
	return {
		role: author.role,
		text: answer,
		createdAt,
		...(thinking !== undefined && { thinking }),
		asides: asides ?? [],
		...answerFrom(author.role, metadata.model_slug ?? model)
	};
}

function isHidden(metadata: Raw): boolean {
	return metadata.is_visually_hidden_from_conversation === true;
}

function isForTool({ recipient }: Raw): boolean {
	return typeof recipient === 'string' && recipient !== '' && recipient !== 'all';
}

function thoughtsIn(content: Raw): string {
	return recordsIn(content.thoughts)
		.map(({ summary, content: text }) =>
			[typeof summary === 'string' && summary !== '' ? `**${summary}**` : '', text]
				.filter((each) => typeof each === 'string' && each !== '')
				.join('\n\n')
		)
		.filter((each) => each !== '')
		.join('\n\n');
}

/** Texts are parts; pictures are pointers to other files; code, quotations and spoken words have fields of their own. */
function saidIn(content: Raw): { text: string; pictures: number } {
	const texts: string[] = [];
	let pictures = 0;
	for (const each of listOf(content.parts)) {
		if (typeof each === 'string') texts.push(each);
		else if (!isRecord(each)) continue;
		else if (typeof each.text === 'string') texts.push(each.text);
		else if ('asset_pointer' in each) pictures++;
	}
	for (const field of [content.text, content.result])
		if (typeof field === 'string') texts.push(field);
	return { text: texts.filter((each) => each !== '').join('\n\n'), pictures };
}
