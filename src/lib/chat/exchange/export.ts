import { ASIDE_NAMES, path, type Conversation, type Message } from '../conversation.ts';
import { partMessage } from '../thinking.ts';

export const EXPORT_FORMAT = 'headroom';
export const EXPORT_VERSION = 1;

/** One or many conversations, whole, as `importConversations` reads them. */
export function exportJson(conversations: readonly Conversation[], now = Date.now()): string {
	return JSON.stringify(
		{
			format: EXPORT_FORMAT,
			version: EXPORT_VERSION,
			exportedAt: new Date(now).toISOString(),
			conversations
		},
		null,
		'\t'
	);
}

/** What is shown of each conversation, to be read by people: branches not on show are left out, and that is said. */
export function exportMarkdown(conversations: readonly Conversation[]): string {
	return `${conversations.map(markdownOf).join('\n\n---\n\n')}\n`;
}

/** A name that every file system takes. */
export function fileName(title: string, extension: 'json' | 'md'): string {
	const words = title
		.normalize('NFC')
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim();
	const short = [...words].slice(0, 60).join('').trim().replace(/ /g, '-');
	// Windows keeps these names for devices.
	const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(short);
	return `${short === '' ? 'conversation' : reserved ? `${short}-chat` : short}.${extension}`;
}

function markdownOf(conversation: Conversation): string {
	const line = path(conversation);
	const hidden = conversation.messages.length - line.length;
	return [
		`# ${oneLine(conversation.title) || 'Conversation'}`,
		`*${new Date(conversation.createdAt).toISOString().slice(0, 10)}*`,
		conversation.system === '' ? null : `## System prompt\n\n${closed(conversation.system)}`,
		...line.map(messageOf),
		hidden === 0
			? null
			: `*${hidden === 1 ? '1 message' : `${hidden} messages`} of other branches left out.*`
	]
		.filter((part) => part !== null)
		.join('\n\n');
}

function messageOf(message: Message): string {
	const { role, images = [], asides = [], answer } = message;
	const { text, thinking } = partMessage(message);
	const model = answer && [answer.label || answer.engineId, answer.quantization];
	const writer = role === 'user' ? 'You' : (model?.filter(Boolean).join(', ') ?? 'Assistant');
	return [
		`## ${oneLine(writer)}`,
		...images.map(({ name }) => `*(image${name ? `: ${oneLine(name)}` : ''})*`),
		thinking ? quoted(thinking) : null,
		...asides.map(({ kind, title, text }) =>
			quoted(`**${ASIDE_NAMES[kind]}: ${oneLine(title)}**\n\n${closed(text)}`)
		),
		closed(text)
	]
		.filter((part) => part !== null)
		.join('\n\n');
}

function quoted(text: string): string {
	return text.replace(/^/gm, '> ').replace(/^> $/gm, '>');
}

function oneLine(text: string): string {
	return text.replace(/\s+/g, ' ').trim();
}

/** An answer that was cut inside a code block must not swallow what follows it. */
function closed(text: string): string {
	let open: string | null = null;
	for (const line of text.split('\n')) {
		const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
		const [, marks = '', info = ''] = fence ?? [];
		if (marks === '') continue;
		if (open === null) open = marks.startsWith('`') && info.includes('`') ? null : marks;
		else if (marks.startsWith(open) && info.trim() === '') open = null;
	}
	return open === null ? text.trimEnd() : `${text.trimEnd()}\n${open}`;
}
