/** An entry of an archive made by hand, so that it can say what no program would write. */
export interface MadeEntry {
	name?: string;
	/** What stands in the file. */
	data?: Uint8Array;
	method?: number;
	flags?: number;
	/** What the directory says; absent: the truth. */
	packedBytes?: number;
	unpackedBytes?: number;
	headerAt?: number;
	extra?: Uint8Array;
	comment?: Uint8Array;
}

export interface MadeEnd {
	count?: number;
	size?: number;
	start?: number;
	comment?: Uint8Array;
	/** Between the directory and the end. */
	before?: (directoryEnd: number) => Uint8Array;
}

/** Numbers of so many bytes each, the lowest first. */
export function bytes(
	...fields: (readonly [bytes: 1 | 2 | 4 | 8, value: number])[]
): Uint8Array<ArrayBuffer> {
	const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
	let at = 0;
	for (const [size, value] of fields) {
		if (size === 1) view.setUint8(at, value);
		if (size === 2) view.setUint16(at, value, true);
		if (size === 4) view.setUint32(at, value, true);
		if (size === 8) view.setBigUint64(at, BigInt(value), true);
		at += size;
	}
	return new Uint8Array(view.buffer);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Its own header, in front of its data. */
export const header = (name = ''): Uint8Array<ArrayBuffer> =>
	joined(
		bytes([4, 0x04034b50], [2, 20], [2, 0], [2, 0], [4, 0], [4, 0], [4, 0], [4, 0]),
		bytes([2, name.length], [2, 0]),
		new TextEncoder().encode(name)
	);

/** The end of an archive, with what it says of the directory. */
export const end = (
	count: number,
	size: number,
	start: number,
	comment = 0
): Uint8Array<ArrayBuffer> =>
	bytes([4, 0x06054b50], [4, 0], [2, count], [2, count], [4, size], [4, start], [2, comment]);

/** An archive as PKWARE's APPNOTE has it: entries, directory, end. */
export function archiveOf(entries: readonly MadeEntry[], made: MadeEnd = {}): Blob {
	const files: Uint8Array[] = [];
	const listed: Uint8Array[] = [];
	let at = 0;
	for (const { name = '', data = new Uint8Array(), method = 0, flags = 0, ...said } of entries) {
		const file = joined(header(name), data);
		const { extra = new Uint8Array(), comment = new Uint8Array() } = said;
		files.push(file);
		listed.push(
			joined(
				bytes([4, 0x02014b50], [2, 20], [2, 20], [2, flags], [2, method], [4, 0], [4, 0]),
				bytes([4, said.packedBytes ?? data.length], [4, said.unpackedBytes ?? data.length]),
				bytes([2, name.length], [2, extra.length], [2, comment.length], [2, 0], [2, 0], [4, 0]),
				bytes([4, said.headerAt ?? at]),
				new TextEncoder().encode(name),
				extra,
				comment
			)
		);
		at += file.length;
	}
	const directory = joined(...listed);
	const { count = entries.length, size = directory.length, start = at } = made;
	const { comment = new Uint8Array(), before } = made;
	return new Blob([
		joined(
			...files,
			directory,
			before?.(at + directory.length) ?? new Uint8Array(),
			end(count, size, start, comment.length),
			comment
		)
	]);
}
