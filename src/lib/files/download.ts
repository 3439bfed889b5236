import { otherEngine } from '#plan/models/engine-imports.ts';
import { bytes as sizeInWords } from '#plan/words.ts';
import { asFailure, Failure } from '../rpc/failure.ts';
import type { MissingFile } from './arrivals.ts';
import { cachedFiles, cachedSize, openCache, putFile, withFile } from './cache.ts';
import { checksum, type Checksum } from './checksum.ts';
import { fileName, wrongFile, type Fetched } from './fetch-file.ts';
import { listing, pin, pinned, type Listing } from './hub.ts';
import {
	checkBody,
	readFacts,
	storedFacts,
	wantedFiles,
	type Read,
	type Wanted
} from './model-files.ts';
import { libraryHash } from './library-pin.ts';
import { originOf } from './origin.ts';
import { BACKGROUND, BRIEF, LOADING } from './persist.ts';
import type { DownloadProgress, DownloadPurpose, Inspection, ModelSource } from './protocol.ts';
import { models, sums } from './records.ts';
import { PARALLEL_FETCHES, Transfer } from './transfer.ts';

/** Reads what lies before the weights; what was fetched for it is kept where the engine will look. */
export async function inspect(
	asked: ModelSource,
	withLibrary: boolean,
	signal: AbortSignal,
	patience = BRIEF
): Promise<Inspection> {
	const { source, revision, unpinned } = await pin(asked);
	const transfer = new Transfer({ signal, patience, urgent: true, origin: originOf(source) });
	const read =
		(await storedFacts(source, withLibrary)) ??
		(await readFacts(source, withLibrary, transfer, recordSum));
	await noteModel(asked, source);
	const { bytes, missing } = await lying(source, read);
	return { facts: read.facts, ...bytes, missing, baseUrl: source.baseUrl, revision, unpinned };
}

/** The same of a model that lies whole on disk, and null of any other: nothing is fetched for it. */
export async function onDisk(asked: ModelSource): Promise<Inspection | null> {
	const { source, revision, unpinned } = await pinned(asked);
	const read = await storedFacts(source, true);
	if (!read) return null;
	const { bytes, missing } = await lying(source, read);
	if (missing.length > 0 || !(await isLibraryAsAdded(source))) return null;
	return { facts: read.facts, ...bytes, missing, baseUrl: source.baseUrl, revision, unpinned };
}

/** Whether a stranger's library that lies on disk is the one that a person added; of others there is nothing to tell. */
async function isLibraryAsAdded({ libraryUrl, librarySha256 }: ModelSource): Promise<boolean> {
	if (librarySha256 === undefined) return true;
	const cached = await (await openCache('library')).match(libraryUrl);
	if (!cached) return false;
	return (await libraryHash(new Uint8Array(await cached.arrayBuffer()))) === librarySha256;
}

/** How much of a model lies on disk, and which of its files do not lie there in full length. */
async function lying(source: ModelSource, { facts, libraryBytes }: Read) {
	const sizes = new Map((await cachedFiles(source.baseUrl)).map(({ url, bytes }) => [url, bytes]));
	let downloadBytes = 0;
	let cachedBytes = 0;
	const missing: MissingFile[] = [];
	for (const { kind, url, bytes } of wantedFiles(source, facts)) {
		const cached = sizes.get(url) ?? (await cachedSize(await openCache(kind), url));
		const full = bytes ?? (url === source.libraryUrl ? libraryBytes : null) ?? cached;
		downloadBytes += full ?? 0;
		cachedBytes += Math.min(cached ?? 0, full ?? 0);
		if (cached === null || cached !== full)
			missing.push({ url, bytes: cached === null ? null : full });
	}
	return { missing, bytes: { downloadBytes, cachedBytes } };
}

/**
 * Brings every file of the model into the engine's caches, each checked before it enters. What is complete stays
 * when it fails or is aborted, and the next download goes on from there. Fails before the first weights with
 * `unsupported` when the engine cannot run the library, and with `quota` when there is no room for all.
 */
export async function download(
	asked: ModelSource,
	purpose: DownloadPurpose,
	signal: AbortSignal,
	onProgress: (progress: DownloadProgress) => void
): Promise<Inspection> {
	const load = purpose === 'load';
	const patience = load ? LOADING : BACKGROUND;
	const { source, revision, unpinned } = await pin(asked);
	const origin = originOf(source);
	const transfer = new Transfer({ signal, patience, urgent: load, onProgress, origin });
	await noteModel(asked, source);
	const known = new Sums(source.baseUrl, source);
	const read = await readFacts(source, true, transfer, (url, body) => known.check(url, body));
	const otherwise = read.facts.library ? otherEngine(read.facts.library) : null;
	if (otherwise !== null)
		throw new Failure('unsupported', otherwise, {
			part: 'library',
			file: fileName(source.libraryUrl)
		});
	const missing = await missingFiles(source, read, known, transfer);
	await checkRoom(missing);
	transfer.report(true);
	try {
		await fetchAll(source, missing, known, transfer);
	} catch (error) {
		if (!(error instanceof Failure && error.kind === 'quota')) throw error;
		const neededBytes = transfer.remainingBytes;
		throw new Failure('quota', error.message, { ...error.detail, neededBytes });
	}
	await noteModel(asked, source, {
		...(load && { lastUsedAt: Date.now() }),
		...(missing.length > 0 && { fetchedAt: Date.now() })
	});
	transfer.report(true);
	return {
		facts: read.facts,
		downloadBytes: transfer.totalBytes,
		cachedBytes: transfer.totalBytes,
		missing: [],
		baseUrl: source.baseUrl,
		revision,
		unpinned
	};
}

