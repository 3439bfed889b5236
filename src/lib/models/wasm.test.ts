import { describe, expect, it } from 'vitest';
import { wasmAround } from '../memory/worked-example.ts';
import { FileError } from './file-error.ts';
import { checkWasm } from './wasm.ts';

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
