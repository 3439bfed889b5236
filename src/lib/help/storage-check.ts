import { bytes } from '#plan/words.ts';
import { promisifyRequest } from 'idb-keyval';

/** Written and read back: enough not to be kept in some small place apart. */
const SAMPLE_BYTES = 64 * 1024;
const STORE = 'sample';

export interface StorageCheck {
	/** What does not work, in sentences. */
	problems: readonly string[];
	/** How much room there is, and for how long. */
	found: string;
}

/**
 * Writes a sample where models and where conversations are kept, reads it back and deletes it. `name`: of a cache and a
 * database that nothing else uses.
 */
export async function checkStorage(name: string): Promise<StorageCheck> {
	const sample = crypto.getRandomValues(new Uint8Array(SAMPLE_BYTES));
	const results = await Promise.all([
		tried('The Cache API, where models are kept,', sample, () => throughCache(name, sample)),
		tried('IndexedDB, where conversations are kept,', sample, () => throughDatabase(name, sample))
	]);
	return { problems: results.filter((problem) => problem !== null), found: await room() };
}

async function tried(
	what: string,
	sample: Uint8Array,
	work: () => Promise<Uint8Array>
): Promise<string | null> {
	try {
		const back = await work();
		const same = back.length === sample.length && back.every((byte, i) => byte === sample[i]);
		return same ? null : `${what} gave back something else than was written.`;
	} catch (thrown) {
		return `${what} cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
	}
}

async function throughCache(name: string, sample: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
	const url = new URL('/self-test', location.href).href;
	const cache = await caches.open(name);
	try {
		await cache.put(url, new Response(sample));
		const found = await cache.match(url);
		return new Uint8Array((await found?.arrayBuffer()) ?? new ArrayBuffer(0));
	} finally {
		await caches.delete(name);
	}
}

async function throughDatabase(name: string, sample: Uint8Array): Promise<Uint8Array> {
	const opening = indexedDB.open(name);
	opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
	const database = await promisifyRequest(opening);
	try {
		const writing = database.transaction(STORE, 'readwrite');
		writing.objectStore(STORE).put(sample, STORE);
		await promisifyRequest(writing);
		const found = await promisifyRequest<unknown>(
			database.transaction(STORE).objectStore(STORE).get(STORE)
		);
		return found instanceof Uint8Array ? found : new Uint8Array();
	} finally {
		database.close();
		indexedDB.deleteDatabase(name);
	}
}

async function room(): Promise<string> {
	const { storage } = navigator as { storage?: StorageManager };
	if (!storage) return 'The browser does not say how much room there is.';
	const told: StorageEstimate | null = await storage.estimate().catch(() => null);
	const [usage, quota] = [told?.usage ?? NaN, told?.quota ?? NaN];
	const persisted = await storage.persisted().catch(() => false);
	return `This site uses ${bytes(usage)} of the ${bytes(quota)} that the browser allows it; ${persisted ? 'the browser keeps it' : 'the browser may clear it when the disk fills up'}.`;
}
