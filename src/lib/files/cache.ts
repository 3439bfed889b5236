/** The caches in which the engine looks for files, by what lies in them. */
const CACHES = {
	config: 'webllm/config',
	library: 'webllm/wasm',
	weights: 'webllm/model'
} as const;
export type CacheKind = keyof typeof CACHES;

export const openCache = (kind: CacheKind): Promise<Cache> => caches.open(CACHES[kind]);

/** Bytes of a cached file, from the header our downloads write, else by measuring. Null: not cached. */
export async function cachedSize(cache: Cache, url: string): Promise<number | null> {
	const response = await cache.match(url);
	if (!response) return null;
	const header = response.headers.get('content-length');
	if (header !== null && /^\d+$/.test(header)) return Number(header);
	return (await response.blob()).size;
}

export async function putFile(cache: Cache, url: string, body: Blob) {
	await cache.put(
		url,
		new Response(body, {
			headers: {
				'content-length': String(body.size),
				'content-type': body.type || 'application/octet-stream'
			}
		})
	);
}

/** Every cached file of the engine's: URL and size. */
export async function cachedFiles(): Promise<{ url: string; bytes: number }[]> {
	const files: { url: string; bytes: number }[] = [];
	for (const kind of Object.keys(CACHES) as CacheKind[]) {
		const cache = await openCache(kind);
		for (const { url } of await cache.keys())
			files.push({ url, bytes: (await cachedSize(cache, url)) ?? 0 });
	}
	return files;
}

/** Deletes by URL prefix: the engine's own deletion leaves the weights manifest behind. */
export async function deleteByPrefix(prefixes: readonly string[]): Promise<number> {
	let deleted = 0;
	for (const kind of Object.keys(CACHES) as CacheKind[]) {
		const cache = await openCache(kind);
		for (const request of await cache.keys()) {
			if (!prefixes.some((prefix) => request.url.startsWith(prefix))) continue;
			if (await cache.delete(request)) deleted++;
		}
	}
	return deleted;
}
