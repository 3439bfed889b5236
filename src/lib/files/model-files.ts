import { parseChatConfig, type ChatConfig } from '../models/config.ts';
import type { Facts } from '../models/facts.ts';
import { FileError } from '../models/file-error.ts';
import { parseJsonFile } from '../models/json-file.ts';
import { checkWasm, readLibraryMetadata, type LibraryMetadata } from '../models/library.ts';
import { parseManifest, type Manifest } from '../models/manifest.ts';
import { Failure } from '../worker/failure.ts';
import { cachedSize, openCache, putFile, type CacheKind } from './cache.ts';
import { fetchFile, fileName } from './fetch-file.ts';
import { checkTokenizer } from './tokenizer.ts';
import type { DownloadProgress, Inspection, ModelSource } from './protocol.ts';

/** The hub slows down a client that asks for more at once. */
const PARALLEL_FETCHES = 4;

interface Wanted {
	kind: CacheKind;
	url: string;
	/** Null: known only once it is there. */
	bytes: number | null;
}

/** What lies before the weights: small files that are parsed, and kept only if they are whole. */
export async function inspect(
	source: ModelSource,
	withLibrary: boolean,
	signal: AbortSignal
): Promise<Inspection> {
	const facts = await readFacts(source, withLibrary, signal);
	let downloadBytes = 0;
	let cachedBytes = 0;
	for (const { kind, url, bytes } of wantedFiles(source, facts)) {
		const cached = await cachedSize(await openCache(kind), url);
		downloadBytes += bytes ?? cached ?? 0;
		cachedBytes += cached ?? 0;
	}
	return { facts, downloadBytes, cachedBytes };
}

/** Brings every file of the model into the engine's caches. Complete files stay when it fails or is aborted. */
export async function download(
	source: ModelSource,
	signal: AbortSignal,
	onProgress: (progress: DownloadProgress) => void
): Promise<Inspection> {
	const facts = await readFacts(source, true, signal);
	const files = wantedFiles(source, facts);
	const startMs = performance.now();
	const active = new Set<string>();
	let doneBytes = 0;
	let receivedBytes = 0;
	let totalBytes = 0;
	const missing: Wanted[] = [];
	for (const file of files) {
		const cached = await cachedSize(await openCache(file.kind), file.url);
		totalBytes += file.bytes ?? cached ?? 0;
		if (cached !== null && (file.bytes === null || cached === file.bytes)) doneBytes += cached;
		else missing.push(file);
	}
	const report = () =>
		onProgress({
			doneBytes,
			totalBytes: Math.max(totalBytes, doneBytes),
			receivedBytes,
			elapsedMs: performance.now() - startMs,
			files: [...active]
		});
	report();

	// One failing fetch ends the others: the load cannot succeed any more.
	const stop = new AbortController();
	const either = AbortSignal.any([signal, stop.signal]);
	const take = async () => {
		for (let file = missing.shift(); file; file = missing.shift()) {
			const name = fileName(file.url);
			active.add(name);
			const body = await fetchFile(file.url, {
				signal: either,
				...(file.bytes !== null && { expectedBytes: file.bytes }),
				onBytes: (bytes) => {
					doneBytes += bytes;
					receivedBytes += bytes;
					report();
				}
			});
			await checkBody(name, body);
			await putFile(await openCache(file.kind), file.url, body);
			active.delete(name);
		}
	};
	const results = await Promise.allSettled(
		Array.from({ length: PARALLEL_FETCHES }, () =>
			take().catch((error: unknown) => {
				stop.abort();
				throw error;
			})
		)
	);
	const failures = results.filter((result) => result.status === 'rejected');
	// The others only say that they were cancelled by the first.
	const cause = failures.find(
		({ reason }) => !(reason instanceof Failure && reason.kind === 'cancelled')
	);
	if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
	if (cause ?? failures[0]) throw (cause ?? failures[0])?.reason;
	report();
	return { facts, downloadBytes: doneBytes, cachedBytes: doneBytes };
}

/**
 * Deletes what could make the engine fail on a model that passed every check here: all but the weights, which are
 * held against their lengths and hashes. The next load fetches it anew.
 */
