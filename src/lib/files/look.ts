import { otherEngine } from '#plan/models/engine-imports.ts';
import { FileError } from '#plan/models/file-error.ts';
import { findLibraryMetadata } from '#plan/models/library.ts';
import { checkWasm } from '#plan/models/wasm.ts';
import { CONFIG_FILE, MANIFEST_FILE } from '#plan/own/holdings.ts';
import { Failure } from '../rpc/failure.ts';
import { openCache, type CacheKind } from './cache.ts';
import { checksum } from './checksum.ts';
import { fetchFile, fileName, wrongFile } from './fetch-file.ts';
import { askCommit, askTree, hubRepo, pinned, revisionOf, type Listed } from './hub.ts';
import { libraryHash } from './library-pin.ts';
import { originOf } from './origin.ts';
import { BRIEF, persist } from './persist.ts';
import type { Looked, LookedLibrary } from './protocol.ts';
import { pins } from './records.ts';

/** Configurations have a few KB, manifests of the largest models some hundred. */
const MAX_CONFIG_BYTES = 2 ** 20;
const MAX_MANIFEST_BYTES = 32 * 2 ** 20;
const MAX_LIBRARY_BYTES = 128 * 2 ** 20;

/** Looks at a place. Its existence comes first; nothing is kept. */
export async function look(
	baseUrl: string,
	from: string | null,
	signal: AbortSignal
): Promise<Looked> {
	const repo = hubRepo(baseUrl);
	if (repo === null) return lookAtFolder(baseUrl, from, signal);
	const asked = revisionOf(baseUrl);
	const revision = await patiently(signal, () => askCommit(repo, asked)).catch((error: unknown) => {
		throw ofRepo(error, repo, asked);
	});
	const listed = await patiently(signal, () => askTree(repo, revision));
	const at = (commit: string) => baseUrl.replace(/[^/]+\/$/, `${commit}/`);
	const base = at(revision);
	const main = asked === 'main' ? revision : await patiently(signal, () => askCommit(repo, 'main'));
	const kept = (await pins.get(at('main')))?.commit;
	const read = async (file: string, most: number) => {
		const known = listed[file];
		return known ? text(new URL(file, base).href, most, signal, known) : null;
	};
	return {
		baseUrl: base,
		revision,
		mainCommits: [...new Set([main, kept ?? main])],
		files: Object.entries(listed).map(([path, file]) => ({ path, ...file })),
		config: await read(CONFIG_FILE, MAX_CONFIG_BYTES),
		manifest: await read(MANIFEST_FILE, MAX_MANIFEST_BYTES)
	};
}

/** Any web folder: it says nothing of its files but by sending them. */
async function lookAtFolder(
	baseUrl: string,
	from: string | null,
	signal: AbortSignal
): Promise<Looked> {
	const at = originOf({ baseUrl, ...(from !== null && { from }) });
	const read = (file: string, most: number) =>
		text(at(new URL(file, baseUrl).href), most, signal).catch((error: unknown) => {
			if (error instanceof Failure && error.detail.cause === 'missing') return null;
			throw error;
		});
	const config = await read(CONFIG_FILE, MAX_CONFIG_BYTES);
	const manifest = await read(MANIFEST_FILE, MAX_MANIFEST_BYTES);
	if (config === null && manifest === null)
		throw new Failure(
			'network',
			`Neither ${CONFIG_FILE} nor ${MANIFEST_FILE} is in ${from ?? baseUrl}.`,
			{ cause: 'missing', url: from ?? baseUrl }
		);
	return {
		baseUrl,
		revision: revisionOf(baseUrl),
		mainCommits: [],
		files: null,
		config,
		manifest
	};
}

