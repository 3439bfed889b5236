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
});
