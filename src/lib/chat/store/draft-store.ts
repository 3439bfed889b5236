import { createStore, delMany, entries, get, set, del, type UseStore } from 'idb-keyval';
import * as v from 'valibot';
import type { ImagePart } from '../conversation.ts';
import { Image, MAX_IMAGES, MAX_TEXT_CHARS } from '../record.ts';
import { inTurn } from '../../kit/in-turn.ts';

/** What was typed and not sent. */
export interface Draft {
	text: string;
	images: readonly ImagePart[];
}

/** Nobody comes back to an older one; its conversation may be gone. */
const MAX_AGE_MS = 90 * 24 * 3600 * 1000;

const DraftRecord = v.object({
	version: v.literal(1),
	at: v.pipe(v.number(), v.finite()),
	text: v.fallback(v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARS)), ''),
	images: v.fallback(v.pipe(v.array(Image), v.maxLength(MAX_IMAGES)), [])
});

/** Drafts by conversation, one record each, so that two tabs leave each other's alone. */
export class DraftStore {
	readonly #store: UseStore;
	readonly #turn = inTurn();

	constructor(database: string) {
		this.#store = createStore(database, 'records');
	}

	/** null: there is none that can be read. */
	async read(key: string): Promise<Draft | null> {
		const parsed = v.safeParse(DraftRecord, await this.#turn(() => get(key, this.#store)));
		if (!parsed.success) return null;
		const { text, images } = parsed.output;
		return { text, images };
	}

	/** An empty draft leaves no record. */
	async keep(key: string, { text, images }: Draft, now = Date.now()): Promise<void> {
		await this.#turn(() =>
			text === '' && images.length === 0
				? del(key, this.#store)
				: set(key, { version: 1, at: now, text, images: [...images] }, this.#store)
		);
	}

	/** Deletes what is too old, and what cannot be read. */
	async prune(now = Date.now()): Promise<void> {
		await this.#turn(async () => {
			const gone = (await entries<IDBValidKey, unknown>(this.#store)).filter(([, raw]) => {
				const parsed = v.safeParse(DraftRecord, raw);
				return !parsed.success || now - parsed.output.at > MAX_AGE_MS;
			});
			if (gone.length > 0)
				await delMany(
					gone.map(([key]) => key),
					this.#store
				);
		});
	}
}
