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
 * The web UI of llama.cpp's server: `{ conv, messages }`, one or a list; below an empty root message a tree by
 * `parent`. Older versions number their messages. https://github.com/ggml-org/llama.cpp, tools/server/webui
 */
export const llamaCpp: ForeignFormat = {
	name: 'llama.cpp',
	recognizes: (file) => entriesOf(file).some(isEntry),
	read: (file) => entriesOf(file).map(draftOf)
};

function entriesOf(file: unknown): unknown[] {
	return Array.isArray(file) ? file : [file];
}

function isEntry(entry: unknown): entry is { conv: Raw; messages: unknown[] } {
	return isRecord(entry) && isRecord(entry.conv) && Array.isArray(entry.messages);
}

function draftOf(entry: unknown): Draft {
	if (!isEntry(entry)) return { record: { version: 1 }, left: [] };
	const { conv } = entry;
	const left: string[] = [];
	const [roots, messages] = parted(entry.messages, isRoot);
	const [systems, rest] = parted(messages, (each) => isRecord(each) && each.role === 'system');
	const system = systems.filter(isRecord)[0]?.content;
	if (systems.length > 1) left.push('all system prompts but the first');
	return {
		record: {
			version: 1,
			id: idFrom(conv.id) ?? uuid(),
			title: conv.name,
			updatedAt: timeFrom(conv.lastModified),
			pinned: conv.pinned === true,
			system: typeof system === 'string' ? system : '',
			messages: rest.map((message) => (isRecord(message) ? messageOf(message, left) : message)),
			leaf: idFrom(conv.currNode) ?? null,
			// Neither is a message here; what followed them moves up.
			removed: [...roots, ...systems]
				.filter(isRecord)
				.map(({ id, parent }) => ({ id: idFrom(id), parent: parentFrom(parent), at: 0 }))
		},
		left
	};
}

function isRoot(message: unknown): boolean {
	return isRecord(message) && message.type === 'root';
}

/** Some versions give the first message -1 or '' for a parent. */
function parentFrom(parent: unknown): string | null {
	const id = idFrom(parent);
	return id === undefined || id === '-1' ? null : id;
}

function messageOf(message: Raw, left: string[]) {
	const { role } = message;
	const content = contentFrom(message.content);
	const extra = Array.isArray(message.extra) ? (message.extra as unknown[]).filter(isRecord) : [];
	const isImage = ({ type }: Raw) => type === 'IMAGE' || type === 'imageFile';
	const images = [
		...content.images,
		...extra
			.filter(isImage)
			.map(({ base64Url, name }) => ({ url: base64Url, ...(typeof name === 'string' && { name }) }))
	];
	// Text files were part of what the model was asked.
	const texts = extra.filter((each) => !isImage(each) && typeof each.content === 'string');
	const others = extra.length - extra.filter(isImage).length - texts.length;
	if (others > 0) left.push(`attached files that are neither text nor images: ${others}`);
	const parted = thinkingFrom(role, content.text);
	const thinking = [message.reasoningContent, message.thinking, parted.thinking].find(
		(each) => typeof each === 'string' && each !== ''
	);
	const files = texts
		.map(({ name, content }) => `\n\n${String(name)}:\n\n${String(content)}`)
		.join('');
	return {
		id: idFrom(message.id),
		parent: parentFrom(message.parent),
		role,
		text: typeof parted.text === 'string' ? parted.text + files : parted.text,
		createdAt: timeFrom(message.timestamp),
		...(thinking !== undefined && { thinking }),
		...(images.length > 0 && { images }),
		...answerFrom(role, message.model, figuresOf(message.timings))
	};
}

/** Counts and milliseconds, as the server reports them. */
function figuresOf(timings: unknown): Raw {
	if (!isRecord(timings)) return {};
	const perSecond = (tokens: unknown, ms: unknown) =>
		typeof tokens === 'number' && typeof ms === 'number' && ms > 0 ? (tokens / ms) * 1000 : null;
	return {
		promptTokens: timings.prompt_n ?? null,
		completionTokens: timings.predicted_n ?? null,
		prefillTokensPerSecond: perSecond(timings.prompt_n, timings.prompt_ms),
		decodeTokensPerSecond: perSecond(timings.predicted_n, timings.predicted_ms)
	};
}

function parted<T>(list: T[], test: (each: T) => boolean): [T[], T[]] {
	return [list.filter(test), list.filter((each) => !test(each))];
}
