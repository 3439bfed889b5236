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

export type ImportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

/** One import of a module, as `WebAssembly.Module.imports` names it. */
export interface WasmImport {
	module: string;
	name: string;
	kind: ImportKind;
}

const IMPORT_KINDS: readonly ImportKind[] = ['function', 'table', 'memory', 'global', 'tag'];
const IMPORT_SECTION = 2;

/** What a module imports, read without compiling it; null where that cannot be read. */
export function readImports(bytes: Uint8Array): WasmImport[] | null {
	if (String(bytes.subarray(0, 8)) !== '0,97,115,109,1,0,0,0') return null;
	let at = 8;
	while (at < bytes.length) {
		const length = readLeb(bytes, at + 1);
		if (!length) return null;
		const end = length.next + length.value;
		if (end > bytes.length) return null;
		if (bytes[at] === IMPORT_SECTION) return importsIn(bytes.subarray(length.next, end));
		at = end;
	}
	return [];
}

function importsIn(section: Uint8Array): WasmImport[] | null {
	let at = 0;
	const number = (): number => {
		const leb = readLeb(section, at);
		at = leb?.next ?? NaN;
		return leb?.value ?? NaN;
	};
	const text = (): string => {
		const length = number();
		at += length;
		return new TextDecoder().decode(section.subarray(at - length, at));
	};
	const limits = () => {
		const flags = number();
		number();
		if (flags & 1) number();
	};
	const found: WasmImport[] = [];
	const count = number();
	for (let i = 0; i < count; i++) {
		const module = text();
		const name = text();
		const kind = IMPORT_KINDS[section[at] ?? -1];
		at++;
		switch (kind) {
			case 'function':
				number();
				break;
			case 'table':
				at++;
				limits();
				break;
			case 'memory':
				limits();
				break;
			case 'global':
				at += 2;
				break;
			case 'tag':
				at++;
				number();
				break;
			case undefined:
				return null;
		}
		found.push({ module, name, kind });
	}
	return at === section.length ? found : null;
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