/**
 * Looks at all but the weights of a model on which the engine failed although every file passed its checks on the way
 * in, and deletes those in which something is wrong, so that they are fetched again. An engine may fail for many other
 * reasons: what is as it should be stays.
 */
export async function distrust(asked: ModelSource): Promise<void> {
	const { source } = await pin(asked);
	const read = await storedFacts(source, false);
	const known = new Sums(source.baseUrl, source);
	for (const { kind, url, bytes } of wantedFiles(source, read?.facts ?? {})) {
		if (bytes !== null) continue;
		const cache = await openCache(kind);
		const body = await (await cache.match(url))?.arrayBuffer();
		if (!body || (await isSound(url, new Uint8Array(body), known, kind === 'library'))) continue;
		await cache.delete(url);
		await sums.delete(url);
	}
}

async function isSound(
	url: string,
	body: Uint8Array<ArrayBuffer>,
	known: Sums,
	isLibrary: boolean
): Promise<boolean> {
	const expected = await known.expected(url);
	if (expected && (await checksum(expected.algorithm, body)).hex !== expected.hex) return false;
	if (isLibrary) return canRun(body);
	try {
		checkBody(fileName(url), body);
		return true;
	} catch {
		return false;
	}
}

/** Among what the engine calls of every library: see pocket/ABI.md, "Exports". */
const EXPORTS = ['memory', '_initialize', 'TVMWasmAllocSpace', 'TVMFFIFunctionCall'];

async function canRun(library: Uint8Array<ArrayBuffer>): Promise<boolean> {
	try {
		const names = WebAssembly.Module.exports(await WebAssembly.compile(library)).map(
			({ name }) => name
		);
		return EXPORTS.every((name) => names.includes(name));
	} catch {
		return false;
	}
}

/** `lastUsedAt` is given for a use, which is counted. */
export async function noteModel(
	asked: ModelSource,
	source: ModelSource,
	{ lastUsedAt, fetchedAt }: { lastUsedAt?: number; fetchedAt?: number } = {}
) {
	await models.update(source.baseUrl, (known) => ({
		version: 1,
		askedUrl: asked.baseUrl,
		libraryUrl: source.libraryUrl,
		packageUrl: source.packageUrl,
		lastUsedAt: lastUsedAt ?? known?.lastUsedAt ?? null,
		fetchedAt: fetchedAt ?? known?.fetchedAt ?? null,
		uses: (known?.uses ?? 0) + (lastUsedAt === undefined ? 0 : 1)
	}));
}

/** What files must be: as the hub lists them, else as they were when they came first. */
export class Sums {
	readonly #baseUrl: string;
	readonly #library: Partial<Pick<ModelSource, 'libraryUrl' | 'librarySha256'>>;
	#listing: Promise<Listing | null> | undefined;

	/** `library`: of a stranger's, what a person added, whatever came from there before. */
	constructor(
		baseUrl: string,
		library: Partial<Pick<ModelSource, 'libraryUrl' | 'librarySha256'>> = {}
	) {
		this.#baseUrl = baseUrl;
		this.#library = library;
	}

	async expected(url: string): Promise<Checksum | null> {
		const { libraryUrl, librarySha256 } = this.#library;
		if (url === libraryUrl && librarySha256 !== undefined)
			return { algorithm: 'sha256', hex: librarySha256 };
		const listed = await this.#listed(url);
		return listed?.sum ?? (await sums.get(url))?.sum ?? null;
	}

