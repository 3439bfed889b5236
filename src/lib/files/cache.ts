import { Failure } from '../worker/failure.ts';
import { fileName, type Fetched } from './fetch-file.ts';

/** The caches in which the engine looks for files, by what lies in them. */
const CACHES = {
	config: 'webllm/config',
	library: 'webllm/wasm',
	weights: 'webllm/model'
} as const;
export type CacheKind = keyof typeof CACHES;
const KINDS = Object.keys(CACHES) as CacheKind[];

export const openCache = (kind: CacheKind): Promise<Cache> => caches.open(CACHES[kind]);

/** Bytes of a cached file, from the header our downloads write, else by measuring. Null: not cached. */
export async function cachedSize(cache: Cache, url: string): Promise<number | null> {
	const response = await cache.match(url);
	if (!response) return null;
	const { headers } = response;
	const length = headers.get('content-length');
	// What the engine fetched itself has the header of the transfer, which may have been compressed.
	if (length !== null && /^\d+$/.test(length) && !headers.has('content-encoding'))
		return Number(length);
	return (await response.blob()).size;
}

const headersOf = (bytes: number, type: string) => ({
	'content-length': String(bytes),
	'content-type': type || 'application/octet-stream'
});

/** Stores a file whole or not at all; fails with `quota` when there is no room. */
export async function putFile(
	cache: Cache,
	url: string,
	{ bytes, type }: Pick<Fetched, 'bytes' | 'type'>
): Promise<void> {
	const headers = headersOf(bytes.byteLength, type);
	try {
		await cache.put(url, new Response(bytes, { headers }));
	} catch (error) {
		throw asQuota(error, url, bytes.byteLength);
	}
}

/**
 * A file that goes to the disk while it still arrives. It is in its cache only once it was kept: what is dropped, or
 * breaks off with the page, was never there. That is half the work of a put of the whole file afterwards.
 */
export class Incoming {
	readonly #url: string;
	readonly #bytes: number;
	readonly #put: Promise<void>;
	#controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;

	constructor(cache: Cache, url: string, bytes: number) {
		this.#url = url;
		this.#bytes = bytes;
		const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
			start: (controller) => {
				this.#controller = controller;
			},
			// The disk is full, or the like; `keep` says so.
			cancel: () => {
				this.#controller = null;
			}
		});
		this.#put = cache.put(url, new Response(body, { headers: headersOf(bytes, '') }));
		this.#put.catch(() => undefined);
	}

	add(chunk: Uint8Array<ArrayBuffer>) {
		this.#controller?.enqueue(chunk);
	}

	/** Resolves when the file is in its cache; fails with `quota` when there is no room. */
	async keep(): Promise<void> {
		this.#controller?.close();
		try {
			await this.#put;
		} catch (error) {
			throw asQuota(error, this.#url, this.#bytes);
		}
	}

	drop() {
		this.#controller?.error(new Failure('cancelled', 'Dropped.'));
		this.#controller = null;
	}
}

function asQuota(error: unknown, url: string, bytes: number): unknown {
	if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) return error;
	const file = fileName(url);
	return new Failure('quota', `The browser has no room left for ${file}.`, {
		file,
		expected: `room for ${bytes} bytes`,
		found: 'none'
	});
}

/** Runs alone for this file, in all tabs: who comes second finds what the first has fetched. */
export const withFile = <T>(url: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> =>
	navigator.locks.request(`headroom-file ${url}`, { signal }, run);

export interface CachedFile {
	kind: CacheKind;
	url: string;
	bytes: number;
}

/** Every file in the engine's caches, or of those below a URL. */
export async function cachedFiles(prefix = ''): Promise<CachedFile[]> {
	const files: CachedFile[] = [];
	for (const kind of KINDS) {
		const cache = await openCache(kind);
		for (const { url } of await cache.keys())
			if (url.startsWith(prefix))
				files.push({ kind, url, bytes: (await cachedSize(cache, url)) ?? 0 });
	}
	return files;
}

/** Deletes every cached file whose URL is chosen; resolves with how many there were. */
export async function deleteCached(chosen: (url: string) => boolean): Promise<number> {
	let deleted = 0;
	for (const kind of KINDS) {
		const cache = await openCache(kind);
		for (const request of await cache.keys())
			if (chosen(request.url) && (await cache.delete(request))) deleted++;
	}
	return deleted;
}
