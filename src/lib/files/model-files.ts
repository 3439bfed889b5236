import { parseChatConfig } from '#plan/models/config.ts';
import type { Facts } from '#plan/models/facts.ts';
import { FileError } from '#plan/models/file-error.ts';
import { parseJsonFile } from '#plan/models/json-file.ts';
import { findLibraryMetadata, parseLibrary } from '#plan/models/library.ts';
import { parseManifest } from '#plan/models/manifest.ts';
import { checkWasm } from '#plan/models/wasm.ts';
import { contentHash } from '#plan/own/content-hash.ts';
import { Failure } from '../rpc/failure.ts';
import { openCache, putFile, withFile, type CacheKind } from './cache.ts';
import { fileName, type Fetched } from './fetch-file.ts';
import { checkPinned, libraryHash } from './library-pin.ts';
import type { ModelSource } from './protocol.ts';
import { libraries, preflightKey, preflights } from './records.ts';
import { checkTokenizer } from './tokenizer.ts';
import type { Transfer } from './transfer.ts';

export interface Wanted {
	kind: CacheKind;
	url: string;
	/** Null: known only once it is there. */
	bytes: number | null;
}

/** What was read of a model, and how large its library is where that was read. */
export interface Read {
	facts: Facts;
	libraryBytes: number | null;
}

/** A plan from files of a movable branch is made again after this time. */
const UNPINNED_AGE_MS = 24 * 3600_000;

type Bytes = Fetched['bytes'];

const textOf = (body: Bytes): string => new TextDecoder().decode(body);
const configUrl = (baseUrl: string) => new URL('mlc-chat-config.json', baseUrl).href;
const manifestUrl = (baseUrl: string) => new URL('tensor-cache.json', baseUrl).href;

/** Every file the engine will ask for that is known from the facts. */
export function wantedFiles(source: ModelSource, facts: Facts): Wanted[] {
	return [
		{ kind: 'library', url: source.libraryUrl, bytes: null },
		...(source.packageUrl === null
			? []
			: [{ kind: 'config' as const, url: source.packageUrl, bytes: null }]),
		...filesBelow(source.baseUrl, facts)
	];
}

export function filesBelow(baseUrl: string, { config, manifest }: Facts): Wanted[] {
	const files: Wanted[] = [
		{ kind: 'config', url: configUrl(baseUrl), bytes: null },
		{ kind: 'weights', url: manifestUrl(baseUrl), bytes: null }
	];
	if (config) {
		// The engine takes tokenizer.json when the config lists it, else tokenizer.model.
		const json = config.tokenizerFiles.includes('tokenizer.json');
		const tokenizer = json ? 'tokenizer.json' : 'tokenizer.model';
		files.push({ kind: 'weights', url: new URL(tokenizer, baseUrl).href, bytes: null });
	}
	for (const { path, bytes } of manifest?.shards ?? [])
		files.push({ kind: 'weights', url: new URL(path, baseUrl).href, bytes });
	return files;
}

/** The files of a model that its cached config and manifest name. Throws FileError when one cannot be read. */
export async function filesOnDisk(baseUrl: string): Promise<Wanted[]> {
	const text = async (kind: CacheKind, url: string) =>
		(await (await openCache(kind)).match(url))?.text();
	const config = await text('config', configUrl(baseUrl));
	const manifest = await text('weights', manifestUrl(baseUrl));
	return filesBelow(baseUrl, {
		...(config !== undefined && { config: configOf(config) }),
		...(manifest !== undefined && { manifest: manifestOf(manifest) })
	});
}

/**
 * Reads what lies before the weights: from the caches, else from the network. A file enters its cache only when it
 * parses, and a cached one that does not is deleted: the engine would keep reading it. `check` sees what came over
 * the network first, and throws if it is not what it should be.
 */
export async function readFacts(
	source: ModelSource,
	withLibrary: boolean,
	transfer: Transfer,
	check: (url: string, body: Bytes) => Promise<void> = () => Promise.resolve()
): Promise<Read> {
	const startedAt = Date.now();
	const read = <T>(kind: CacheKind, url: string, parse: (body: Bytes) => T | Promise<T>) =>
		readParsed(kind, url, transfer, check, parse);
	const [config, manifest, library] = await Promise.all([
		read('config', configUrl(source.baseUrl), (body) => {
			const text = textOf(body);
			return { value: configOf(text, source.overrides), text };
		}),
		read('weights', manifestUrl(source.baseUrl), (body) => {
			const text = textOf(body);
			return { value: manifestOf(text), text };
		}),
		withLibrary
			? read('library', source.libraryUrl, async (body) => {
					const found = libraryOf(body, fileName(source.libraryUrl));
					const sha256 = await libraryHash(body);
					await checkPinned(source, sha256);
					return { ...found, sha256, bytes: body.byteLength };
				})
			: null
	]);
	await checkContent(source, config.text, manifest.text);
	const record = {
		version: 2 as const,
		config: config.text,
		manifest: manifest.text,
		library: library && {
			metadata: library.text,
			sha256: library.sha256,
			imports: library.value.imports,
			bytes: library.bytes
		},
		at: startedAt
	};
	await preflights.update(preflightKey(source), (before) => {
		// Several readings may run at once, and end in any order.
		if (before && before.at > startedAt && (before.library || !record.library)) return before;
		const same = before?.config === record.config && before.manifest === record.manifest;
		return { ...record, library: record.library ?? (same ? before.library : null) };
	});
	return {
		facts: {
			config: config.value,
			manifest: manifest.value,
			...(library && { library: library.value })
		},
		libraryBytes: library && library.bytes
	};
}

