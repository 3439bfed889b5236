import { isRecord } from '../../kit/restore.ts';
import type { Aside } from '../conversation.ts';
import { toolAside } from './asides.ts';
import {
	answerFrom,
	entriesOf,
	idFrom,
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
 * LM Studio's `*.conversation.json`: a list of messages, each with versions and the one selected; answers are made of
 * steps. No published schema; read from files of the program and from the tests of several converters
 * (https://github.com/YorkieDev/lm-studio-conversation-converter).
 */
export const lmStudio: ForeignFormat = {
	name: 'LM Studio',
	recognizes: (file) => entriesOf(file).some(isChat),
	read: (file) => entriesOf(file).map(chatOf)
};

function isChat(entry: unknown): entry is Raw & { messages: unknown[] } {
	return (
		isRecord(entry) && recordsIn(entry.messages).some(({ versions }) => Array.isArray(versions))
	);
}

function chatOf(entry: unknown): Draft {
	if (!isChat(entry)) return UNUSABLE;
	const left: LeftOut[] = [];
	const turns: Turn[] = [];
	let before: string | null = null;
	for (const [index, message] of entry.messages.entries()) {
		const parent: string | null = before;
		const versions =
			isRecord(message) && Array.isArray(message.versions) ? message.versions : [null];
		const chosen = isRecord(message) ? message.currentlySelected : null;
		const ids: string[] = (versions as unknown[]).map((version, at) => {
			const place = { id: `${index}.${at}`, parent };
			turns.push(
				isRecord(version) ? turnOf(version, place, left) : { ...place, role: 'unreadable' }
			);
			return place.id;
		});
		before = (typeof chosen === 'number' ? ids[chosen] : undefined) ?? ids[0] ?? before;
	}
	const model = isRecord(entry.lastUsedModel) ? entry.lastUsedModel.identifier : undefined;
	return draftOf({
		id: idFrom(entry.id),
		title: entry.name,
		createdAt: timeFrom(entry.createdAt),
		pinned: entry.pinned === true,
		systems: [
			entry.systemPrompt,
			...recordsIn(entry.messages)
				.flatMap(({ versions }) => recordsIn(versions))
				.filter(({ role }) => role === 'system')
				.map((version) => textsIn(version.content))
		],
		turns: turns.map((turn) => ({
			...turn,
			...(turn.role === 'assistant' && !turn.answer && answerFrom(turn.role, model))
		})),
		leaf: before,
		left
	});
}

function turnOf(version: Raw, place: { id: string; parent: string | null }, left: LeftOut[]): Turn {
	const { role } = version;
	if (role === 'system') return { ...place, role: 'skip' };
	const steps = recordsIn(version.steps);
	const blocks = version.type === 'multiStep' ? steps : [version];
	const texts: string[] = [];
	const thoughts: string[] = [];
	const asides: Aside[] = [];
	for (const block of blocks) {
		const text = textsIn(block.content);
		const style = isRecord(block.style) ? block.style.type : undefined;
		if (style === 'thinking') thoughts.push(text);
		else if (text !== '') texts.push(text);
		asides.push(...toolsIn(block.content));
		const files = recordsIn(block.content).filter(({ type }) => type === 'file');
		// The file names them only; they lie in a folder of the program.
		left.push(part('attached files, which are not in the export', files.length));
	}
	const parted = partedFrom(role, texts.join('\n\n'));
	const thinking = [...thoughts, parted.thinking ?? ''].filter((each) => each !== '').join('\n\n');
	const sender = isRecord(version.senderInfo) ? version.senderInfo.senderName : undefined;
	return {
		...place,
		role,
		text: parted.text,
		thinking,
		asides: [...asides, ...(parted.asides ?? [])],
		...answerFrom(role, sender, figuresOf(blocks))
	};
}

function textsIn(content: unknown): string {
	if (typeof content === 'string') return content;
	return recordsIn(content)
		.filter(({ type }) => type === 'text')
		.flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
		.join('');
}

function toolsIn(content: unknown): Aside[] {
	return recordsIn(content).flatMap((each) => {
		if (each.type === 'toolCallRequest')
			return [toolAside(each.name, each.parameters ?? each.arguments, null)];
		if (each.type === 'toolCallResult') return [toolAside('result', null, each.content)];
		return [];
	});
}

/** Of the last block that has any. */
function figuresOf(blocks: readonly Raw[]): Raw {
	const stats = blocks
		.map(({ genInfo }) => (isRecord(genInfo) ? genInfo.stats : undefined))
		.findLast(isRecord);
	if (!stats) return {};
	const seconds = stats.timeToFirstTokenSec;
	return {
		promptTokens: stats.promptTokensCount ?? null,
		completionTokens: stats.predictedTokensCount ?? null,
		decodeTokensPerSecond: stats.tokensPerSecond ?? null,
		timeToFirstTokenMs: typeof seconds === 'number' ? seconds * 1000 : null
	};
}
