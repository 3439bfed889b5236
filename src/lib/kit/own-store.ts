import { createStore, promisifyRequest, type UseStore } from 'idb-keyval';
import * as v from 'valibot';

/**
 * Earlier versions kept their databases under names that all deployments below one origin shared. Each deployment
 * copies what it finds there into its own, once. The former one stays for as long, in milliseconds: another deployment
 * may not have been visited yet.
 */
export const FORMER_KEPT_MS = 90 * 24 * 3600_000;

/** Records that are copied in one go: conversations may hold pictures of some megabytes each. */
const BATCH = 50;

/** Where a deployment notes that it has copied. No key of the databases' own begins so. */
const MARK = ['former'];
const MarkSchema = v.object({
	version: v.literal(1),
	/** When it was copied, and up to when it was looked at since. Milliseconds since 1970. */
	at: v.number(),
	lookedAt: v.number()
});
type Mark = v.InferOutput<typeof MarkSchema>;

export interface Former {
	database: string;
	store: string;
	/** Whether a record is worth a copy: some are drawn from others. */
	copies?: (key: IDBValidKey) => boolean;
}

/** The store of one deployment, which begins with what the former one holds. */
export class OwnStore {
	/** Runs `callback` in a transaction. */
	readonly use: UseStore;
	readonly #own: UseStore;
	readonly #former: Former | null;
	#copied: Promise<void> | null = null;

	constructor(database: string, store: string, former: Former | null = null) {
		this.#own = createStore(database, store);
		this.#former = former;
		this.use = async (mode, callback) => {
			// A copy that failed is tried again by the next visit; until then what is new is kept.
			await (this.#copied ??= this.#copy().catch(() => undefined));
			return this.#own(mode, callback);
		};
	}

	/**
	 * Runs `take` on the former store, if it is still there, with the time up to which it was looked at: a tab with an
	 * earlier version may have written since. Deletes it when its time is over.
	 */
	async lookAtFormer(
		take: (former: UseStore, since: number) => Promise<void>,
		now = Date.now()
	): Promise<void> {
		const former = this.#former;
		if (!former || !(await exists(former.database))) return;
		const mark = await this.use('readonly', readMark);
		if (!mark) return;
		if (now - mark.at > FORMER_KEPT_MS) {
			indexedDB.deleteDatabase(former.database);
			return;
		}
		await reading(former, (use) => take(use, mark.lookedAt));
		await this.#note({ ...mark, lookedAt: now });
	}

	async #copy(): Promise<void> {
		const former = this.#former;
		if (!former || (await this.#own('readonly', readMark))) return;
		if (await exists(former.database))
			await reading(former, async (use) => {
				const keys = (
					await use('readonly', (store) => promisifyRequest<IDBValidKey[]>(store.getAllKeys()))
				).filter((key) => former.copies?.(key) ?? true);
				for (let from = 0; from < keys.length; from += BATCH)
					await this.#put(use, keys.slice(from, from + BATCH));
			});
		const now = Date.now();
		await this.#note({ version: 1, at: now, lookedAt: now });
	}

	/** Copies records; one that is there already is newer. */
	async #put(former: UseStore, keys: readonly IDBValidKey[]): Promise<void> {
		const values = await former('readonly', (store) =>
			Promise.all(keys.map((key) => promisifyRequest<unknown>(store.get(key))))
		);
		await this.#own('readwrite', async (store) => {
			const done = promisifyRequest(store.transaction);
			const present = await Promise.all(
				keys.map((key) => promisifyRequest<IDBValidKey | undefined>(store.getKey(key)))
			);
			keys.forEach((key, i) => {
				if (present[i] === undefined && values[i] !== undefined) store.put(values[i], key);
			});
			await done;
		});
	}

	async #note(mark: Mark): Promise<void> {
		await this.#own('readwrite', (store) => {
			store.put(mark, MARK);
			return promisifyRequest(store.transaction);
		});
	}
}

async function readMark(store: IDBObjectStore): Promise<Mark | null> {
	const mark = v.safeParse(MarkSchema, await promisifyRequest<unknown>(store.get(MARK)));
	return mark.success ? mark.output : null;
}

/** Asking for a database by opening it would create it. */
const exists = async (database: string): Promise<boolean> =>
	(await indexedDB.databases()).some(({ name }) => name === database);

/** Closes it afterwards: an open connection would keep other tabs from deleting it. */
async function reading(
	{ database, store }: Former,
	work: (use: UseStore) => Promise<void>
): Promise<void> {
	const db = await promisifyRequest(indexedDB.open(database));
	try {
		if (db.objectStoreNames.contains(store))
			await work(async (mode, callback) =>
				callback(db.transaction(store, mode).objectStore(store))
			);
	} finally {
		db.close();
	}
}
