import type { UseStore } from 'idb-keyval';
import { Kept } from './kept.ts';
import {
	countConversations,
	readEach,
	readListing,
	refreshSummaries,
	relist,
	summaryOf,
	type Listing,
	type Summary
} from './listing.ts';
import { drawAgain, inTransaction, searchedOf } from './records.ts';
import { readText, readTexts, repack } from './search-index.ts';
import type { TextIndex } from './text-index.ts';

/** Some forty thousand long conversations; what is more is read again for every search. */
const MAX_KEPT_BYTES = 60_000_000;

/** What the list and the search show of all conversations. Where either is missing on the disk it is drawn again. */
export class Projections {
	readonly #use: UseStore;
	/** All of it may be different from what was given last. */
	readonly #differs: () => void;
	readonly #listed: Kept<Map<string, Summary>> = new Kept({
		read: () => this.#readSummaries(readListing),
		refresh: (summaries, ids) =>
			this.#use('readonly', (store) => refreshSummaries(store, summaries, ids))
	});
	readonly #searched: Kept<TextIndex> = new Kept({
		read: () => this.#readTexts(),
		refresh: async (index, ids) => {
			const texts = await this.#use('readonly', (store) =>
				Promise.all(ids.map((id) => readText(store, id)))
			);
			ids.forEach((id, i) => {
				const text = texts[i];
				if (text) index.set(text);
				else index.delete(id);
			});
		}
	});

	constructor(use: UseStore, differs: () => void) {
		this.#use = use;
		this.#differs = differs;
	}

	summaries(): Promise<Map<string, Summary>> {
		return this.#listed.get();
	}

	texts(): Promise<TextIndex> {
		return this.#searched.get();
	}

	changed(ids: readonly string[]) {
		for (const id of ids) {
			this.#listed.changed(id);
			this.#searched.changed(id);
		}
	}

	async #readSummaries(read: (store: IDBObjectStore) => Promise<Listing>) {
		const { summaries, missing, scattered, unverified } = await this.#use('readonly', (store) => {
			store.transaction.db.addEventListener('close', () => this.#forget(), { once: true });
			return read(store);
		});
		for (const id of missing) {
			const conversation = await drawAgain(this.#use, id);
			if (conversation) summaries.set(id, { ...summaryOf(conversation), id });
		}
		if (scattered) whenIdle(() => inTransaction(this.#use, relist));
		if (unverified) whenIdle(() => this.#verify(summaries));
		return { value: summaries, keep: true };
	}

	/** Whoever wrote or deleted a conversation without its summary is found by the number of both. */
	async #verify(listed: Map<string, Summary>): Promise<void> {
		const differed = await this.#listed.verify(
			listed,
			async (changed) => {
				const count = await this.#use('readonly', async (store) => {
					await refreshSummaries(store, listed, changed);
					return countConversations(store);
				});
				return listed.size === count;
			},
			() => this.#readSummaries(readEach)
		);
		if (!differed) return;
		this.#searched.forget();
		this.#differs();
	}

	/** The database was taken away, as when the person clears what sites have stored. */
	#forget(): void {
		this.#listed.forget();
		this.#searched.forget();
		this.#differs();
	}

	async #readTexts() {
		const ids = [...(await this.summaries()).keys()];
		const { index, missing, scattered } = await this.#use('readonly', (store) =>
			readTexts(store, ids)
		);
		for (const id of missing) {
			const conversation = await drawAgain(this.#use, id);
			if (conversation) index.set({ ...searchedOf(conversation), id });
		}
		if (scattered) whenIdle(() => inTransaction(this.#use, repack));
		return { value: index, keep: index.bytes <= MAX_KEPT_BYTES };
	}
}

/** Lists and packs save time and hold nothing that is not elsewhere: failing to write them costs nothing but that. */
function whenIdle(work: () => Promise<unknown>) {
	const run = () => void work().catch(() => undefined);
	if ('requestIdleCallback' in globalThis) requestIdleCallback(run);
	else setTimeout(run, 1_000);
}
