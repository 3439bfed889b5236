import * as v from 'valibot';

/** The key of earlier versions, which all deployments below one origin shared. */
const FORMER_KEY = 'headroom-loading';

const Marker = v.object({
	variantId: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** How far the load had come. */
	phase: v.pipe(v.string(), v.maxLength(40)),
	at: v.pipe(v.number(), v.finite())
});
/** Left behind by a tab that died while it loaded. */
export type Crash = v.InferOutput<typeof Marker>;

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Beside the settings, not in them: it must be written before the next task, and IndexedDB is not. */
export class CrashMarker {
	readonly #key: string;
	/** Getting at it may throw. */
	readonly #storage: () => Kept;
	readonly #page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
	readonly #clear = () => this.clear();

	constructor(key: string, storage = (): Kept => localStorage, page: EventTarget = globalThis) {
		this.#key = key;
		this.#storage = storage;
		this.#page = page;
	}

	/** What a tab that died left behind; null: none did. Asks nothing of tabs that are loading just now. */
	read(): Crash | null {
		try {
			const storage = this.#storage();
			const text = storage.getItem(this.#key) ?? storage.getItem(FORMER_KEY) ?? 'null';
			const result = v.safeParse(Marker, JSON.parse(text));
			return result.success ? result.output : null;
		} catch {
			return null; // No storage, or not ours: then nothing is known of an earlier load.
		}
	}

	write(marker: Omit<Crash, 'at'>) {
		try {
			this.#storage().setItem(this.#key, JSON.stringify({ ...marker, at: Date.now() }));
			// A tab that is closed or reloaded in the middle did not die.
			this.#page.addEventListener('pagehide', this.#clear, { once: true });
		} catch {
			// A browser that keeps nothing keeps no marker either; the load itself needs none.
		}
	}

	clear() {
		this.#page.removeEventListener('pagehide', this.#clear);
		try {
			for (const key of [this.#key, FORMER_KEY]) this.#storage().removeItem(key);
		} catch {
			// It could not have been written.
		}
	}
}
