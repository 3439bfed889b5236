import { promisifyRequest, type UseStore } from 'idb-keyval';
import * as v from 'valibot';
import type { Conversation } from '../conversation.ts';
import { copyOf } from '../copy.ts';
import { leafBelow } from '../tree.ts';
import { merge } from '../merge.ts';
import { hitOf, wordsOf, type Hit } from '../search.ts';
import { asStorageError, StorageError } from '../../kit/storage-error.ts';
import { OwnStore } from '../../kit/own-store.ts';
import { all, idOf, key, type Kind } from './keys.ts';
import {
	deleteSummary,
	readSummaries,
	summaryOf,
	writeSummaries,
	type Summary
} from './listing.ts';
import { Projections } from './projections.ts';
import {
	Aside,
	inTransaction,
	keepAside,
	readable,
	readRecord,
	searchedOf,
	writeRecord,
	type SetAside
} from './records.ts';
import { deleteText, writeTexts } from './search-index.ts';

export type { SetAside };

export interface Change {
	kind: 'saved' | 'removed' | 'restored';
	ids: string[];
}

/** For as long a removed conversation can be brought back; then it is gone. */
export const UNDO_MS = 10 * 60_000;

const ChangeMessage = v.object({
	kind: v.picklist(['saved', 'removed', 'restored']),
	ids: v.array(v.string())
});
const Trash = v.object({ at: v.number(), raw: v.unknown() });

export const MAX_HITS = 50;
/** Every conversation of this browser, one record each, shared with the other tabs. */
export class ConversationStore {
	readonly #own: OwnStore;
	readonly #store: UseStore;
	readonly #channel: BroadcastChannel;
	readonly #listeners = new Set<(change: Change) => void>();
	readonly #drawn: Projections;

