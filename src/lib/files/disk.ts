import { FileError } from '#plan/models/file-error.ts';
import { cachedFiles, deleteCached, openCache, type CachedFile } from './cache.ts';
import { checksum } from './checksum.ts';
import { Sums } from './download.ts';
import { fileName } from './fetch-file.ts';
import { modelsInUse, whileUnused } from './in-use.ts';
import { filesOnDisk, type Wanted } from './model-files.ts';
import type { CachedModel, CachedState, Verification } from './protocol.ts';
import { compiled, libraries, listings, models, pins, preflights, sums } from './records.ts';

/** Every model of which a file lies in the caches, the last used first. */
export async function list(): Promise<CachedModel[]> {
	const files = await cachedFiles();
	const sizes = new Map(files.map(({ url, bytes }) => [url, bytes]));
	const records = new Map(await models.entries());
	const byBase = new Map<string, CachedFile[]>();
	for (const file of files) {
		const baseUrl = baseUrlOf(file.url);
		if (baseUrl !== null) byBase.set(baseUrl, [...(byBase.get(baseUrl) ?? []), file]);
	}
	const users = new Map<string, number>();
	for (const baseUrl of byBase.keys()) {
		const url = records.get(baseUrl)?.libraryUrl;
		if (url !== undefined) users.set(url, (users.get(url) ?? 0) + 1);
	}
	const found: CachedModel[] = [];
	for (const [baseUrl, own] of byBase) {
		const record = records.get(baseUrl);
		const libraryUrl = record?.libraryUrl ?? null;
		const libraryBytes = libraryUrl === null ? undefined : sizes.get(libraryUrl);
		const ownBytes = own.reduce((sum, { bytes }) => sum + bytes, 0);
		const alone = libraryUrl !== null && users.get(libraryUrl) === 1;
		const needed = [libraryUrl, record?.packageUrl ?? null].filter((url) => url !== null);
		found.push({
			baseUrl,
			askedUrl: record?.askedUrl ?? baseUrl,
			...(await stateOf(baseUrl, needed, sizes)),
			bytes: ownBytes + (libraryBytes ?? 0),
			freedBytes: ownBytes + (alone ? (libraryBytes ?? 0) : 0),
			files: own.length + (libraryBytes === undefined ? 0 : 1),
			libraryUrl,
			lastUsedAt: record?.lastUsedAt ?? null,
			fetchedAt: record?.fetchedAt ?? null,
			uses: record?.uses ?? 0
		});
	}
	return found.sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
}

/**
 * Deletes a model whole; its library stays while another model on disk uses it. Resolves with the bytes freed. Fails
 * with `in-use` when a tab has the model loaded, or is loading it.
 */
export async function remove(baseUrl: string): Promise<number> {
	const askedUrl = (await models.get(baseUrl))?.askedUrl ?? baseUrl;
	return whileUnused([askedUrl], () => removeUnused(baseUrl));
}

async function removeUnused(baseUrl: string): Promise<number> {
	const all = await list();
	const model = all.find((other) => other.baseUrl === baseUrl);
	const libraryUrl = model?.libraryUrl ?? null;
	const shared = all.some((other) => other.baseUrl !== baseUrl && other.libraryUrl === libraryUrl);
	await deleteCached(
		(url) => url.startsWith(baseUrl) || (!shared && libraryUrl !== null && url === libraryUrl)
	);
	const record = await models.get(baseUrl);
	// The next download takes what `main` is by then.
	if (record) await pins.delete(record.askedUrl);
	if (libraryUrl !== null && !shared)
		await Promise.all([sums.delete(libraryUrl), compiled.delete(libraryUrl)]);
	await Promise.all(
		[models, listings, sums, preflights].map((records) => records.deleteBelow(baseUrl))
	);
	return model?.freedBytes ?? 0;
}

/**
 * Deletes everything the engine's caches hold. Resolves with the bytes freed. Where a model is in use, all others are
 * deleted, and it fails with `in-use`.
 */
