import { StorageError } from '../../storage/errors.ts';
import { isRecord } from '../../storage/restore.ts';
import { copyOf, titleOf, type Conversation } from '../conversation.ts';
import { restoreConversation } from '../record.ts';
import type { Draft, ForeignFormat } from './foreign.ts';
import { EXPORT_FORMAT, EXPORT_VERSION } from './export.ts';
import { llamaCpp } from './llama-cpp.ts';
import { openWebUi } from './open-webui.ts';
import { webLlmChat } from './web-llm-chat.ts';

/** Some 200 MB: above it the tab would have to hold the file several times over. */
export const MAX_FILE_CHARS = 200_000_000;
export const MAX_CONVERSATIONS = 10_000;

export type ImportFailure = 'too-large' | 'not-json' | 'unknown-format' | 'newer-version';

export class ImportError extends Error {
	override readonly name = 'ImportError';

	constructor(
		readonly kind: ImportFailure,
		message: string,
		readonly detail: { expected: string; found: string },
		options?: ErrorOptions
	) {
		super(message, options);
	}
}

export interface Skipped {
	/** Which conversation: its title, or its place in the file. */
	what: string;
	why: string;
	/** False: it was imported without that. */
	whole: boolean;
}

export interface Import {
	/** The program the file comes from. */
	format: string;
	imported: Conversation[];
	skipped: Skipped[];
}

const headroom: ForeignFormat = {
	name: 'Headroom',
	recognizes: (file) => isRecord(file) && file.format === EXPORT_FORMAT,
	read(file) {
		const list = isRecord(file) && Array.isArray(file.conversations) ? file.conversations : [];
		return (list as unknown[]).map((record) => ({
			record: isRecord(record) ? record : { version: EXPORT_VERSION },
			left: []
		}));
	}
};

const formats: readonly ForeignFormat[] = [headroom, llamaCpp, openWebUi, webLlmChat];

/**
 * The conversations in an exported file of ours or of another program. Everything is validated field by field; what cannot be
 * used is left out and named. Two with one id become two; against those already stored `ConversationStore.add` guards.
 * Throws an ImportError when the file as a whole cannot be used.
 */
export function importConversations(text: string): Import {
	if (text.length > MAX_FILE_CHARS) {
		throw new ImportError('too-large', 'This file is too large to import.', {
			expected: `at most ${MAX_FILE_CHARS} characters`,
			found: `${text.length}`
		});
	}
	const file = parseJson(text);
	const format = formats.find((each) => each.recognizes(file));
	if (!format) {
		throw new ImportError('unknown-format', 'This file is not a chat export that is known here.', {
			expected: `an export of ${formats.map(({ name }) => name).join(', ')}`,
			found: shapeOf(file)
		});
	}
	if (format === headroom) refuseNewer(file);
	return restoreAll(format, format.read(file));
}

/** The program a file was exported by; null: it is no export known here. */
export function recognize(text: string): string | null {
	if (text.length > MAX_FILE_CHARS) return null;
	try {
		const file: unknown = JSON.parse(text);
		return formats.find((each) => each.recognizes(file))?.name ?? null;
	} catch {
		return null;
	}
}

function restoreAll(format: ForeignFormat, drafts: Draft[]): Import {
	const imported: Conversation[] = [];
	const skipped: Skipped[] = [];
	const taken = new Set<string>();
	if (drafts.length > MAX_CONVERSATIONS) {
		skipped.push({
			what: `conversations after the ${MAX_CONVERSATIONS}th`,
			why: `a file may bring ${MAX_CONVERSATIONS}, this one has ${drafts.length}`,
			whole: true
		});
	}
	drafts.slice(0, MAX_CONVERSATIONS).forEach(({ record, left }, index) => {
		const place = `conversation ${index + 1}`;
		try {
			const { conversation, repairs } = restoreConversation(withoutUndefined(record));
			const titled = withTitle(conversation);
			const what = titled.title || place;
			if (titled.messages.length === 0 && titled.title === '' && titled.system === '') {
				skipped.push({ what, why: 'it is empty', whole: true });
				return;
			}
			const mine = taken.has(titled.id) ? copyOf(titled) : titled;
			taken.add(mine.id);
			imported.push(mine);
			for (const why of counted([...repairs, ...left])) skipped.push({ what, why, whole: false });
		} catch (thrown) {
			if (!(thrown instanceof StorageError)) throw thrown;
			const { expected, found } = thrown.detail;
			const why = expected ? `expected ${expected}, found ${found ?? 'nothing'}` : thrown.message;
			skipped.push({ what: place, why, whole: true });
		}
	});
	return { format: format.name, imported, skipped };
}

function withTitle(conversation: Conversation): Conversation {
	if (conversation.title !== '') return conversation;
	const question = conversation.messages.find(({ role }) => role === 'user');
	return { ...conversation, title: titleOf(question?.text ?? '') };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (thrown) {
		throw new ImportError(
			'not-json',
			'This file is not JSON.',
			{ expected: 'JSON', found: thrown instanceof Error ? thrown.message : 'something else' },
			{ cause: thrown }
		);
	}
}

function refuseNewer(file: unknown): void {
	const version = isRecord(file) ? file.version : undefined;
	if (typeof version === 'number' && version >= 1 && version <= EXPORT_VERSION) return;
	throw new ImportError('newer-version', 'A newer version of this page wrote this file.', {
		expected: `version ${EXPORT_VERSION}`,
		found: `version ${String(version)}`
	});
}

/** A field that the other program did not have counts as absent. */
function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function counted(words: string[]): string[] {
	const counts = new Map<string, number>();
	for (const each of words) counts.set(each, (counts.get(each) ?? 0) + 1);
	return [...counts].map(([each, count]) => (count > 1 ? `${each} (${count} times)` : each));
}

function shapeOf(file: unknown): string {
	if (Array.isArray(file)) return `a list of ${file.length}`;
	if (!isRecord(file)) return file === null ? 'null' : typeof file;
	const keys = Object.keys(file).slice(0, 5);
	return keys.length > 0 ? `an object with ${keys.join(', ').slice(0, 100)}` : 'an empty object';
}