	async bytes(url: string): Promise<number | null> {
		return (await this.#listed(url))?.bytes ?? null;
	}

	/** Throws `bad-file` when the body is not what is expected; keeps its hash where nothing is. */
	async check(url: string, body: Fetched['bytes']): Promise<void> {
		const expected = await this.expected(url);
		const found = await checksum(expected?.algorithm ?? 'sha256', body);
		if (expected && expected.hex !== found.hex)
			throw wrongFile(fileName(url), nameOf(expected), nameOf(found));
		await sums.set(url, { version: 1, sum: found });
	}

	async #listed(url: string) {
		if (!url.startsWith(this.#baseUrl)) return undefined;
		const files = await (this.#listing ??= listing(this.#baseUrl));
		return files?.get(decodeURIComponent(url.slice(this.#baseUrl.length)));
	}
}

/** Keeps the hash of what came for a look ahead, so that it can be verified later; asks the hub nothing. */
async function recordSum(url: string, body: Fetched['bytes']): Promise<void> {
	await sums.set(url, { version: 1, sum: await checksum('sha256', body) });
}

const nameOf = ({ algorithm, hex }: Checksum) =>
	`${algorithm === 'sha256' ? 'SHA-256' : 'the git hash'} ${hex.slice(0, 12)}…`;

/** What is not there in full length; counts what is. */
async function missingFiles(
	source: ModelSource,
	{ facts }: Read,
	known: Sums,
	transfer: Transfer
): Promise<Wanted[]> {
	// A model may have hundreds of files, and every look at one waits for the browser.
	const looked = await Promise.all(
		wantedFiles(source, facts).map(async (file) => {
			const cached = await cachedSize(await openCache(file.kind), file.url);
			const bytes = file.bytes ?? (cached === null ? await known.bytes(file.url) : null);
			return { file, cached, bytes };
		})
	);
	const missing: Wanted[] = [];
	for (const { file, cached, bytes } of looked) {
		transfer.totalBytes += bytes ?? cached ?? 0;
		if (cached !== null && (bytes === null || cached === bytes)) transfer.found(file.url, cached);
		else missing.push({ ...file, bytes });
	}
	return missing;
}

export async function checkRoom(missing: readonly Wanted[]) {
	const neededBytes = missing.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
	const { quota, usage } = await navigator.storage.estimate();
	if (quota === undefined || usage === undefined) return;
	const freeBytes = Math.max(0, quota - usage);
	if (neededBytes <= freeBytes) return;
	const expected = `${sizeInWords(neededBytes)} free`;
	const found = sizeInWords(freeBytes);
	throw new Failure(
		'quota',
		`Not enough disk space for this model: it needs ${expected}, and the browser gives this site ${found}.`,
		{ expected, found, neededBytes, freeBytes }
	);
}

/** Files under way: while some are hashed and stored, others use the connections. */
const LANES = PARALLEL_FETCHES + 2;

/** Holds one file after the other. */
class Memory {
	#bytes = new Uint8Array();

	for(byteLength: number): Uint8Array<ArrayBuffer> {
		if (this.#bytes.byteLength < byteLength) this.#bytes = new Uint8Array(byteLength);
		return this.#bytes;
	}
}

async function fetchAll(source: ModelSource, missing: Wanted[], known: Sums, transfer: Transfer) {
	const queue = [...missing];
	// One failing file ends the others: the load cannot succeed any more.
	const stop = new AbortController();
	const signal = AbortSignal.any([transfer.signal, stop.signal]);
	const lane = async () => {
		const memory = new Memory();
		for (let file = queue.shift(); file; file = queue.shift())
			await fetchOnce(source, file, known, transfer, signal, memory);
	};
	await Promise.all(
		Array.from({ length: LANES }, () =>
			// The others then only say that they were cancelled: the first reason stays.
			lane().catch((error: unknown) => stop.abort(asFailure(error)))
		)
	);
	if (transfer.signal.aborted) throw new Failure('cancelled', 'Cancelled.');
	if (stop.signal.aborted) throw asFailure(stop.signal.reason);
}

/** Another download of the same file, in this tab or another one, is waited for and then found. */
async function fetchOnce(
	source: ModelSource,
	file: Wanted,
	known: Sums,
	transfer: Transfer,
	signal: AbortSignal,
	memory: Memory
) {
	const attempt = async () => {
		const cache = await openCache(file.kind);
		const cached = await cachedSize(cache, file.url);
		const whole = cached !== null && (file.bytes === null || cached === file.bytes);
		if (whole && (file.url !== source.libraryUrl || (await isLibraryAsAdded(source)))) {
			if (file.bytes === null) transfer.totalBytes += cached;
			return transfer.found(file.url, cached);
		}
		const fetched = await fetchGood(file, known, transfer, signal, memory);
		try {
			await putFile(cache, file.url, fetched);
		} catch (error) {
			transfer.retract(fetched.bytes.byteLength);
			throw error;
		}
	};
	await transfer.bring(file.url, () => withFile(file.url, signal, attempt), signal);
}

/** A file that came wrong is fetched once more: transfers do break. */
async function fetchGood(
	{ url, bytes }: Wanted,
	known: Sums,
	transfer: Transfer,
	signal: AbortSignal,
	memory: Memory
): Promise<Fetched> {
	const options = bytes === null ? {} : { expectedBytes: bytes, memory: memory.for(bytes) };
	for (let again = true; ; again = false) {
		let arrived = 0;
		try {
			const fetched = await transfer.fetch(url, options, signal);
			arrived = fetched.bytes.byteLength;
			checkBody(fileName(url), fetched.bytes);
			await known.check(url, fetched.bytes);
			// Its length was not known before.
			if (bytes === null) transfer.totalBytes += arrived;
			return fetched;
		} catch (error) {
			transfer.retract(arrived);
			if (!again || !(error instanceof Failure && error.kind === 'bad-file')) throw error;
		}
	}
}
