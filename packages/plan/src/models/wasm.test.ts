import { describe, expect, it } from 'vitest';
import { wasmAround } from '../memory/worked-example.fixture.ts';
import { FileError } from './file-error.ts';
import { checkWasm, readImports } from './wasm.ts';

const encode = (text: string) => new TextEncoder().encode(text);

function thrown(run: () => unknown): FileError {
	try {
		run();
	} catch (error) {
		if (error instanceof FileError) return error;
		throw error;
	}
	throw new Error('nothing was thrown');
}

describe('checkWasm', () => {
	it('accepts a whole module', () => {
		expect(() => checkWasm(wasmAround('x'))).not.toThrow();
	});

	it.each([
		['an empty file', '', 'empty'],
		['an HTML page', '\n<!DOCTYPE html><title>Not found</title>', 'html'],
		['JSON', '{"error":"not found"}', 'not-wasm'],
		['text', 'Entry not found', 'not-wasm'],
		['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', 'not-wasm']
	])('tells %s from a library', (_, text, kind) => {
		expect(thrown(() => checkWasm(encode(text))).kind).toBe(kind);
	});

	it('tells any part of a module from a whole one', () => {
		const whole = wasmAround('x'.repeat(300));
		for (let length = 0; length < whole.length; length++) {
			if (length === 8) continue; // The header alone is the empty module.
			const error = thrown(() => checkWasm(whole.subarray(0, length)));
			expect(['empty', 'not-wasm', 'truncated']).toContain(error.kind);
		}
	});

	it('refuses another version and sections that do not exist', () => {
		const other = wasmAround('x');
		other[4] = 2;
		expect(thrown(() => checkWasm(other)).expected).toContain('version 1');
		const strange = wasmAround('x');
		strange[8] = 99;
		expect(thrown(() => checkWasm(strange)).kind).toBe('not-wasm');
	});
});

describe('the sections of a module', () => {
	const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
	const check = (...bytes: number[]) => checkWasm(Uint8Array.from([...header, ...bytes]));

	it('have known numbers, up to 13', () => {
		for (let id = 0; id <= 13; id++) expect(() => check(id, 0)).not.toThrow();
		const error = thrown(() => check(0, 0, 14, 0));
		expect(error.kind).toBe('not-wasm');
		expect(error.found).toBe('section 14 at byte 10');
	});

	it('have lengths of up to five bytes below 4 GiB', () => {
		for (const zero of [
			[0x80, 0],
			[0x80, 0x80, 0],
			[0x80, 0x80, 0x80, 0x80, 0]
		])
			expect(() => check(0, ...zero)).not.toThrow();
		const length = (...bytes: number[]) => thrown(() => check(0, ...bytes)).expected;
		expect(length(0x80, 0x80, 0x80, 0x80, 0x80, 0)).toBe('a length of the custom section');
		expect(length(0x80)).toBe('a length of the custom section');
		expect(length(0xff, 0xff, 0xff, 0xff, 0x0f)).toBe(`${2 ** 32 - 1} bytes of custom section`);
		expect(length(0x80, 0x80, 0x80, 0x80, 0x10)).toBe('a length of the custom section');
		expect(length(0x81, 1)).toBe('129 bytes of custom section');
	});

	it('say how many bytes there are of them where they are cut short', () => {
		const error = thrown(() => check(2, 5, 1, 2, 3));
		expect([error.kind, error.expected, error.found]).toEqual([
			'truncated',
			'5 bytes of import section',
			'3 bytes before the file ends'
		]);
		expect(thrown(() => check(2)).found).toBe('0 bytes before the file ends');
		expect(thrown(() => check(2, 0x80)).found).toBe('1 bytes before the file ends');
	});
});

