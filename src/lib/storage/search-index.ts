import { promisifyRequest } from 'idb-keyval';
import * as v from 'valibot';
import { all, idOf, key } from './keys.ts';

/** What a search looks through of one conversation. */
export type Searched = v.InferOutput<typeof TextRecord>;

const TextRecord = v.object({ id: v.string(), text: v.string(), updatedAt: v.number() });
const Pack = v.object({ texts: v.array(v.unknown()) });

/**
 * Reading 2,000 small records takes the browser ten times as long as the same text in 40 large ones. So the texts lie
 * in packs, and beside them one by one as they were last written; a mark says that a pack's copy is old.
 */
const PACK_CHARS = 400_000;
/** Fewer changed ones are not worth writing all packs anew. */
const MAX_UNPACKED = 100;
/** From here on reading every record of the kind is faster than asking for each. */
const MANY = 300;

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
	if (texts.length <= MAX_UNPACKED / 2) {
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
	texts: Map<string, Searched>;
	/** Conversations that have no text, or none that can be read. */
	missing: string[];
	/** So many were read one by one that the packs should be written anew. */
	scattered: boolean;
}

export async function readTexts(store: IDBObjectStore): Promise<Texts> {
	const [keys, packs, changedKeys] = await Promise.all([
		promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('conversation'))),
		promisifyRequest<unknown[]>(store.getAll(all('pack'))),
		promisifyRequest<IDBValidKey[]>(store.getAllKeys(all('unpacked')))
	]);
	const ids = keys.map(idOf);
	const changed = new Set(changedKeys.map(idOf));
	const packed = new Map<string, Searched>();
	// In the order they were written: a later pack knows better.
	for (const raw of packs) {
		const pack = v.safeParse(Pack, raw);
		for (const text of pack.success ? pack.output.texts : []) keep(packed, text);
	}
	const alone = ids.filter((id) => changed.has(id) || !packed.has(id));
	const records =
		alone.length > MANY
			? await promisifyRequest<unknown[]>(store.getAll(all('text')))
			: await Promise.all(alone.map((id) => promisifyRequest<unknown>(store.get(key('text', id)))));
	const single = new Map<string, Searched>();
	for (const record of records) keep(single, record);
	const unpacked = new Set(alone);
	const texts = new Map<string, Searched>();
	const missing: string[] = [];
	for (const id of ids) {
		const text = (unpacked.has(id) ? single : packed).get(id);
		if (text) texts.set(id, text);
		else missing.push(id);
	}
	return { texts, missing, scattered: alone.length > MAX_UNPACKED };
}

export async function readText(store: IDBObjectStore, id: string): Promise<Searched | null> {
	const record = v.safeParse(TextRecord, await promisifyRequest(store.get(key('text', id))));
	return record.success ? record.output : null;
}

/** Writes all packs anew. */
export async function repack(store: IDBObjectStore): Promise<void> {
	const { texts } = await readTexts(store);
	store.delete(all('pack'));
	store.delete(all('unpacked'));
	writePacks(store, [...texts.values()], 0);
}

function writePacks(store: IDBObjectStore, texts: readonly Searched[], first: number): void {
	let pack: Searched[] = [];
	let chars = 0;
	let next = first;
	const write = () => {
		if (pack.length > 0) store.put({ texts: pack }, ['pack', next++]);
		pack = [];
		chars = 0;
	};
	for (const text of texts) {
		pack.push(text);
		chars += text.text.length;
		if (chars >= PACK_CHARS) write();
	}
	write();
}

function keep(texts: Map<string, Searched>, raw: unknown): void {
	const text = v.safeParse(TextRecord, raw);
	if (text.success) texts.set(text.output.id, text.output);
}
