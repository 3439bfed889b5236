import { FileError } from '#plan/models/file-error.ts';
import { openCache } from './cache.ts';
import { checksum } from './checksum.ts';
import { fileName, type Fetched } from './fetch-file.ts';
import { pin } from './hub.ts';
import type { ModelSource } from './protocol.ts';
import { compiled, libraries, preflightKey, preflights, sums } from './records.ts';

type Bytes = Fetched['bytes'];

/** SHA-256 of a library, in hex. */
export const libraryHash = async (body: Bytes): Promise<string> =>
	(await checksum('sha256', body)).hex;

/**
 * Throws FileError when a library is not the one that was first loaded here: its metadata plan the memory. Or, of a
 * stranger's, not the one that a person added.
 */
export async function checkPinned(
	{ libraryUrl: url, librarySha256 }: Pick<ModelSource, 'libraryUrl' | 'librarySha256'>,
	sha256: string
): Promise<void> {
	// Of two that were added at one address each is as good as the other.
	if (librarySha256 === sha256) return;
	if (librarySha256 !== undefined)
		throw new FileError(
			'inconsistent',
			fileName(url),
			`the library that you added (SHA-256 ${librarySha256.slice(0, 12)}…)`,
			`another one (SHA-256 ${sha256.slice(0, 12)}…)`
		);
	const pinned = await libraries.get(url);
	if (!pinned || pinned.sha256 === sha256) return;
	throw new FileError(
		'changed',
		fileName(url),
		`the library that was first loaded here (SHA-256 ${pinned.sha256.slice(0, 12)}…)`,
		`another one (SHA-256 ${sha256.slice(0, 12)}…)`
	);
}

/** Keeps the hash of a library that the engine has just loaded; what was kept before stays. */
export async function pinLibrary({ libraryUrl }: ModelSource): Promise<void> {
	if (await libraries.get(libraryUrl)) return;
	const cached = await (await openCache('library')).match(libraryUrl);
	if (!cached) return;
	const sha256 = await libraryHash(new Uint8Array(await cached.arrayBuffer()));
	await libraries.set(libraryUrl, { version: 1, sha256, at: Date.now() });
}

/** Forgets a library and all that was derived from it: the next one that comes is taken, and pinned once it loads. */
export async function acceptLibrary(asked: ModelSource): Promise<void> {
	const { source } = await pin(asked);
	const { libraryUrl } = source;
	await (await openCache('library')).delete(libraryUrl);
	await Promise.all([
		preflights.delete(preflightKey(source)),
		...[libraries, sums, compiled].map((records) => records.delete(libraryUrl))
	]);
}
