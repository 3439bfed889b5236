import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractPrebuilt } from '../../../../scripts/catalog.ts';
import { readCatalog } from './catalog.ts';
import { search, sortFamilies } from './catalog-search.ts';

const families = readCatalog(extractPrebuilt(), {
	hash: 'h',
	contextWindow: 2048,
	variants: [{ quantization: 'q0f32', model: 'm/', library: 'l', downloadBytes: 1 }]
});
const found = (query: string) => search(families, query).map(({ id }) => id);

describe('search', () => {
	it('finds everything for an empty query, in the same order', () => {
		expect(search(families, '  ')).toEqual(families);
	});

	it('overlooks case, spaces and separators', () => {
		expect(found('LLAMA 3.2 1b')).toEqual(['Llama-3.2-1B-Instruct']);
		expect(found('llama3.2 1B')).toEqual(['Llama-3.2-1B-Instruct']);
		expect(found('llama-3.2-1b')).toEqual(['Llama-3.2-1B-Instruct']);
		expect(found('phi-1_5')).toEqual(['phi-1_5']);
	});

	it('takes a figure from its first digit', () => {
		expect(found('llama 3.2').every((id) => id.includes('3.2'))).toBe(true);
		expect(found('6b')).toEqual([]);
		expect(found('0.6b')).toEqual(['Qwen3-0.6B']);
	});

	it('finds by quantization and by what a family can do', () => {
		expect(found('q3f16')).toEqual(['Llama-3-70B-Instruct', 'Llama-3.1-70B-Instruct']);
		expect(found('vision gemma')).toEqual(['gemma-4-E2B-it']);
		expect(found('thinking 4b')).toEqual(['Qwen3-4B', 'Qwen3.5-4B']);
		// No request carries tools, so nothing is promised.
		expect(found('tools')).toEqual([]);
	});

	it('finds nothing for what nobody is called', () => {
		expect(found('llama zebra')).toEqual([]);
	});

	it('finds no more with another word', () => {
		const word = fc.oneof(fc.constantFrom('llama', '1b', 'q4', 'qwen', '3.', '-'), fc.string());
		fc.assert(
			fc.property(word, word, (one, other) => {
				const narrow = search(families, `${one} ${other}`);
				expect(search(families, one)).toEqual(expect.arrayContaining(narrow));
			}),
			{ numRuns: 50 }
		);
	});
});

describe('sortFamilies', () => {
	it.each(['name', 'parameters', 'declared'] as const)('by %s keeps all, pocket first', (order) => {
		const sorted = sortFamilies(families, order);
		expect(sorted[0]?.id).toBe('pocket');
		expect([...sorted].sort(byId)).toEqual([...families].sort(byId));
	});

	it('by parameters goes from small to large', () => {
		const sizes = sortFamilies(families, 'parameters')
			.slice(1)
			.map(({ parametersBillion }) => parametersBillion ?? NaN);
		expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
		expect(sizes.at(-1)).toBe(70);
	});
});

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
