import * as v from 'valibot';
import { StorageError } from '../kit/storage-error.ts';
import { isRecord, restoreFields } from '../kit/restore.ts';
import type { Conversation, ImagePart, Message, Tombstone } from './conversation.ts';
import { inOrder, leafBelow } from './tree.ts';
import { parseWish } from '#plan/adapt/wishes.ts';
import { parsePartialSampling } from '../engine/sampling.ts';

export const CONVERSATION_VERSION = 2;
/** In words, among what was lost. */
export const UNUSABLE_MESSAGE = 'a message could not be used';

// Far beyond what a context window holds; they only keep a hostile file from filling the memory.
export const MAX_MESSAGES = 20_000;
export const MAX_TEXT_CHARS = 2_000_000;
export const MAX_STORED_TITLE_CHARS = 300;
export const MAX_IMAGES = 16;
export const MAX_IMAGE_URL_CHARS = 12_000_000;
export const MAX_ASIDES = 200;
const MAX_ID_CHARS = 128;
const MAX_NAME_CHARS = 300;

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ID_CHARS));
const Name = v.pipe(v.string(), v.maxLength(MAX_NAME_CHARS));
const Text = v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARS));
const Time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(8.64e15));
const Figure = v.fallback(v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))), null);

/** Raster only (an SVG can hold script), and only as data. */
const IMAGE_URL = /^data:image\/(?:png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/]+={0,2}$/;

export const Image = v.object({
	url: v.pipe(v.string(), v.maxLength(MAX_IMAGE_URL_CHARS), v.regex(IMAGE_URL)),
	width: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(1))),
	height: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(1))),
	name: v.exactOptional(Name)
});

const Asides = v.pipe(
	v.array(v.object({ kind: v.picklist(['tool', 'code', 'other']), title: Name, text: Text })),
	v.maxLength(MAX_ASIDES)
);

const Answer = v.object({
	engineId: Name,
	label: v.fallback(Name, ''),
	quantization: v.exactOptional(v.fallback(Name, '')),
	finish: v.fallback(v.picklist(['stop', 'length', 'stopped', 'failed', 'partial']), 'partial'),
	promptTokens: Figure,
	completionTokens: Figure,
	prefillTokensPerSecond: Figure,
	decodeTokensPerSecond: Figure,
	timeToFirstTokenMs: Figure,
	thinkingMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
	json: v.exactOptional(v.literal(true))
});

const Head = v.object({
	id: Id,
	parent: v.fallback(v.nullable(Id), null),
	role: v.picklist(['user', 'assistant']),
	text: Text
});

const Header = v.object({
	title: v.exactOptional(v.string()),
	createdAt: v.exactOptional(Time),
	updatedAt: v.exactOptional(Time),
	pinned: v.exactOptional(v.boolean()),
	system: v.exactOptional(Text),
	presetId: v.exactOptional(Id),
	leaf: v.exactOptional(v.nullable(Id))
});

const SetAt = v.object({
	title: v.exactOptional(Time),
	pinned: v.exactOptional(Time),
	system: v.exactOptional(Time),
	sampling: v.exactOptional(Time),
	wish: v.exactOptional(Time),
	leaf: v.exactOptional(Time)
});

const Stone = v.object({ id: Id, parent: v.fallback(v.nullable(Id), null), at: Time });

type Raw = Record<string, unknown>;

/** Version n to n + 1. Each has a saved sample beside its test. */
export const migrations: readonly ((record: Raw) => Raw)[] = [linearToTree, enginesByLabel];

/** Version 0 was a flat list: each message follows the one before. */
function linearToTree({ messages, updated, ...record }: Raw): Raw {
	const id = typeof record.id === 'string' ? record.id : '';
	const start = typeof updated === 'number' ? updated : 0;
	const list = Array.isArray(messages) ? (messages as unknown[]).filter(isRecord) : [];
	return {
		...record,
		version: 1,
		createdAt: start,
		updatedAt: start,
		leaf: list.length > 0 ? `${id}-${list.length - 1}` : null,
		messages: list.map(({ role, content }, index) => ({
			id: `${id}-${index}`,
			parent: index === 0 ? null : `${id}-${index - 1}`,
			role,
			text: content,
			createdAt: start
		}))
	};
}