export async function removeAll(): Promise<number> {
	const found = await list();
	try {
		return await whileUnused([...new Set(found.map(({ askedUrl }) => askedUrl))], wipe);
	} catch (thrown) {
		for (const { baseUrl } of found) await remove(baseUrl).catch(() => undefined);
		throw thrown;
	}
}

async function wipe(): Promise<number> {
	const files = await cachedFiles();
	await deleteCached(() => true);
	await Promise.all(
		[models, listings, sums, preflights, pins, compiled].map((records) => records.deleteBelow(''))
	);
	return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Deletes what lies below one URL but not below another, and is not in use. Resolves with the files deleted. */
export async function tidy(below: string, keep: string): Promise<number> {
	const inUse = await modelsInUse();
	const needed = (await models.entries()).flatMap(([baseUrl, { askedUrl, libraryUrl }]) =>
		inUse.has(askedUrl) ? [baseUrl, libraryUrl] : []
	);
	const old = (url: string) =>
		url.startsWith(below) &&
		!url.startsWith(keep) &&
		!needed.some((prefix) => url.startsWith(prefix));
	const deleted = await deleteCached(old);
	for (const records of [models, sums, preflights, compiled, libraries])
		for (const [url] of await records.entries()) if (old(url)) await records.delete(url);
	return deleted;
}

/** Hashes every file of a model again. Deletes files that changed, or that differ from what the hub says. */
export async function verify(
	baseUrl: string,
	signal: AbortSignal,
	onProgress: (progress: { doneBytes: number; totalBytes: number }) => void
): Promise<Verification> {
	const files = await cachedFiles(baseUrl);
	const library = (await models.get(baseUrl))?.libraryUrl;
	if (library !== undefined) files.push(...(await cachedFiles(library)));
	const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
	const known = new Sums(baseUrl);
	const result: Verification = { checked: 0, unknown: [], bad: [] };
	let doneBytes = 0;
	for (const { kind, url, bytes } of files) {
		signal.throwIfAborted();
		const expected = await known.expected(url);
		const cache = await openCache(kind);
		const body = await (await cache.match(url))?.arrayBuffer();
		if (!body) continue;
		if (!expected) result.unknown.push(fileName(url));
		else {
			const found = await checksum(expected.algorithm, new Uint8Array(body));
			result.checked++;
			if (found.hex !== expected.hex) {
				await cache.delete(url);
				result.bad.push({ file: fileName(url), expected: expected.hex, found: found.hex });
			}
		}
		doneBytes += bytes;
		onProgress({ doneBytes, totalBytes });
	}
	return result;
}

/** Everything up to the revision; null for a file that belongs to no one model. */
const baseUrlOf = (url: string): string | null => /^.+\/resolve\/[^/]+\//.exec(url)?.[0] ?? null;

async function stateOf(
	baseUrl: string,
	needed: readonly string[],
	sizes: ReadonlyMap<string, number>
): Promise<{ state: CachedState; missing: string[] }> {
	let wanted: Pick<Wanted, 'url' | 'bytes'>[];
	try {
		wanted = await filesOnDisk(baseUrl);
	} catch (error) {
		if (!(error instanceof FileError)) throw error;
		return { state: 'damaged', missing: [error.file] };
	}
	for (const url of needed) wanted.push({ url, bytes: null });
	const wrong = wanted.filter(({ url, bytes }) => {
		const found = sizes.get(url);
		return found === undefined || (bytes !== null && found !== bytes);
	});
	const missing = wrong.map(({ url }) => fileName(url));
	const shards = wanted.filter(({ bytes }) => bytes !== null);
	if (wrong.length === 0) return { state: 'complete', missing };
	if (wrong.some(({ url }) => sizes.has(url))) return { state: 'damaged', missing };
	return { state: shards.some(({ url }) => sizes.has(url)) ? 'partial' : 'plan', missing };
}
