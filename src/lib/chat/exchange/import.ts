import { StorageError } from '../../kit/storage-error.ts';
import { isRecord } from '../../kit/restore.ts';
import { titleOf, type Conversation } from '../conversation.ts';
import { copyOf } from '../copy.ts';
import { count } from '#plan/words.ts';
import { MAX_MESSAGES, restoreConversation, UNUSABLE_MESSAGE } from '../record.ts';
import { EXPORT_VERSION } from './export.ts';
import { listOf, part, type Draft, type ForeignFormat, type LeftOut } from './foreign.ts';
import { FORMAT_NAMES } from './format-names.ts';
import { FORMATS, headroom } from './formats.ts';
import { ImportError } from './import-error.ts';
import { parseText } from './parse-text.ts';

export { ImportError };

/** Some 200 MB: above it the tab would have to hold the file several times over. */
export const MAX_FILE_CHARS = 200_000_000;
export const MAX_FILE_BYTES = 2 * MAX_FILE_CHARS;
export const MAX_CONVERSATIONS = 10_000;

/** What of a file could not be taken over. */
export interface Gap extends LeftOut {
	/** Which conversation: its title, or its place in the file. */
	where: string;
}

export interface Import {
	/** The programs the file comes from. */
	formats: string[];
	conversations: Conversation[];
	/** Those that came with something in them. */
	messages: number;
	gaps: Gap[];
}

/**
 * The conversations in the text of an exported file, of ours or of another program: JSON, or JSON lines. Everything is
 * validated field by field; what cannot be used is left out, named and counted. Two with one id become two; against those
 * already stored `ConversationStore.add` guards. Throws an ImportError when the file as a whole cannot be used.
 */
export function importConversations(text: string): Import {
	const file = parsed(text);
	const format = formatOf(file.value);
	if (!format) throw unknownFormat(shapeOf(file.value));
	if (format === headroom) refuseNewer(file.value);
	return restoreAll(format, file.value, file.unreadable);
}

/** The same; null for a text that is no export known here. */
export function importIfKnown(text: string): Import | null {
	try {
		return importConversations(text);
	} catch (thrown) {
		const unknown =
			thrown instanceof ImportError &&
			(thrown.kind === 'unknown-format' || thrown.kind === 'not-json');
		if (unknown) return null;
		throw thrown;
	}
}

/** A whole file, text or ZIP, of which no more is read than may be. Throws an ImportError. */
export async function importFile(file: Blob): Promise<Import> {
	if (await isArchive(file)) {
		const { importArchive } = await import('./archive.ts');
		return importArchive(file);
	}
	refuseTooLarge(file.size, MAX_FILE_BYTES, 'bytes');
	return importConversations(await file.text());
}

export async function isArchive(file: Blob): Promise<boolean> {
	const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
	// "PK" and the mark of an entry, or of the end of an empty archive.
	return [0x04034b50, 0x06054b50].some((mark) =>
		[0, 1, 2, 3].every((at) => head[at] === ((mark >> (8 * at)) & 0xff))
	);
}

export function refuseTooLarge(size: number, limit: number, unit: string): void {
	if (size <= limit) return;
	throw new ImportError(
		'too-large',
		'This file is too large to import. Export fewer chats at once.',
		{
			expected: `at most ${limit} ${unit}`,
			found: `${size}`
		}
	);
}

export function unknownFormat(found: string): ImportError {
	return new ImportError('unknown-format', 'This file is not a chat export that is known here.', {
		expected: `an export of ${FORMAT_NAMES.join(', ')}`,
		found
	});
}

/** The values in the text, and how many lines of it could not be read. */
export function parsed(text: string): { value: unknown; unreadable: number } {
	refuseTooLarge(text.length, MAX_FILE_CHARS, 'characters');
	return parseText(text);
}

export function formatOf(value: unknown): ForeignFormat | undefined {
	return FORMATS.find((each) => each.recognizes(value));
}

