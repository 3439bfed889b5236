import { Failure } from '../rpc/failure.ts';
import { tellArrival } from './arrivals.ts';
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

/** Stores a file whole or not at all, and tells whoever waits for it; fails with `quota` when there is no room. */
export async function putFile(
	cache: Cache,
	url: string,
	{ bytes, blob, type }: Fetched
): Promise<void> {
	const headers = {
		'content-length': String(bytes.byteLength),
		'content-type': type || 'application/octet-stream'
	};
	try {
		await cache.put(url, new Response(blob ?? bytes, { headers }));
		tellArrival(url);
	} catch (error) {
		throw asQuota(error, url, bytes.byteLength);
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
		const urls = (await cache.keys()).map(({ url }) => url).filter((url) => url.startsWith(prefix));
		const sizes = await Promise.all(urls.map((url) => cachedSize(cache, url)));
		urls.forEach((url, index) => files.push({ kind, url, bytes: sizes[index] ?? 0 }));
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
