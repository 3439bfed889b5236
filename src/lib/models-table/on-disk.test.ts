import { expect, test } from 'vitest';
import type { CachedModel } from '../files/protocol.ts';
import { absoluteUrls, modelBaseUrl } from '../models/catalog-record.ts';
import type { Variant } from '../models/catalog.ts';
import { aCatalog } from './a-catalog.ts';
import { attribute, bytesTogether, byVariant, shortcoming } from './on-disk.ts';

const variants = aCatalog().flatMap(({ variants }) => variants);
const askedUrlOf = (variant: Variant) =>
	modelBaseUrl(absoluteUrls(variant, 'https://site.example/headroom/'));
const lying = (given: Partial<CachedModel>): CachedModel => ({
	baseUrl: 'https://hub.example/mlc-ai/Some-q4f16_1-MLC/resolve/0123abc/',
	askedUrl: 'https://hub.example/mlc-ai/Some-q4f16_1-MLC/resolve/main/',
	state: 'complete',
	bytes: 10,
	freedBytes: 10,
	files: 5,
	missing: [],
	libraryUrl: null,
	lastUsedAt: null,
	fetchedAt: null,
	uses: 0,
	...given
});

test('files are known by where the catalogue asks for them, whatever revision they are of', () => {
	const llama = variants.find(({ id }) => id === 'Llama-3.1-8B-Instruct-q4f16_1-MLC');
	const found = attribute(
		[
			lying({ bytes: 7, ...(llama && { askedUrl: askedUrlOf(llama) }) }),
			lying({ bytes: 9, askedUrl: 'https://hub.example/mlc-ai/Gone-q4f16_1-MLC/resolve/main/' })
		],
		variants,
		askedUrlOf
	);
	expect(found.map(({ variant, bytes }) => [variant?.id ?? null, bytes])).toEqual([
		[null, 9],
		[llama?.id, 7]
	]);
	expect([...byVariant(found).keys()]).toEqual([llama?.id]);
});

test('a library that two models share counts once in what lies on disk together', () => {
	const shared = {
		libraryUrl: 'https://libraries.example/v0/llama.wasm',
		bytes: 105,
		freedBytes: 100
	};
	const own = { libraryUrl: 'https://libraries.example/v0/qwen.wasm', bytes: 55, freedBytes: 55 };
	expect(bytesTogether([lying(shared), lying(shared), lying(own)])).toBe(260);
	expect(bytesTogether([])).toBe(0);
});

test('what is wrong with a download is said with its files, and nothing where nothing is', () => {
	expect(shortcoming(lying({}))).toBeNull();
	expect(shortcoming(lying({ state: 'partial', missing: ['a.bin'] }))).toBe('1 file missing');
	expect(shortcoming(lying({ state: 'damaged', missing: ['a.bin', 'b.bin'] }))).toBe(
		'damaged: a.bin, b.bin'
	);
	expect(shortcoming(lying({ state: 'damaged' }))).toBe('damaged');
	expect(shortcoming(lying({ state: 'plan' }))).toBe('only what was read for the plan');
});