export function restoreAll(format: ForeignFormat, value: unknown, unreadable: number): Import {
	const drafts = format.read(value);
	const found: Import = { formats: [format.name], conversations: [], messages: 0, gaps: [] };
	const taken = new Set<string>();
	if (unreadable > 0)
		found.gaps.push({
			where: 'the file',
			kind: 'message',
			why: 'lines that are not JSON',
			count: unreadable
		});
	if (drafts.length > MAX_CONVERSATIONS) {
		found.gaps.push({
			where: `conversations after the ${MAX_CONVERSATIONS}th`,
			kind: 'conversation',
			why: `a file may bring ${MAX_CONVERSATIONS}, this one has ${drafts.length}`,
			count: drafts.length - MAX_CONVERSATIONS
		});
	}
	drafts.slice(0, MAX_CONVERSATIONS).forEach((draft, index) => {
		const { gaps, kept } = restored(draft, index, format !== headroom);
		found.gaps.push(...gaps);
		if (!kept) return;
		const { conversation, messages } = kept;
		const mine = taken.has(conversation.id) ? copyOf(conversation) : conversation;
		taken.add(mine.id);
		found.conversations.push(mine);
		found.messages += messages;
	});
	return found;
}

interface RestoredDraft {
	/** null: it could not be used. */
	kept: { conversation: Conversation; messages: number } | null;
	gaps: Gap[];
}

/** `foreign`: a message without anything in it was not understood, or says nothing. */
function restored({ record, left }: Draft, index: number, foreign: boolean): RestoredDraft {
	const place = `conversation ${index + 1}`;
	const refused = (where: string, why: string): RestoredDraft => ({
		kept: null,
		gaps: [{ where, kind: 'conversation', why, count: 1 }]
	});
	let result;
	try {
		result = restoreConversation(withoutUndefined(record));
	} catch (thrown) {
		if (!(thrown instanceof StorageError)) throw thrown;
		const { expected, found } = thrown.detail;
		return refused(
			place,
			expected ? `expected ${expected}, found ${found ?? 'nothing'}` : thrown.message
		);
	}
	const conversation = withTitle(result.conversation);
	const where = conversation.title || place;
	const blank = foreign ? conversation.messages.filter(isBlank).length : 0;
	const all = listOf(record.messages).length;
	const lost = all - result.conversation.messages.length;
	const messages = conversation.messages.length - blank;
	if (messages === 0 && conversation.system === '' && (foreign || conversation.title === '')) {
		if (lost > 0)
			return refused(
				where,
				all === 1
					? 'its only message could not be used'
					: `none of its ${count(all)} messages could be used`
			);
		return refused(where, blank > 0 ? 'no text was found in its messages' : 'it is empty');
	}
	const unusable = result.lost.filter((each) => each === UNUSABLE_MESSAGE).length;
	const repairs = result.repairs.filter((each) => !result.lost.includes(each));
	const gap = (why: string, count: number): LeftOut => ({ kind: 'message', why, count });
	return {
		kept: { conversation, messages },
		gaps: summed([
			gap('messages that could not be used', unusable),
			gap(`messages beyond the ${count(MAX_MESSAGES)}th`, lost - unusable),
			gap('messages without any text', blank),
			...repairs.map((why) => part(why)),
			...left
		])
			.filter((each) => each.count > 0)
			.map((each) => ({ ...each, where }))
	};
}

function isBlank({ text, thinking = '', images = [], asides = [] }: Conversation['messages'][0]) {
	return text.trim() === '' && thinking.trim() === '' && images.length + asides.length === 0;
}

function withTitle(conversation: Conversation): Conversation {
	if (conversation.title !== '') return conversation;
	const question = conversation.messages.find(({ role }) => role === 'user');
	return { ...conversation, title: titleOf(question?.text ?? '') };
}

function refuseNewer(file: unknown): void {
	const version = isRecord(file) ? file.version : undefined;
	if (typeof version === 'number' && version >= 1 && version <= EXPORT_VERSION) return;
	throw new ImportError(
		'newer-version',
		'A newer version of this page wrote this file. Reload the page to get it.',
		{
			expected: `version ${EXPORT_VERSION}`,
			found: `version ${String(version)}`
		}
	);
}

/** A field that the other program did not have counts as absent. */
function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** The same reason once, with the sum. */
function summed(left: readonly LeftOut[]): LeftOut[] {
	const sums = new Map<string, LeftOut>();
	for (const each of left) {
		const key = `${each.kind} ${each.why}`;
		sums.set(key, { ...each, count: (sums.get(key)?.count ?? 0) + each.count });
	}
	return [...sums.values()];
}

export function shapeOf(file: unknown): string {
	if (Array.isArray(file)) return `a list of ${file.length}`;
	if (!isRecord(file)) return file === null ? 'null' : typeof file;
	const keys = Object.keys(file).slice(0, 5);
	return keys.length > 0 ? `an object with ${keys.join(', ').slice(0, 100)}` : 'an empty object';
}