	/** `former`: the database under which earlier versions kept them; null: none. */
	constructor(database: string, former: string | null = null) {
		// idb-keyval: one store per database.
		const store = 'records';
		this.#own = new OwnStore(
			database,
			store,
			former === null ? null : { database: former, store, copies: isOriginal }
		);
		this.#store = this.#own.use;
		this.#drawn = new Projections(this.#store, () => this.#hear({ kind: 'saved', ids: [] }));
		this.#channel = new BroadcastChannel(database);
		this.#channel.addEventListener('message', (event: MessageEvent<unknown>) => {
			const change = v.safeParse(ChangeMessage, event.data);
			if (change.success) this.#tell(change.output);
		});
	}

	/** Pinned first, then the latest. */
	async list(): Promise<Summary[]> {
		return this.#do('listing the conversations', async () => {
			const listed = await this.#drawn.summaries();
			return [...listed.values()].sort(
				(a, b) => Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt
			);
		});
	}

	/** The latest conversations with all words of the query in their title or messages, and how many there are. */
	async search(query: string, limit = MAX_HITS): Promise<{ hits: Hit[]; total: number }> {
		const words = wordsOf(query);
		if (words.length === 0) return { hits: [], total: 0 };
		return this.#do('searching', async () => {
			const index = await this.#drawn.texts();
			const found = index.find(words).sort((a, b) => b.updatedAt - a.updatedAt);
			const raws = await this.#store('readonly', (store) =>
				Promise.all(
					found
						.slice(0, limit)
						.map(({ id }) => promisifyRequest<unknown>(store.get(key('conversation', id))))
				)
			);
			const hits = raws.flatMap((raw) => {
				const restored = raw === undefined ? null : readable(raw);
				return restored ? [hitOf(restored.conversation, words)] : [];
			});
			return { hits, total: found.length };
		});
	}

	/** Reads what a search looks through ahead of the first one: worth it when the search field gets the focus. */
	async prepareSearch(): Promise<void> {
		await this.#do('searching', () => this.#drawn.texts());
	}

	/** Every conversation, for an export, and how many could not be read. */
	async loadAll(): Promise<{ conversations: Conversation[]; unreadable: number }> {
		return this.#do('reading all conversations', async () => {
			const raws = await this.#store('readonly', (store) =>
				promisifyRequest<unknown[]>(store.getAll(all('conversation')))
			);
			const conversations = raws.flatMap((raw) => readable(raw)?.conversation ?? []);
			return { conversations, unreadable: raws.length - conversations.length };
		});
	}

	/** Adds conversations that came from elsewhere. None replaces one that is here: where the id is taken it becomes a copy. */
	async add(conversations: readonly Conversation[]): Promise<Conversation[]> {
		const added = await this.#do('adding conversations', () =>
			inTransaction(this.#store, async (store) => {
				const kinds: Kind[] = ['conversation', 'trash'];
				const keys = await Promise.all(
					kinds.map((kind) => promisifyRequest<IDBValidKey[]>(store.getAllKeys(all(kind))))
				);
				const taken = new Set(keys.flat().map(idOf));
				const added = conversations.map((conversation) => {
					const mine = taken.has(conversation.id) ? copyOf(conversation) : conversation;
					taken.add(mine.id);
					store.put(mine, key('conversation', mine.id));
					return mine;
				});
				await writeSummaries(store, added.map(summaryOf));
				await writeTexts(store, added.map(searchedOf));
				return added;
			})
		);
		this.#announce({ kind: 'saved', ids: added.map(({ id }) => id) });
		return added;
	}

	/** null: there is none (or it was removed). Throws if the record cannot be read; it stays where it is. */
	async load(id: string): Promise<Conversation | null> {
		return this.#do('opening a conversation', async () => {
			const raw = await this.#store('readonly', (store) =>
				promisifyRequest<unknown>(store.get(key('conversation', id)))
			);
			if (raw === undefined) return null;
			const { conversation } = readRecord(id, raw);
			return conversation;
		});
	}

	/**
	 * Writes a conversation, merged with what other tabs wrote meanwhile, and returns that, showing what ours shows. A conversation that was removed stays
	 * removed, with these changes in it should it be brought back.
	 */
	async save(conversation: Conversation): Promise<Conversation> {
		const { id } = conversation;
		const { saved, removed } = await this.#do('saving a conversation', () =>
			inTransaction(this.#store, async (store) => {
				const [stored, trash] = await Promise.all([
					promisifyRequest<unknown>(store.get(key('conversation', id))),
					promisifyRequest<unknown>(store.get(key('trash', id)))
				]);
				const trashed = v.safeParse(Trash, trash);
				const inTrash = stored === undefined && trashed.success;
				const saved = this.#mergeWith(store, inTrash ? trashed.output.raw : stored, conversation);
				if (inTrash) store.put({ ...trashed.output, raw: saved }, key('trash', id));
				else writeRecord(store, saved);
				return { saved, removed: inTrash };
			})
		);
		if (!removed) this.#announce({ kind: 'saved', ids: [id] });
		const shown = { ...saved, chosen: conversation.chosen };
		return { ...shown, leaf: leafBelow(shown, conversation.leaf) };
	}

	/** Can be undone with `restore` for UNDO_MS. */
	async remove(id: string): Promise<void> {
		const found = await this.#do('removing a conversation', () =>
			inTransaction(this.#store, async (store) => {
				const raw = await promisifyRequest<unknown>(store.get(key('conversation', id)));
				if (raw === undefined) return false;
				store.put({ at: Date.now(), raw }, key('trash', id));
				store.delete(key('conversation', id));
				deleteSummary(store, id);
				deleteText(store, id);
				return true;
			})
		);
		if (found) this.#announce({ kind: 'removed', ids: [id] });
	}

	/** Brings back what `remove` took away. false: it is gone for good. */
	async restore(id: string): Promise<boolean> {
		const found = await this.#do('bringing a conversation back', () =>
			inTransaction(this.#store, async (store) => {
				const trash = v.safeParse(
					Trash,
					await promisifyRequest<unknown>(store.get(key('trash', id)))
				);
				if (!trash.success) return false;
				const { conversation } = readRecord(id, trash.output.raw);
				writeRecord(store, conversation);
				store.delete(key('trash', id));
				return true;
			})
		);
		if (found) this.#announce({ kind: 'restored', ids: [id] });
		return found;
	}

	/** Deletes for good what was removed longer than `olderThanMs` ago. */
	async purge(olderThanMs = UNDO_MS): Promise<void> {
		await this.#do('emptying the trash', () =>
			inTransaction(this.#store, async (store) => {
				const [keys, values] = await Promise.all([
					promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('trash'))),
					promisifyRequest<unknown[]>(store.getAll(all('trash')))
				]);
				const before = Date.now() - olderThanMs;
				keys.forEach((each, index) => {
					const trash = v.safeParse(Trash, values[index]);
					if (!trash.success || trash.output.at <= before) store.delete(each);
				});
			})
		);
	}

	/** Takes in what a tab with an earlier version has written to the former database since it was copied. */
	async adoptLate(): Promise<void> {
		await this.#do('looking for conversations of an earlier version', () =>
			this.#own.lookAtFormer(async (former, since) => {
				const late = (await former('readonly', readSummaries)).filter(
					({ updatedAt }) => updatedAt > since
				);
				for (const { id } of late) {
					const raw = await former('readonly', (store) =>
						promisifyRequest<unknown>(store.get(key('conversation', id)))
					);
					const restored = raw === undefined ? null : readable(raw);
					if (restored) await this.save(restored.conversation);
				}
			})
		);
	}

	/** Records that could not be read, as they were found. */
	async setAside(): Promise<SetAside[]> {
		return this.#do('reading what was set aside', async () => {
			const values = await this.#store('readonly', (store) =>
				promisifyRequest<unknown[]>(store.getAll(all('aside')))
			);
			return values.flatMap((value) => {
				const aside = v.safeParse(Aside, value);
				return aside.success ? [aside.output] : [];
			});
		});
	}

	/** Hears of changes in this tab and the others. Returns the way to stop. */
	onChange(listener: (change: Change) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	close(): void {
		this.#listeners.clear();
		this.#channel.close();
	}

	#mergeWith(store: IDBObjectStore, stored: unknown, ours: Conversation): Conversation {
		if (stored === undefined) return ours;
		let theirs: Conversation;
		try {
			const restored = readRecord(ours.id, stored);
			theirs = restored.conversation;
			if (restored.repairs.length > 0) {
				keepAside(store, ours.id, stored, restored.repairs.join('; '));
			}
		} catch (thrown) {
			// A newer page's record is not ours to replace.
			if (!(thrown instanceof StorageError) || thrown.kind === 'newer-version') throw thrown;
			keepAside(store, ours.id, stored, thrown.message);
			return ours;
		}
		return merge(theirs, ours);
	}

	async #do<T>(doing: string, work: () => Promise<T>): Promise<T> {
		try {
			return await work();
		} catch (thrown) {
			throw asStorageError(thrown, doing);
		}
	}

	#announce(change: Change): void {
		this.#channel.postMessage(change);
		this.#tell(change);
	}

	#tell(change: Change): void {
		this.#drawn.changed(change.ids);
		this.#hear(change);
	}

	#hear(change: Change): void {
		for (const listener of this.#listeners) listener(change);
	}
}

/** Lists and packs are drawn again from what they hold together. */
const ORIGINALS: readonly unknown[] = [
	'conversation',
	'summary',
	'text',
	'trash',
	'aside'
] satisfies Kind[];
const isOriginal = (each: IDBValidKey): boolean =>
	Array.isArray(each) && ORIGINALS.includes(each[0]);
