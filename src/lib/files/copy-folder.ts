import { md5 } from '@noble/hashes/legacy.js';
import { parseChatConfig } from '#plan/models/config.ts';
import { FileError } from '#plan/models/file-error.ts';
import { parseJsonFile } from '#plan/models/json-file.ts';
import { readManifest } from '#plan/models/manifest.ts';
import { contentHash } from '#plan/own/content-hash.ts';
import { CONFIG_FILE, MANIFEST_FILE } from '#plan/own/holdings.ts';
import { Failure } from '../rpc/failure.ts';
import { openCache, putFile } from './cache.ts';
import { checksum } from './checksum.ts';
import { checkRoom, noteModel } from './download.ts';
import { fileName, wrongFile } from './fetch-file.ts';
import { checkBody, filesBelow, type Wanted } from './model-files.ts';
import type { FolderProgress, ModelSource, PickedFiles } from './protocol.ts';
import { sums } from './records.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Copies a model from a person's disk to where the engine reads it. Everything is looked for first, then the room for
 * all of it; each file is hashed on the way, and held to the manifest's MD5 where that has one. What was put stays only
 * if all of it could be; a file that another one took the place of does not come back.
 */
export async function copyFolder(
	baseUrl: string,
	libraryUrl: string,
	files: PickedFiles,
	signal: AbortSignal,
	onProgress: (progress: FolderProgress) => void
): Promise<void> {
	const byPath = new Map(files.map(({ path, file }) => [path, file]));
	const { wanted, md5sums } = await planned(baseUrl, byPath);
	await checkRoom(wanted.map(({ kind, url, file }) => ({ kind, url, bytes: file.size })));
	const totalBytes = wanted.reduce((sum, { file }) => sum + file.size, 0);
	const put: Wanted[] = [];
	let doneBytes = 0;
	try {
		for (const { kind, url, path, file } of wanted) {
			throwIfCancelled(signal);
			const bytes = await read(path, file);
			check(path, bytes, md5sums.get(path));
			const cache = await openCache(kind);
			const sum = await checksum('sha256', bytes);
			const there = await (await cache.match(url))?.arrayBuffer();
			// Weights of an equal configuration and manifest may still differ.
			if (!there || (await checksum('sha256', new Uint8Array(there))).hex !== sum.hex) {
				put.push({ kind, url, bytes: null });
				await putFile(cache, url, { bytes, type: '' });
			}
			await sums.set(url, { version: 1, sum });
			doneBytes += file.size;
			onProgress({ doneBytes, totalBytes });
		}
		throwIfCancelled(signal);
	} catch (error) {
		for (const { kind, url } of put) {
			await (await openCache(kind)).delete(url);
			await sums.delete(url);
		}
		throw error;
	}
	const source: ModelSource = { baseUrl, libraryUrl, packageUrl: null, overrides: {} };
	await noteModel(source, source, { fetchedAt: Date.now() });
}

function throwIfCancelled(signal: AbortSignal) {
	if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
}

/** Every file the engine will ask for, found in the folder in full length. */
async function planned(baseUrl: string, byPath: ReadonlyMap<string, File>) {
	const textOf = async (path: string) =>
		new TextDecoder().decode(await read(path, found(path, byPath)));
	const [configText, manifestText] = [await textOf(CONFIG_FILE), await textOf(MANIFEST_FILE)];
	if (!baseUrl.endsWith(`/${await contentHash(configText, manifestText)}/`))
		throw changed(CONFIG_FILE);
	const { config, manifest, md5 } = parsed(configText, manifestText);
	const wanted = filesBelow(baseUrl, { config, manifest }).map((each) => {
		const path = decodeURIComponent(each.url.slice(baseUrl.length));
		const file = found(path, byPath);
		if (each.bytes !== null && file.size !== each.bytes)
			throw wrongFile(path, `${each.bytes} bytes, as the manifest says`, `${file.size} bytes`);
		return { ...each, path, file };
	});
	return { wanted, md5sums: md5 };
}

function parsed(configText: string, manifestText: string) {
	try {
		return {
			config: parseChatConfig(parseJsonFile(CONFIG_FILE, configText)),
			...readManifest(parseJsonFile(MANIFEST_FILE, manifestText))
		};
	} catch (error) {
		if (!(error instanceof FileError)) throw error;
		throw wrongFile(error.file, error.expected, error.found);
	}
}

function found(path: string, byPath: ReadonlyMap<string, File>): File {
	const file = byPath.get(path);
	if (file) return file;
	throw wrongFile(path, 'a file in the folder', 'none');
}

/** A File stands for the bytes it had when it was picked: the browser refuses to read others. */
async function read(path: string, file: File): Promise<Bytes> {
	let bytes: Bytes;
	try {
		bytes = new Uint8Array(await file.arrayBuffer());
	} catch {
		throw changed(path);
	}
	if (bytes.byteLength !== file.size) throw changed(path);
	return bytes;
}

const changed = (file: string): Failure =>
	new Failure('bad-file', `${file} was changed or moved while the folder was read.`, {
		file,
		expected: 'the file as it was picked',
		found: 'another one, or none',
		reason: 'folder'
	});

function check(path: string, bytes: Bytes, expected: string | undefined): void {
	if (expected === undefined) return checkBody(fileName(`https://x.invalid/${path}`), bytes);
	const sum = [...md5(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
	if (sum !== expected)
		throw new Failure('bad-file', `${path} is damaged: its MD5 is not the manifest’s.`, {
			file: path,
			expected: `MD5 ${expected.slice(0, 12)}…`,
			found: `MD5 ${sum.slice(0, 12)}…`,
			reason: 'folder'
		});
}
