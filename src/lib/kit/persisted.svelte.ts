import { promisifyRequest, type UseStore } from 'idb-keyval';
import { OwnStore } from './own-store.ts';
import { asStorageError, type StorageError } from './storage-error.ts';
import { written } from './written.ts';

type Update<T> = (value: T) => T;

/**
 * A value that outlives the page and is the same in every tab. Never trusted when read: `parse` must return a T
 * whatever it is given.
 */
export class Persisted<T extends object> {
	/** Holds the defaults until `ready`. */
	current: T;
	/** Why the value is not being kept, if so: it then lives as long as the page. */
	problem = $state.raw<StorageError | null>(null);
	readonly ready: Promise<void>;
	readonly #key: string;
	readonly #parse: (raw: unknown) => T;
	readonly #store: UseStore;
	readonly #channel: BroadcastChannel;
	/** Shown already, not on the disk yet. */
	#pending: Update<T>[] = [];
	#kept: T;

	/** `former`: the database under which earlier versions kept it; null: none. */
	constructor(
		key: string,
		parse: (raw: unknown) => T,
		database: string,
		former: string | null = null
	) {
		this.#key = key;
		this.#parse = parse;
		const store = 'values';
		this.#store = new OwnStore(
			database,
			store,
			former === null ? null : { database: former, store }
		).use;
		this.#kept = parse(undefined);
		this.current = $state.raw(this.#kept);
		this.#channel = new BroadcastChannel(`${database}/${key}`);
		this.#channel.addEventListener('message', () => void this.#read());
		this.ready = this.#read();
	}

	/** Changes some fields; shown at once, resolves when kept. Fields that others changed meanwhile stay theirs. */
	set(change: Partial<T>): Promise<void> {
		return this.update((value) => ({ ...value, ...change }));
	}

	/** Like `set`, from the value as it is on the disk: may run twice. */
	async update(update: Update<T>): Promise<void> {
		const checked: Update<T> = (value) => this.#parse(update(value));
		this.#pending.push(checked);
		this.#show(this.#kept);
		try {
			const kept = await this.#store('readwrite', async (store) => {
				const done = written(store.transaction);
				done.catch(() => undefined);
				const stored = this.#parse(await promisifyRequest<unknown>(store.get(this.#key)));
				const next = checked(stored);
				store.put(next, this.#key);
				await done;
				return next;
			});
			this.#settle(checked, kept);
			this.problem = null;
			this.#channel.postMessage('changed');
		} catch (thrown) {
			this.problem = asStorageError(thrown, 'keeping the settings');
			this.#settle(checked, checked(this.#kept));
		}
	}

	reset(): Promise<void> {
		return this.update(() => this.#parse(undefined));
	}

	close(): void {
		this.#channel.close();
	}

	async #read(): Promise<void> {
		try {
			const raw = await this.#store('readonly', (store) =>
				promisifyRequest<unknown>(store.get(this.#key))
			);
			this.#show(this.#parse(raw));
		} catch (thrown) {
			this.problem = asStorageError(thrown, 'reading the settings');
		}
	}

	#settle(update: Update<T>, kept: T): void {
		this.#pending = this.#pending.filter((each) => each !== update);
		this.#show(kept);
	}

	#show(kept: T): void {
		this.#kept = kept;
		this.current = this.#pending.reduce((value, update) => update(value), kept);
	}
}