/** Version 1 knew variants of the catalogue alone as what writes answers. */
function enginesByLabel({ messages, ...record }: Raw): Raw {
	if (!Array.isArray(messages)) return { ...record, messages, version: 2 };
	return {
		...record,
		version: 2,
		messages: (messages as unknown[]).map((message) => {
			if (!isRecord(message) || !isRecord(message.answer)) return message;
			const { variantId, familyName, quantization, ...rest } = message.answer;
			const named = typeof quantization === 'string' && quantization !== '';
			return {
				...message,
				answer: {
					...rest,
					engineId: variantId,
					label: familyName,
					...(named && { quantization })
				}
			};
		})
	};
}

export interface Restored {
	conversation: Conversation;
	/** In words: what could not be kept as it was. Empty for everything this version writes. */
	repairs: string[];
	/** Those of the repairs that took a whole message. */
	lost: string[];
}

/** Throws a StorageError when `raw` is no conversation at all, or was written by a newer page. */
export function parseConversation(raw: unknown): Conversation {
	return restoreConversation(raw).conversation;
}

/** Field by field: what is good is kept, whatever the rest looks like. */
export function restoreConversation(raw: unknown): Restored {
	const record = upgrade(raw);
	const repairs: string[] = [];
	const id = v.safeParse(Id, record.id);
	if (!id.success || !Array.isArray(record.messages)) {
		throw new StorageError('unreadable', 'This record is not a conversation.', {
			expected: 'an object with an id and a list of messages',
			found: describe(record.id, record.messages)
		});
	}
	const header = restoreFields(Header, record, (field) =>
		repairs.push(`${field} could not be used`)
	);
	const { messages, removed, lost } = restoreMessages(
		record.messages,
		Array.isArray(record.removed) ? record.removed : [],
		header.createdAt ?? 0,
		repairs
	);
	const ids = new Set(messages.map((message) => message.id));
	const times = messages.map((message) => message.updatedAt ?? message.createdAt);
	const createdAt = header.createdAt ?? messages[0]?.createdAt ?? 0;
	const restored: Conversation = {
		version: CONVERSATION_VERSION,
		id: id.output,
		title: (header.title ?? '').slice(0, MAX_STORED_TITLE_CHARS),
		createdAt,
		updatedAt: times.reduce((a, b) => Math.max(a, b), header.updatedAt ?? createdAt),
		pinned: header.pinned ?? false,
		system: header.system ?? '',
		...(header.presetId !== undefined && { presetId: header.presetId }),
		sampling: parsePartialSampling(record.sampling),
		...(record.wish !== undefined && { wish: parseWish(record.wish) }),
		messages,
		leaf: null,
		chosen: Array.isArray(record.chosen)
			? record.chosen.filter((each): each is string => typeof each === 'string' && ids.has(each))
			: [],
		removed,
		setAt: restoreFields(SetAt, record.setAt)
	};
	return {
		conversation: { ...restored, leaf: leafBelow(restored, header.leaf ?? null) },
		repairs: [...repairs, ...lost],
		lost
	};
}

function upgrade(raw: unknown): Raw {
	if (!isRecord(raw)) {
		throw new StorageError('unreadable', 'This record is not a conversation.', {
			expected: 'an object',
			found: Array.isArray(raw) ? 'a list' : typeof raw
		});
	}
	const version = raw.version ?? 0;
	if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
		throw new StorageError('unreadable', 'This record has no version that we know.', {
			expected: `a version from 0 to ${CONVERSATION_VERSION}`,
			found: typeof version === 'number' ? String(version) : typeof version
		});
	}
	if (version > CONVERSATION_VERSION) {
		throw new StorageError(
			'newer-version',
			'This conversation was written by a newer version of this page. Reload to get it.',
			{ expected: `version ${CONVERSATION_VERSION} or older`, found: `version ${version}` }
		);
	}
	return migrations.slice(version).reduce((record, migrate) => migrate(record), raw);
}