export async function distrust(source: ModelSource): Promise<void> {
	for (const { kind, url } of wantedFiles(source, {})) await (await openCache(kind)).delete(url);
	const weights = await openCache('weights');
	for (const { url } of await weights.keys())
		if (url.startsWith(source.baseUrl) && fileName(url).startsWith('tokenizer'))
			await weights.delete(url);
}

async function readFacts(
	source: ModelSource,
	withLibrary: boolean,
	signal: AbortSignal
): Promise<Facts> {
	const config = readParsed<ChatConfig>('config', configUrl(source), signal, async (blob, file) =>
		parseChatConfig(parseJsonFile(file, await blob.text()), source.overrides, file)
	);
	const manifest = readParsed<Manifest>(
		'weights',
		manifestUrl(source),
		signal,
		async (blob, file) => parseManifest(parseJsonFile(file, await blob.text()))
	);
	const library = withLibrary
		? readParsed<LibraryMetadata>('library', source.libraryUrl, signal, async (blob, file) => {
				const bytes = new Uint8Array(await blob.arrayBuffer());
				// The metadata may be whole although the file is cut short behind them.
				checkWasm(bytes, file);
				return readLibraryMetadata(bytes, file);
			})
		: Promise.resolve(undefined);
	const [c, m, l] = await Promise.all([config, manifest, library]);
	return { config: c, manifest: m, ...(l && { library: l }) };
}

/**
 * A file from the cache or the network, parsed. It enters the cache only when it parses, and a cached one that
 * does not parse is deleted: the engine would keep reading it.
 */
async function readParsed<T>(
	kind: CacheKind,
	url: string,
	signal: AbortSignal,
	parse: (body: Blob, file: string) => Promise<T>
): Promise<T> {
	const cache = await openCache(kind);
	const file = fileName(url);
	const cached = await cache.match(url);
	if (cached) {
		try {
			return await parse(await cached.blob(), file);
		} catch (error) {
			if (!(error instanceof FileError)) throw error;
			await cache.delete(url);
		}
	}
	const body = await fetchFile(url, { signal });
	try {
		const parsed = await parse(body, file);
		await putFile(cache, url, body);
		return parsed;
	} catch (error) {
		throw badFile(error);
	}
}

/** Checks a file that only the engine reads, as far as can be told without it. */
async function checkBody(file: string, body: Blob) {
	try {
		if (file.startsWith('tokenizer.'))
			checkTokenizer(new Uint8Array(await body.arrayBuffer()), file);
		else if (file.endsWith('.json')) parseJsonFile(file, await body.text());
	} catch (error) {
		throw badFile(error);
	}
}

const badFile = (error: unknown) =>
	error instanceof FileError
		? new Failure('bad-file', error.message, {
				file: error.file,
				expected: error.expected,
				found: error.found
			})
		: error;

const configUrl = ({ baseUrl }: ModelSource) => new URL('mlc-chat-config.json', baseUrl).href;
const manifestUrl = ({ baseUrl }: ModelSource) => new URL('tensor-cache.json', baseUrl).href;

/** Every file the engine will ask for, in the order in which it asks. */
function wantedFiles(source: ModelSource, { config, manifest }: Facts): Wanted[] {
	const files: Wanted[] = [
		{ kind: 'config', url: configUrl(source), bytes: null },
		{ kind: 'library', url: source.libraryUrl, bytes: null },
		{ kind: 'weights', url: manifestUrl(source), bytes: null }
	];
	if (source.packageUrl !== null)
		files.push({ kind: 'config', url: source.packageUrl, bytes: null });
	// The engine takes tokenizer.json when the config lists it, else tokenizer.model.
	const names = config?.tokenizerFiles ?? [];
	const tokenizer = names.includes('tokenizer.json') ? 'tokenizer.json' : 'tokenizer.model';
	files.push({ kind: 'weights', url: new URL(tokenizer, source.baseUrl).href, bytes: null });
	for (const shard of manifest?.shards ?? [])
		files.push({
			kind: 'weights',
			url: new URL(shard.path, source.baseUrl).href,
			bytes: shard.bytes
		});
	return files;
}
