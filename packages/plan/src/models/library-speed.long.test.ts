import { describe, expect, it } from 'vitest';
import { qwenMetadata } from '../memory/worked-example.fixture.ts';
import { FileError } from './file-error.ts';
import { readLibraryMetadata } from './library.ts';

const encode = (text: string) => new TextEncoder().encode(text);

describe('speed', () => {
	/** Milliseconds of this process in the fastest of a few runs: what others run beside it does not count. */
	function fastest(run: () => void): number {
		let best = Infinity;
		for (let i = 0; i < 5; i++) {
			const before = process.cpuUsage();
			run();
			const { user, system } = process.cpuUsage(before);
			best = Math.min(best, (user + system) / 1000);
		}
		return best;
	}
	function passOver(bytes: Uint8Array): number {
		let sum = 0;
		for (const byte of bytes) sum = (sum + byte) | 0;
		return sum;
	}
	const size = 5_000_000;
	const fill = (make: (i: number) => number) =>
		Uint8Array.from({ length: size }, (_, i) => make(i));
	const pattern = encode('{"model_type"');
	const opening = encode('{"model_type":[');

	it.each([
		['without a match', fill((i) => (i * 7919) & 255)],
		['of opening brackets', fill(() => 0x7b)],
		['of e, the slowest letter to skip', fill(() => 0x65)],
		['of quotes', fill(() => 0x22)],
		['of nothing but beginnings', fill((i) => pattern[i % pattern.length] ?? 0)],
		['of beginnings that nest', fill((i) => opening[i % opening.length] ?? 0)]
	])('reading 5 MB %s costs no more than three plain passes over them', (name, bytes) => {
		const plainMs = fastest(() => expect(passOver(bytes)).toBeTypeOf('number'));
		const readMs = fastest(() => {
			expect(() => readLibraryMetadata(bytes)).toThrow(FileError);
		});
		console.log(`5 MB ${name}: ${readMs.toFixed(1)} ms (one plain pass ${plainMs.toFixed(1)} ms)`);
		expect(readMs).toBeLessThan(3 * plainMs + 5);
	});

	const filled = (start: string, piece: string, end: string) => {
		const times = Math.floor((size - start.length - end.length) / piece.length);
		return encode(start + piece.repeat(times) + end);
	};
	const param = '{"name":"w","shape":[2],"dtype":"float32"},';
	it.each([
		['of objects', filled('{"model_type":"x","a":[', '{},', '{}]}')],
		['of numbers', filled('{"model_type":"x","a":[', '1,', '1]}')],
		['of parameters', filled('{"model_type":"x","params":[', param, `${param.slice(0, -1)}]}`)],
		['of one shape', filled('{"model_type":"x","params":[{"name":"w","shape":[', '1,', '1]}]}')],
		['of texts that fail to parse', filled('', '{"model_type":"x","a":[1,2,3,],"b":{"c":[]}}', '')],
		['of one string', filled('{"model_type":"', '\\u0041', '"}')]
	])('reading 5 MB %s, all of it valid brackets, costs no more either', (name, bytes) => {
		const plainMs = fastest(() => expect(passOver(bytes)).toBeTypeOf('number'));
		const readMs = fastest(() => {
			expect(() => readLibraryMetadata(bytes)).toThrow(FileError);
		});
		console.log(`5 MB ${name}: ${readMs.toFixed(1)} ms (one plain pass ${plainMs.toFixed(1)} ms)`);
		expect(readMs).toBeLessThan(3 * plainMs + 5);
	});

	it('reads real metadata at the end of 5 MB', () => {
		const bytes = new Uint8Array(size);
		const text = encode(JSON.stringify(qwenMetadata('q4f16_1')));
		bytes.set(text, size - text.length);
		const readMs = fastest(() => expect(readLibraryMetadata(bytes).modelType).toBe('qwen2'));
		const parseMs = fastest(() => expect(JSON.parse(new TextDecoder().decode(text))).toBeTruthy());
		const plainMs = fastest(() => expect(passOver(bytes)).toBeTypeOf('number'));
		console.log(
			`5 MB with metadata: ${readMs.toFixed(1)} ms (plain pass ${plainMs.toFixed(1)} ms)`
		);
		expect(readMs).toBeLessThan(3 * plainMs + 20 * parseMs + 5);
	});

	it('gives 100 MB without a match up in one pass', () => {
		const bytes = new Uint8Array(100_000_000).fill(0x61);
		const start = performance.now();
		expect(() => readLibraryMetadata(bytes)).toThrow(FileError);
		const readMs = performance.now() - start;
		const plainStart = performance.now();
		passOver(bytes);
		const plainMs = performance.now() - plainStart;
		console.log(`100 MB: ${readMs.toFixed(1)} ms (one plain pass ${plainMs.toFixed(1)} ms)`);
		expect(readMs).toBeLessThan(3 * plainMs + 5);
	});
});
