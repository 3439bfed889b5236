import { Inflate } from 'fflate';
import { ImportError } from './import-error.ts';
import { readDirectory, type Listed } from './zip-directory.ts';

/** A file of an archive. */
export type Entry =
	| { name: string; text: string; damage: null }
	/** In words, why it could not be read. */
	| { name: string; text: null; damage: string };

/** What an archive may unpack to. */
export interface Limits {
	/** Texts of all entries together; an export of years of chats has some hundred million. */
	bytes: number;
	/** Deflate reaches 1,032; texts of chats 3 to 20. */
	ratio: number;
}

export const LIMITS: Limits = { bytes: 400_000_000, ratio: 120 };
/** Below this a ratio says nothing. */
const MIN_RATIO_BYTES = 2 ** 20;
/** A piece of this size can unpack to 17 MB at most, and then the limits are looked at. */
const PIECE_BYTES = 2 ** 14;

/**
 * The texts of those entries of a ZIP that are wanted; nothing else of it is read. What an entry says of its size is not
 * believed. Throws an ImportError when the archive cannot be read, or unpacks to more than a chat export would.
 */
export async function readEntries(
	archive: Blob,
	wanted: (name: string) => boolean,
	limits = LIMITS
): Promise<Entry[]> {
	const directory = (await readDirectory(archive)).filter(({ name }) => wanted(name));
	// Entries that lie over one another would unpack the same bytes again and again.
	const packed = directory.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
	if (packed > archive.size) throw beyond('the archive itself', `${packed} bytes of entries in it`);
	const entries: Entry[] = [];
	let unpacked = 0;
	for (const listed of directory) {
		const entry = await readEntry(archive, listed, {
			...limits,
			bytes: limits.bytes - unpacked
		});
		unpacked += entry.bytes;
		entries.push(entry);
	}
	return entries;
}

async function readEntry(
	archive: Blob,
	{ name, method, encrypted, packedBytes, headerAt }: Listed,
	limits: Limits
): Promise<Entry & { bytes: number }> {
	const damaged = (damage: string) => ({ name, text: null, damage, bytes: 0 });
	if (encrypted) return damaged('it is encrypted');
	if (method !== 0 && method !== 8) return damaged('it is packed in a way that is not known here');
	const header = new DataView(await archive.slice(headerAt, headerAt + 30).arrayBuffer());
	if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50)
		return damaged('it is not where the archive says');
	const start = headerAt + 30 + header.getUint16(26, true) + header.getUint16(28, true);
	const packed = archive.slice(start, start + packedBytes);
	if (packed.size < packedBytes) return damaged('the archive was cut off');
	const decoder = new TextDecoder('utf-8', { fatal: true });
	let text = '';
	let bytes = 0;
	let given = 0;
	const take = (piece: Uint8Array) => {
		bytes += piece.length;
		if (bytes > limits.bytes) throw beyond(`${LIMITS.bytes} bytes in all`, `more in ${name}`);
		if (bytes > MIN_RATIO_BYTES && bytes > given * limits.ratio)
			throw beyond(`${limits.ratio} times the packed size`, `more in ${name}`);
		text += decoder.decode(piece, { stream: true });
	};
	try {
		const inflate = method === 8 ? new Inflate(take) : null;
		for await (const piece of piecesOf(packed)) {
			given += piece.length;
			if (inflate) inflate.push(piece, given === packedBytes);
			else take(piece);
		}
		if (inflate && packedBytes === 0) return damaged('it is damaged');
		text += decoder.decode();
	} catch (thrown) {
		if (thrown instanceof ImportError) throw thrown;
		return damaged(thrown instanceof TypeError ? 'it is not text in UTF-8' : 'it is damaged');
	}
	return { name, text, damage: null, bytes };
}

async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
	const STEP = 64 * PIECE_BYTES;
	for (let from = 0; from < blob.size; from += STEP) {
		const bytes = new Uint8Array(await blob.slice(from, from + STEP).arrayBuffer());
		for (let at = 0; at < bytes.length; at += PIECE_BYTES)
			yield bytes.subarray(at, at + PIECE_BYTES);
	}
}

function beyond(expected: string, found: string): ImportError {
	return new ImportError(
		'archive-limit',
		'This archive unpacks to more than a chat export would, and was not read. Unpack it and import the files in it.',
		{ expected: `at most ${expected}`, found }
	);
}