/** Whether configuration and manifest are those that a person looked at; of most models only the commit tells. */
const isContent = async ({ contentHash: wanted }: ModelSource, config: string, manifest: string) =>
	wanted === undefined || wanted === (await contentHash(config, manifest));

async function checkContent(source: ModelSource, config: string, manifest: string) {
	if (await isContent(source, config, manifest)) return;
	await (await openCache('config')).delete(configUrl(source.baseUrl));
	await (await openCache('weights')).delete(manifestUrl(source.baseUrl));
	const { contentHash: wanted = '', from } = source;
	const found = await contentHash(config, manifest);
	throw new Failure(
		'bad-file',
		`The model at ${from ?? 'its address'} is no longer the one that you added.`,
		{
			file: fileName(configUrl(source.baseUrl)),
			expected: `configuration and manifest of hash ${wanted.slice(0, 12)}…`,
			found: `others, of hash ${found.slice(0, 12)}…`,
			reason: 'replaced'
		}
	);
}

/** What an earlier reading found; null when there was none, or it does not hold what is asked for. */
export async function storedFacts(source: ModelSource, withLibrary: boolean): Promise<Read | null> {
	const stored = await preflights.get(preflightKey(source));
	if (!stored || (withLibrary && !stored.library)) return null;
	if (source.baseUrl.endsWith('/resolve/main/') && Date.now() - stored.at > UNPINNED_AGE_MS)
		return null;
	if (stored.library) {
		const wanted = source.librarySha256 ?? (await libraries.get(source.libraryUrl))?.sha256;
		// Its figures are those of another library than the one that is loaded.
		if (wanted !== undefined && wanted !== stored.library.sha256) return null;
	}
	if (!(await isContent(source, stored.config, stored.manifest))) return null;
	try {
		return {
			facts: {
				config: configOf(stored.config, source.overrides),
				manifest: manifestOf(stored.manifest),
				...(stored.library && {
					library: parseLibrary(stored.library.metadata, stored.library.imports)
				})
			},
			libraryBytes: stored.library && stored.library.bytes
		};
	} catch (error) {
		// Written by an older version that asked less of a file.
		if (error instanceof FileError) return null;
		throw error;
	}
}

/** Checks a file that only the engine reads, as far as can be told without it. */
export function checkBody(file: string, body: Bytes): void {
	try {
		if (file.startsWith('tokenizer.')) checkTokenizer(body, file);
		else if (file.endsWith('.json')) parseJsonFile(file, textOf(body));
	} catch (error) {
		throw asBadFile(error);
	}
}

const configOf = (text: string, overrides?: ModelSource['overrides']) =>
	parseChatConfig(parseJsonFile('mlc-chat-config.json', text), overrides);
const manifestOf = (text: string) => parseManifest(parseJsonFile('tensor-cache.json', text));

function libraryOf(bytes: Bytes, file: string) {
	// The metadata may be whole although the file is cut short behind them.
	checkWasm(bytes, file);
	if (!WebAssembly.validate(bytes))
		throw new FileError(
			'not-wasm',
			file,
			'a WebAssembly library that this browser can run',
			'damaged code, or code of a kind this browser does not know'
		);
	const { metadata, text } = findLibraryMetadata(bytes, file);
	return { value: metadata, text };
}

async function readParsed<T>(
	kind: CacheKind,
	url: string,
	transfer: Transfer,
	check: (url: string, body: Bytes) => Promise<void>,
	parse: (body: Bytes) => T | Promise<T>
): Promise<T> {
	const cache = await openCache(kind);
	const find = async (): Promise<{ parsed: T } | null> => {
		const cached = await cache.match(url);
		if (!cached) return null;
		try {
			return { parsed: await parse(new Uint8Array(await cached.arrayBuffer())) };
		} catch (error) {
			if (!(error instanceof FileError)) throw error;
			await cache.delete(url);
			return null;
		}
	};
	const fetchIt = async () => {
		const fetched = await transfer.fetch(url);
		try {
			const parsed = await parse(fetched.bytes);
			await check(url, fetched.bytes);
			await putFile(cache, url, fetched);
			return { parsed };
		} catch (error) {
			throw asBadFile(error);
		}
	};
	const found =
		(await find()) ??
		(await transfer.bring(url, () =>
			// Whoever fetches it just now, in this tab or another one, is waited for.
			withFile(url, transfer.signal, async () => (await find()) ?? (await fetchIt()))
		));
	return found.parsed;
}

const asBadFile = (error: unknown) =>
	error instanceof FileError
		? new Failure('bad-file', error.message, {
				file: error.file,
				expected: error.expected,
				found: error.found,
				...(error.kind === 'changed' && { reason: 'changed' })
			})
		: error;