it('what is no module is told by what it looks like', () => {
	const found = (...bytes: number[]) => thrown(() => checkWasm(Uint8Array.from(bytes))).found;
	const text = (of: string) => found(...encode(of));
	expect(text(' [1]')).toBe('JSON: “[1]”');
	expect(text('a\tb\r\n c')).toBe('other text: “a b c”');
	expect(text(' ~')).toBe('other text: “~”');
	expect(found(0x20, 0x1f)).toBe('2 bytes of something else');
	expect(found(0x20, 8)).toBe('2 bytes of something else');
	expect(found(0x20, 11)).toBe('2 bytes of something else');
	expect(found(0x20, 14)).toBe('2 bytes of something else');
	expect(found(0, 0x61, 0x73)).toBe('3 bytes of something else');
	expect(found(1, 0x61, 0x73, 0x6d, 1, 0, 0, 0)).toBe('8 bytes of something else');
	expect(found(0, 0x61, 0x73, 0x6d, 1)).toBe('only 5 bytes of one');
	expect(found(0, 0x61, 0x73, 0x6d, 1, 0, 0, 1)).toBe('version 1.0.0.1');
	// Only the beginning is looked at: text of a thousand bytes, whatever follows.
	expect(found(...Array<number>(1000).fill(0x61), 0)).toContain('other text');
	expect(found(...Array<number>(999).fill(0x61), 0)).toBe('1000 bytes of something else');
});

describe('readImports', () => {
	const named = (module: string, name: string) => [
		module.length,
		...encode(module),
		name.length,
		...encode(name)
	];
	const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
	const type = [1, 4, 1, 0x60, 0, 0];
	const section = (...entries: number[][]) => {
		const body = [entries.length, ...entries.flat()];
		return [2, body.length, ...body];
	};
	const all = section(
		[...named('env', 'TVMFFIWasmSafeCall'), 0, 0],
		[...named('env', 'table'), 1, 0x70, 1, 1, 0xff, 1],
		[...named('env', 'memory'), 2, 0, 0x80, 2],
		[...named('wasi', 'base'), 3, 0x7f, 0],
		[...named('', ''), 0, 0]
	);

	it('says what the browser says of a module, without compiling it', () => {
		const bytes = Uint8Array.from([...header, ...type, ...all]);
		const module = new WebAssembly.Module(bytes);
		expect(readImports(bytes)).toEqual(WebAssembly.Module.imports(module));
		expect(readImports(bytes)).toHaveLength(5);
	});

	it('reads names of any length, and tags', () => {
		const long = 'n'.repeat(200);
		const entry = [3, ...encode('env'), 200, 1, ...encode(long), 0, 3];
		const body = [2, ...entry, ...named('env', 't'), 4, 0, 5];
		const bytes = [
			...header,
			2,
			...[(body.length % 128) + 128, Math.floor(body.length / 128)],
			...body
		];
		expect(readImports(Uint8Array.from(bytes))).toEqual([
			{ module: 'env', name: long, kind: 'function' },
			{ module: 'env', name: 't', kind: 'tag' }
		]);
	});

	it('knows nothing of a section with something behind its entries', () => {
		const entry = [...named('env', 'f'), 0, 0];
		const body = [1, ...entry, 0];
		expect(readImports(Uint8Array.from([...header, 2, body.length, ...body]))).toBeNull();
		expect(readImports(Uint8Array.from([...header, 2, 1, 0]))).toEqual([]);
	});

	it('says that a module without the section imports nothing', () => {
		expect(readImports(Uint8Array.from([...header, ...type]))).toEqual([]);
	});

	it('knows nothing of what is cut short, damaged or no module', () => {
		const bytes = Uint8Array.from([...header, ...type, ...all]);
		for (let length = 0; length < bytes.length; length++) {
			const found = readImports(bytes.slice(0, length));
			// Cut between sections it is a smaller whole module.
			expect(found === null || found.length === 0).toBe(true);
		}
		for (const change of [
			[...section([...named('env', 'f'), 9, 0])],
			[2, 3, 0xff, 0xff, 0xff],
			[2, 2, 5, 0],
			[2, 6, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]
		])
			expect(readImports(Uint8Array.from([...header, ...change]))).toBeNull();
		expect(readImports(encode('{"model_type":"llama"}'))).toBeNull();
	});

	it.each([
		['nothing', []],
		['a short text', encode('{}')],
		['another beginning', [1, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...all]],
		['another version', [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0, ...all]],
		['a module that ends within a section before it', [...header, ...type.slice(0, -1)]]
	])('knows nothing of %s', (_, bytes) => {
		expect(readImports(Uint8Array.from(bytes))).toBeNull();
	});
});