/** The hub answers 401 for what does not exist, lest private models be found by guessing. */
/** What a failed question about a repository says to a person. */
export function ofRepo(error: unknown, repo: string, revision: string): unknown {
	if (!(error instanceof Failure)) return error;
	const { status, cause } = error.detail;
	const page = `https://huggingface.co/${repo}`;
	if (error.kind === 'gated')
		return new Failure(
			'gated',
			`The hub does not show ${repo} to everybody (${status}): it does not exist, it is private, or its licence must be accepted first.`,
			{ ...error.detail, page }
		);
	if (cause === 'missing')
		return new Failure(
			'network',
			`The hub has no ${repo}${revision === 'main' ? '' : ` at ${revision}`}. Compare the name with the model’s page.`,
			{ ...error.detail, cause: 'missing' }
		);
	// The address asked for ends in a revision, which names nothing to a person.
	if (cause === 'unreachable')
		return new Failure(
			'network',
			`The hub could not be asked about ${repo}: no connection, or the host does not allow this page. Check the connection and try again.`,
			error.detail
		);
	return error;
}

/** What lies on disk first: it is what the catalogue's model is loaded with, and there without a network. */
export async function lookAtConfig(url: string, signal: AbortSignal): Promise<string> {
	const baseUrl = url.slice(0, url.lastIndexOf('/') + 1);
	const { source } = await pinned({ baseUrl, libraryUrl: '', packageUrl: null, overrides: {} });
	const there = await cachedBytes('config', source.baseUrl + url.slice(baseUrl.length));
	return there ? new TextDecoder().decode(there) : text(url, MAX_CONFIG_BYTES, signal);
}

/** `fresh`: as its host has it now, whatever lies on disk. */
export async function lookAtLibrary(
	url: string,
	fresh: boolean,
	signal: AbortSignal
): Promise<LookedLibrary> {
	const there = fresh ? null : await cachedBytes('library', url);
	const bytes = there ?? (await limited(url, MAX_LIBRARY_BYTES, signal)).bytes;
	const file = fileName(url);
	try {
		checkWasm(bytes, file);
		const { metadata, text } = findLibraryMetadata(bytes, file);
		const otherwise = otherEngine(metadata);
		if (otherwise !== null) throw new Failure('unsupported', otherwise, { part: 'library', file });
		return {
			metadata: text,
			imports: metadata.imports,
			sha256: await libraryHash(bytes),
			bytes: bytes.byteLength
		};
	} catch (error) {
		if (!(error instanceof FileError)) throw error;
		const { expected, found } = error;
		throw new Failure('bad-file', error.message, { file, expected, found });
	}
}

async function cachedBytes(kind: CacheKind, url: string): Promise<Uint8Array<ArrayBuffer> | null> {
	const cached = await (await openCache(kind)).match(url);
	return cached ? new Uint8Array(await cached.arrayBuffer()) : null;
}

async function text(
	url: string,
	most: number,
	signal: AbortSignal,
	listed?: Listed
): Promise<string> {
	const { bytes } = await limited(url, most, signal);
	if (listed) {
		const found = await checksum(listed.sum.algorithm, bytes);
		if (found.hex !== listed.sum.hex)
			throw wrongFile(
				fileName(url),
				`the file of hash ${listed.sum.hex.slice(0, 12)}…`,
				`one of hash ${found.hex.slice(0, 12)}…`
			);
	}
	return new TextDecoder().decode(bytes);
}

/** What is larger than it can be is given up on the way. */
async function limited(url: string, most: number, signal: AbortSignal) {
	const tooLarge = new AbortController();
	let arrived = 0;
	try {
		return await patiently(signal, () =>
			fetchFile(url, {
				signal: AbortSignal.any([signal, tooLarge.signal]),
				onBytes: (bytes) => {
					arrived += bytes;
					if (arrived > most) tooLarge.abort();
				}
			})
		);
	} catch (error) {
		if (tooLarge.signal.aborted) throw wrongFile(fileName(url), `at most ${most} bytes`, 'more');
		throw error;
	}
}

const patiently = <T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> =>
	persist(run, BRIEF, signal, () => undefined);
