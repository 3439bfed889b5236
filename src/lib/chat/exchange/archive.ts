import type { Conversation } from '../conversation.ts';
import { copyOf } from '../copy.ts';
import { listOf } from './foreign.ts';
import { formatOf, parsed, refuseTooLarge, restoreAll, type Gap, type Import } from './import.ts';
import { ImportError } from './import-error.ts';
import { isRecord } from '../../kit/restore.ts';
import { readEntries, type Entry } from './zip.ts';

/** As much as the browser keeps of images in one; what is read of it is limited by itself. */
const MAX_ARCHIVE_BYTES = 8 * 2 ** 30;
const MAY_HOLD_CHATS = /\.(?:jsonl?|ndjson)$/i;
const NOT_THEIRS = /(?:^|\/)(?:__MACOSX\/|\.)/;

/**
 * The conversations of every file in a ZIP: llama.cpp's, ChatGPT's, a folder of Jan's. Files that are no export known
 * here (an account's data, images) are passed over; those that should be one and cannot be read are named.
 * Throws an ImportError.
 */
export async function importArchive(archive: Blob): Promise<Import> {
	refuseTooLarge(archive.size, MAX_ARCHIVE_BYTES, 'bytes');
	const entries = await readEntries(
		archive,
		(name) => MAY_HOLD_CHATS.test(name) && !NOT_THEIRS.test(name)
	);
	const all: Import = { formats: [], conversations: [], messages: 0, gaps: [] };
	const files = paired(entries.flatMap((entry) => fileIn(entry, all.gaps)));
	const known = files.flatMap((file) => {
		const format = formatOf(file.value);
		return format ? [{ ...file, format }] : [];
	});
	if (known.length === 0) {
		throw new ImportError(
			'unknown-format',
			'No chat export that is known here is in this archive.',
			{
				expected:
					'files of ChatGPT, Jan, llama.cpp or another program with .json or .jsonl at their end',
				found:
					entries
						.slice(0, 5)
						.map(({ name }) => name)
						.join(', ')
						.slice(0, 200) || 'none'
			}
		);
	}
	const taken = new Set<string>();
	for (const { name, value, unreadable, format } of known) {
		const { conversations, messages, gaps } = restoreAll(format, value, unreadable);
		all.conversations.push(...conversations.map((each) => ownId(each, taken)));
		all.messages += messages;
		all.gaps.push(...gaps.map((gap) => (known.length > 1 ? inFile(gap, name) : gap)));
		if (!all.formats.includes(format.name)) all.formats.push(format.name);
	}
	return all;
}

interface File {
	name: string;
	value: unknown;
	unreadable: number;
}

function fileIn({ name, text, damage }: Entry, gaps: Gap[]): File[] {
	try {
		if (text !== null) return [{ name, ...parsed(text) }];
		gaps.push({ where: name, kind: 'conversation', why: damage, count: 1 });
	} catch (thrown) {
		if (!(thrown instanceof ImportError)) throw thrown;
		gaps.push({ where: name, kind: 'conversation', why: thrown.message, count: 1 });
	}
	return [];
}

/** Jan describes a chat in `thread.json` and keeps its messages in `messages.jsonl` beside it. */
function paired(files: readonly File[]): File[] {
	const byName = new Map(files.map((file) => [file.name, file]));
	return files.flatMap((file) => {
		const folder = file.name.slice(0, file.name.lastIndexOf('/') + 1);
		const thread = byName.get(`${folder}thread.json`);
		const messages = byName.get(`${folder}messages.jsonl`);
		if (!thread || !messages || !isRecord(thread.value)) return [file];
		if (file !== messages) return file === thread ? [] : [file];
		// One line is JSON too.
		const lines = isRecord(messages.value) ? [messages.value] : listOf(messages.value);
		return [{ ...file, value: { thread: thread.value, messages: lines } }];
	});
}

function inFile(gap: Gap, name: string): Gap {
	return /^(?:conversations? |the file$)/.test(gap.where)
		? { ...gap, where: `${name}: ${gap.where}` }
		: gap;
}

function ownId(conversation: Conversation, taken: Set<string>): Conversation {
	const mine = taken.has(conversation.id) ? copyOf(conversation) : conversation;
	taken.add(mine.id);
	return mine;
}
