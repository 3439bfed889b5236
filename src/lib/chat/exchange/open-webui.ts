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
 * Open WebUI's chat export: a list of rows with `chat.history.messages`, a tree by `parentId`; the legacy form has
 * `history` in the row itself. https://github.com/open-webui/open-webui, src/lib/components/chat/Settings
 */
export const openWebUi: ForeignFormat = {
	name: 'Open WebUI',
	recognizes: (file) => rowsOf(file).some((row) => historyOf(row) !== null),
	read: (file) => rowsOf(file).map(draftOf)
};

function rowsOf(file: unknown): unknown[] {
	return Array.isArray(file) ? file : [file];
}

function chatOf(row: unknown): Raw | null {
	if (!isRecord(row)) return null;
	return isRecord(row.chat) ? row.chat : row;
}

function historyOf(row: unknown): Raw | null {
	const history = chatOf(row)?.history;
	return isRecord(history) && isRecord(history.messages) ? history : null;
}

function draftOf(row: unknown): Draft {
	const chat = chatOf(row);
	const history = historyOf(row);
	if (!isRecord(row) || !chat || !history || !isRecord(history.messages)) {
		return { record: { version: 1 }, left: [] };
	}
	const left: string[] = [];
	const all = Object.entries(history.messages).map(([key, value]) =>
		isRecord(value) ? { ...value, id: idFrom(value.id) ?? key } : value
	);
	const params = isRecord(chat.params) ? chat.params : {};
	const systems = all.filter(isRecord).filter(({ role }) => role === 'system');
	if (systems.length > 1) left.push('all system prompts but the first');
	return {
		record: {
			version: 1,
			id: idFrom(row.id) ?? uuid(),
			title: row.title ?? chat.title,
			createdAt: timeFrom(row.created_at ?? chat.timestamp),
			updatedAt: timeFrom(row.updated_at),
			pinned: row.pinned === true,
			system: [params.system, chat.system, systems[0]?.content].find(
				(each) => typeof each === 'string' && each !== ''
			),
			messages: all
				.filter((each) => !(isRecord(each) && each.role === 'system'))
				.map((each) => (isRecord(each) ? messageOf(each, left) : each)),
			leaf: idFrom(history.currentId) ?? null,
			// What followed a system message moves up.
			removed: systems.map(({ id, parentId }) => ({ id, parent: idFrom(parentId) ?? null, at: 0 }))
		},
		left
	};
}

function messageOf(message: Raw, left: string[]) {
	const { role } = message;
	const content = contentFrom(message.content);
	const files = Array.isArray(message.files) ? (message.files as unknown[]).filter(isRecord) : [];
	const images = [
		...content.images,
		...files.filter(({ type }) => type === 'image').map(({ url }) => ({ url }))
	];
	const others = files.filter(({ type }) => type !== 'image').length;
	if (others > 0) left.push(`attached files that are not images: ${others}`);
	const folded = unfoldReasoning(content.text);
	const { text, thinking = folded.thinking } = thinkingFrom(role, folded.text);
	const usage = isRecord(message.usage) ? message.usage : {};
	return {
		id: message.id,
		parent: idFrom(message.parentId) ?? null,
		role,
		text,
		createdAt: timeFrom(message.timestamp),
		...(thinking !== undefined && { thinking }),
		...(images.length > 0 && { images }),
		...answerFrom(role, message.model, {
			promptTokens: usage.prompt_tokens ?? null,
			completionTokens: usage.completion_tokens ?? null
		})
	};
}

const OPEN = '<details type="reasoning"';
const CLOSE = '</details>';

/** Thinking is stored in the answer: a `<details>` block, each line quoted, in newer versions with HTML's escapes. */
function unfoldReasoning(text: unknown): { text: unknown; thinking?: string } {
	if (typeof text !== 'string') return { text };
	const start = text.indexOf(OPEN);
	const end = text.indexOf(CLOSE, start);
	if (start < 0 || end < 0) return { text };
	const block = text.slice(text.indexOf('>', start) + 1, end);
	const thinking = unescapeHtml(block.slice(summaryEnd(block)))
		.split('\n')
		.map((line) => line.replace(/^> ?/, ''))
		.join('\n')
		.trim();
	return { text: (text.slice(0, start) + text.slice(end + CLOSE.length)).trim(), thinking };
}

function summaryEnd(block: string): number {
	const tag = '</summary>';
	const at = block.indexOf(tag);
	return at < 0 ? 0 : at + tag.length;
}

const ESCAPES: Readonly<Record<string, string>> = {
	'&lt;': '<',
	'&gt;': '>',
	'&quot;': '"',
	'&#x27;': "'",
	'&#39;': "'",
	'&amp;': '&'
};

function unescapeHtml(text: string): string {
	return text.replace(/&(?:lt|gt|quot|#x27|#39|amp);/g, (escape) => ESCAPES[escape] ?? escape);
}
