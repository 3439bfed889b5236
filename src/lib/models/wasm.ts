import { excerpt, FileError, looksLikeHtml } from './file-error.ts';

const SECTION_NAMES = [
	'custom',
	'type',
	'import',
	'function',
	'table',
	'memory',
	'global',
	'export',
	'start',
	'element',
	'code',
	'data',
	'data count',
	'tag'
];

/** Throws FileError unless the bytes are a whole WebAssembly module: header right, sections known and none cut short. */
export function checkWasm(bytes: Uint8Array, file = 'library'): void {
	const wasm = 'a WebAssembly library';
	if (bytes.length === 0) throw new FileError('empty', file, wasm, 'an empty file');
	const head = bytes.subarray(0, 1000);
	const magic = [0x00, 0x61, 0x73, 0x6d];
	if (!magic.every((byte, i) => head[i] === byte)) {
		const text = new TextDecoder().decode(head);
		if (looksLikeHtml(text))
			throw new FileError('html', file, wasm, `an HTML page: ${excerpt(text)}`);
		const found = /^\s*[{[]/.test(text)
			? `JSON: ${excerpt(text)}`
			: isText(head)
				? `other text: ${excerpt(text)}`
				: `${bytes.length} bytes of something else`;
		throw new FileError('not-wasm', file, wasm, found);
	}
	if (bytes.length < 8)
		throw new FileError('truncated', file, wasm, `only ${bytes.length} bytes of one`);
	const version = [...bytes.subarray(4, 8)];
	if (version.join() !== '1,0,0,0')
		throw new FileError('not-wasm', file, 'WebAssembly version 1', `version ${version.join('.')}`);
	let at = 8;
	while (at < bytes.length) {
		const id = bytes[at] ?? 0;
		const name = SECTION_NAMES[id];
		if (name === undefined)
			throw new FileError('not-wasm', file, 'a WebAssembly section', `section ${id} at byte ${at}`);
		const length = readLeb(bytes, at + 1);
		if (!length || length.next + length.value > bytes.length)
			throw new FileError(
				'truncated',
				file,
				length ? `${length.value} bytes of ${name} section` : `a length of the ${name} section`,
				`${Math.max(0, bytes.length - (length?.next ?? at + 1))} bytes before the file ends`
			);
		at = length.next + length.value;
	}
}

/** An unsigned LEB128 of 32 bits, or null where the bytes hold none. */
function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } | null {
	let value = 0;
	for (let i = 0; i < 5; i++) {
		const byte = bytes[at + i];
		if (byte === undefined) return null;
		value += (byte & 0x7f) * 2 ** (7 * i);
		if (byte < 0x80) return value < 2 ** 32 ? { value, next: at + i + 1 } : null;
	}
	return null;
}

const isText = (bytes: Uint8Array): boolean =>
	bytes.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
