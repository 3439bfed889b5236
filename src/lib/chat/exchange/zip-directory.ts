import { ImportError } from './import-error.ts';

/** An entry as the directory at a ZIP's end lists it; nothing of it is verified. */
export interface Listed {
	name: string;
	/** 0: stored, 8: deflated. */
	method: number;
	encrypted: boolean;
	packedBytes: number;
	/** Where its own header stands. */
	headerAt: number;
}

export const MAX_ENTRIES = 100_000;
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;
/** The end's record, and the longest comment that may follow it. */
const TAIL_BYTES = 22 + 0xffff;
const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const LISTED = 0x02014b50;
/** Stands for a number that is too large for its field and follows in an extra one. */
const ELSEWHERE = 0xffff_ffff;

/**
 * Reads where the entries of a ZIP lie, by its directory: headers amid the data may be left over, and need not say sizes.
 * PKWARE's APPNOTE 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3. Throws an ImportError.
 */
export async function readDirectory(archive: Blob): Promise<Listed[]> {
	const { count, size, start } = await readEnd(archive);
	if (count > MAX_ENTRIES || size > MAX_DIRECTORY_BYTES)
		throw new ImportError(
			'archive-limit',
			'This archive has more files than a chat export would.',
			{
				expected: `at most ${MAX_ENTRIES} files`,
				found: `${count}`
			}
		);
	if (start + size > archive.size) throw damaged('a directory inside the file', `one at ${start}`);
	const view = await viewOf(archive, start, start + size);
	const listed: Listed[] = [];
	let at = 0;
	for (let index = 0; index < count; index++) {
		if (at + 46 > view.byteLength || view.getUint32(at, true) !== LISTED)
			throw damaged(`${count} entries`, `${index}`);
		const nameBytes = view.getUint16(at + 28, true);
		const extraBytes = view.getUint16(at + 30, true);
		const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
		if (next > view.byteLength) throw damaged(`${count} entries`, `${index}`);
		const name = new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes);
		listed.push({
			name: new TextDecoder().decode(name),
			method: view.getUint16(at + 10, true),
			encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
			...placeOf(view, at, at + 46 + nameBytes, extraBytes)
		});
		at = next;
	}
	return listed;
}

async function readEnd(archive: Blob): Promise<{ count: number; size: number; start: number }> {
	const tailAt = Math.max(0, archive.size - TAIL_BYTES);
	const tail = await viewOf(archive, tailAt, archive.size);
	let at = tail.byteLength - 22;
	while (at >= 0 && tail.getUint32(at, true) !== END) at--;
	if (at < 0) throw damaged('the directory at its end', 'none: the file was cut off, or is no ZIP');
	const locator = at - 20;
	if (locator >= 0 && tail.getUint32(locator, true) === END_64_LOCATOR) {
		const endAt = uint64(tail, locator + 8);
		const end = await viewOf(archive, endAt, endAt + 56);
		if (end.byteLength === 56 && end.getUint32(0, true) === END_64)
			return { count: uint64(end, 32), size: uint64(end, 40), start: uint64(end, 48) };
	}
	return {
		count: tail.getUint16(at + 10, true),
		size: tail.getUint32(at + 12, true),
		start: tail.getUint32(at + 16, true)
	};
}

/** The packed size and the header's place; where they are too large for their fields, in the extra field of ZIP64. */
function placeOf(
	view: DataView,
	at: number,
	extraAt: number,
	extraBytes: number
): { packedBytes: number; headerAt: number } {
	let packedBytes = view.getUint32(at + 20, true);
	let headerAt = view.getUint32(at + 42, true);
	const unpackedElsewhere = view.getUint32(at + 24, true) === ELSEWHERE;
	const end = extraAt + extraBytes;
	for (let field = extraAt; field + 4 <= end;) {
		const bytes = view.getUint16(field + 2, true);
		const fieldEnd = field + 4 + bytes;
		if (view.getUint16(field, true) === 1 && fieldEnd <= end) {
			let value = field + 4 + (unpackedElsewhere ? 8 : 0);
			if (packedBytes === ELSEWHERE && value + 8 <= fieldEnd) {
				packedBytes = uint64(view, value);
				value += 8;
			}
			if (headerAt === ELSEWHERE && value + 8 <= fieldEnd) headerAt = uint64(view, value);
		}
		field = fieldEnd;
	}
	return { packedBytes, headerAt };
}

function uint64(view: DataView, at: number): number {
	return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

async function viewOf(archive: Blob, from: number, to: number): Promise<DataView> {
	return new DataView(await archive.slice(from, to).arrayBuffer());
}

function damaged(expected: string, found: string): ImportError {
	return new ImportError(
		'damaged-archive',
		'This ZIP archive is damaged. Export or download it again.',
		{ expected, found }
	);
}
