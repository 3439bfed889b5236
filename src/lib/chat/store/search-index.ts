import { promisifyRequest } from 'idb-keyval';
import * as v from 'valibot';
import { all, idOf, key, MANY, MOST_MARKED } from './keys.ts';
import { packsOf, parsePack, TextIndex, type Searched } from './text-index.ts';

const TextRecord = v.object({ id: v.string(), text: v.string(), updatedAt: v.number() });

// Reading 2,000 small records takes the browser ten times as long as a few large ones. So the texts lie in packs, and
// beside them one by one as they were last written; a mark says that a pack's copy is old.

export function writeText(store: IDBObjectStore, text: Searched): void {
	store.put(text, key('text', text.id));
	store.put(true, key('unpacked', text.id));
}

export function deleteText(store: IDBObjectStore, id: string): void {
	store.delete(key('text', id));
	store.delete(key('unpacked', id));
}

/** Writes many new ones at once, packed from the start. */
export async function writeTexts(store: IDBObjectStore, texts: readonly Searched[]): Promise<void> {
	if (texts.length <= MOST_MARKED / 2) {
		for (const text of texts) writeText(store, text);
		return;
	}
	for (const text of texts) store.put(text, key('text', text.id));
	const keys = await promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('pack')));
	const last = keys.at(-1);
	const next = Array.isArray(last) && typeof last[1] === 'number' ? last[1] + 1 : 0;
	writePacks(store, texts, next);
}

export interface Texts {
	index: TextIndex;
	/** Conversations that have no text, or none that can be read. */
	missing: string[];
	/** So many were read one by one that the packs should be rewritten. */
	scattered: boolean;
}

/** `ids`: of every conversation. */
export async function readTexts(store: IDBObjectStore, ids: readonly string[]): Promise<Texts> {
	const [packs, changedKeys] = await Promise.all([
		promisifyRequest<unknown[]>(store.getAll(all('pack'))),
		promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('unpacked')))
	]);
	const index = new TextIndex(packs.flatMap((raw) => parsePack(raw) ?? []));
	for (const changed of changedKeys) index.delete(idOf(changed));
	index.retain(new Set(ids));
	const alone = ids.filter((id) => !index.has(id));
	const wanted = new Set(alone);
	const records =
		alone.length > MANY
			? await promisifyRequest<unknown[]>(store.getAll(all('text')))
			: await Promise.all(alone.map((id) => promisifyRequest<unknown>(store.get(key('text', id)))));
	for (const record of records) {
		const text = v.safeParse(TextRecord, record);
		if (text.success && wanted.has(text.output.id)) index.set(text.output);
	}
	return {
		index,
		missing: alone.filter((id) => !index.has(id)),
		scattered: alone.length > MOST_MARKED
	};
}

export async function readText(store: IDBObjectStore, id: string): Promise<Searched | null> {
	const record = v.safeParse(TextRecord, await promisifyRequest(store.get(key('text', id))));
	return record.success ? record.output : null;
}

/** Rewrites all packs. */
export async function repack(store: IDBObjectStore): Promise<void> {
	const [keys, records] = await Promise.all([
		promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('conversation'))),
		promisifyRequest<unknown[]>(store.getAll(all('text')))
	]);
	const ids = new Set(keys.map(idOf));
	const texts = records.flatMap((record) => {
		const text = v.safeParse(TextRecord, record);
		return text.success && ids.has(text.output.id) ? [text.output] : [];
	});
	store.delete(all('pack'));
	store.delete(all('unpacked'));
	writePacks(store, texts, 0);
}

function writePacks(store: IDBObjectStore, texts: readonly Searched[], first: number): void {
	packsOf(texts).forEach((pack, index) => store.put(pack, ['pack', first + index]));
}