function restoreMessages(
	raw: unknown[],
	rawRemoved: unknown[],
	defaultTime: number,
	repairs: string[]
): { messages: Message[]; removed: Tombstone[]; lost: string[] } {
	const lost: string[] = [];
	const kept = new Map<string, Message>();
	const removed = new Map<string, Tombstone>();
	for (const each of rawRemoved.slice(0, MAX_MESSAGES)) {
		const stone = v.safeParse(Stone, each);
		if (stone.success) removed.set(stone.output.id, stone.output);
		else repairs.push('a mark of a removed message could not be used');
	}
	if (raw.length > MAX_MESSAGES) {
		lost.push(`${raw.length - MAX_MESSAGES} messages beyond the ${MAX_MESSAGES}th were left out`);
	}
	for (const each of raw.slice(0, MAX_MESSAGES)) {
		const message = restoreMessage(each, defaultTime, repairs);
		if ('stone' in message) {
			lost.push(UNUSABLE_MESSAGE);
			// Its children still belong below its parent.
			const { stone } = message;
			if (stone && !kept.has(stone.id) && !removed.has(stone.id)) removed.set(stone.id, stone);
			continue;
		}
		let { id } = message;
		if (kept.has(id)) {
			repairs.push(`two messages had the id ${id}`);
			for (let copy = 2; kept.has(id); copy++) id = `${message.id}~${copy}`.slice(-MAX_ID_CHARS);
		}
		removed.delete(id);
		kept.set(id, { ...message, id });
	}
	return { ...cutCycles(inOrder([...kept.values()]), [...removed.values()], repairs), lost };
}

function restoreMessage(
	raw: unknown,
	defaultTime: number,
	repairs: string[]
): Message | { stone: Tombstone | null } {
	const head = v.safeParse(Head, raw);
	if (!isRecord(raw) || !head.success) {
		const stone = isRecord(raw) && v.safeParse(Stone, { ...raw, at: defaultTime });
		return { stone: stone && stone.success ? stone.output : null };
	}
	const { id, parent, role, text } = head.output;
	const drop = (field: string) => repairs.push(`${field} of a message could not be used`);
	const field = <T>(name: string, schema: v.GenericSchema<unknown, T>): T | undefined => {
		if (raw[name] === undefined) return undefined;
		const result = v.safeParse(schema, raw[name]);
		if (!result.success) drop(name);
		return result.success ? result.output : undefined;
	};
	if (raw.parent !== parent) drop('parent');
	const createdAt = field('createdAt', Time) ?? defaultTime;
	const updatedAt = field('updatedAt', Time);
	const thinking = field('thinking', Text);
	const asides = field('asides', Asides);
	const answer = field('answer', Answer);
	const leftOut = field('leftOut', v.boolean());
	const rating = role === 'assistant' ? field('rating', v.picklist(['up', 'down'])) : undefined;
	const images = restoreImages(raw.images, drop);
	return {
		id,
		parent,
		role,
		text,
		createdAt,
		...(updatedAt !== undefined && { updatedAt }),
		...(thinking !== undefined && { thinking }),
		...(asides !== undefined && { asides }),
		...(images.length > 0 && { images }),
		...(answer !== undefined && { answer }),
		...(leftOut === true && { leftOut }),
		...(rating !== undefined && { rating })
	};
}

/** Only what may reach the engine: `data:` URLs of raster images. */
export function restoreImages(raw: unknown, onDrop: (field: string) => void): ImagePart[] {
	if (raw === undefined) return [];
	if (!Array.isArray(raw)) {
		onDrop('images');
		return [];
	}
	const images: ImagePart[] = [];
	for (const each of raw as unknown[]) {
		const image = v.safeParse(Image, each);
		if (image.success && images.length < MAX_IMAGES) images.push(image.output);
		else onDrop('images');
	}
	return images;
}

/** Each message reaches the beginning: a circle of parents is cut open, an unknown parent is no parent. */
function cutCycles(
	messages: Message[],
	removed: Tombstone[],
	repairs: string[]
): { messages: Message[]; removed: Tombstone[] } {
	const parents = new Map([...removed, ...messages].map(({ id, parent }) => [id, parent]));
	for (const [id, parent] of parents) {
		if (parent === null || parents.has(parent)) continue;
		repairs.push('a message answered one that is not there');
		parents.set(id, null);
	}
	const sound = new Set<string>();
	for (const start of parents.keys()) {
		const line = new Set<string>();
		for (
			let id: string | null = start;
			id !== null && !sound.has(id);
			id = parents.get(id) ?? null
		) {
			line.add(id);
			const parent = parents.get(id) ?? null;
			if (parent === null || !line.has(parent)) continue;
			repairs.push('messages answered each other in a circle');
			parents.set(id, null);
		}
		for (const id of line) sound.add(id);
	}
	const mend = <T extends { id: string; parent: string | null }>(each: T): T => {
		const parent = parents.get(each.id) ?? null;
		return parent === each.parent ? each : { ...each, parent };
	};
	return { messages: messages.map(mend), removed: removed.map(mend) };
}

function describe(id: unknown, messages: unknown): string {
	return `id: ${typeof id}, messages: ${Array.isArray(messages) ? 'list' : typeof messages}`;
}
