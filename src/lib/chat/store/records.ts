import { promisifyRequest, type UseStore } from 'idb-keyval';
import * as v from 'valibot';
import type { Conversation } from '../conversation.ts';
import { restoreConversation, type Restored } from '../record.ts';
import { searchText } from '../search.ts';
import { StorageError } from '../../kit/storage-error.ts';
import { written } from '../../kit/written.ts';
import { key } from './keys.ts';
import { summaryOf, writeSummary } from './listing.ts';
import { writeText } from './search-index.ts';
import type { Searched } from './text-index.ts';

/** A record that could not be read: it is kept, and can be handed to the person. */
export interface SetAside {
	id: string;
	at: number;
	why: string;
	raw: unknown;
}

export const Aside = v.object({
	id: v.string(),
	at: v.number(),
	why: v.string(),
	raw: v.unknown()
});

/** Throws a StorageError that names the record. */
export function readRecord(id: string, raw: unknown): Restored {
	try {
		return restoreConversation(raw);
	} catch (thrown) {
		if (!(thrown instanceof StorageError)) throw thrown;
		throw new StorageError(thrown.kind, thrown.message, { ...thrown.detail, record: id });
	}
}

/** null: it cannot be read. */
export function readable(raw: unknown): Restored | null {
	try {
		return restoreConversation(raw);
	} catch (thrown) {
		if (thrown instanceof StorageError) return null;
		throw thrown;
	}
}

/** Writes a conversation with what the list and the search show of it. */
export function writeRecord(store: IDBObjectStore, conversation: Conversation): void {
	store.put(conversation, key('conversation', conversation.id));
	writeDrawn(store, conversation.id, conversation);
}

export function searchedOf(conversation: Conversation): Searched {
	const { id, updatedAt } = conversation;
	return { id, text: searchText(conversation), updatedAt };
}

export function keepAside(store: IDBObjectStore, id: string, raw: unknown, why: string): void {
	const at = Date.now();
	const aside: SetAside = { id, at, why, raw };
	store.put(aside, key('aside', `${id} ${at}`));
}

/** For a conversation without summary or text: an older page wrote it, or a hand. null: it cannot be read. */
export async function drawAgain(use: UseStore, id: string): Promise<Conversation | null> {
	return inTransaction(use, async (store) => {
		const raw = await promisifyRequest<unknown>(store.get(key('conversation', id)));
		if (raw === undefined) return null;
		try {
			const { conversation } = readRecord(id, raw);
			writeDrawn(store, id, conversation);
			return conversation;
		} catch (thrown) {
			if (!(thrown instanceof StorageError)) throw thrown;
			if (thrown.kind === 'unreadable') {
				keepAside(store, id, raw, thrown.message);
				store.delete(key('conversation', id));
			}
			return null;
		}
	});
}

/** Runs `work` in one transaction and waits until it is on the disk. A throw undoes it all. */
export async function inTransaction<T>(
	use: UseStore,
	work: (store: IDBObjectStore) => Promise<T>
): Promise<T> {
	return use('readwrite', async (store) => {
		const done = written(store.transaction);
		done.catch(() => undefined); // heard below, if the work gets that far
		try {
			const result = await work(store);
			await done;
			return result;
		} catch (thrown) {
			try {
				store.transaction.abort();
			} catch {
				// It had ended by itself.
			}
			throw thrown;
		}
	});
}

/** `id`: the record's, whatever it says itself. */
function writeDrawn(store: IDBObjectStore, id: string, conversation: Conversation): void {
	writeSummary(store, { ...summaryOf(conversation), id });
	writeText(store, { ...searchedOf(conversation), id });
}
