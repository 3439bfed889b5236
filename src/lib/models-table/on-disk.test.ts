import { expect, test } from 'vitest';
import { absoluteUrls, modelBaseUrl } from '../models/catalog-record.ts';
import type { Variant } from '../models/catalog.ts';
import { aCatalog } from './a-catalog.ts';
import { attribute, bytesByVariant, urlsToDelete } from './on-disk.ts';

const variants = aCatalog().flatMap(({ variants }) => variants);
const urlsOf = (variant: Variant) => {
	const absolute = absoluteUrls(variant, 'https://site.example/headroom/');
	return { baseUrl: modelBaseUrl(absolute), libraryUrl: absolute.libraryUrl };
};
const base = (id: string) => {
	const variant = variants.find((one) => one.id === id);
	if (!variant) throw new Error(`no variant ${id}`);
	return urlsOf(variant).baseUrl;
};
const LLAMA = 'Llama-3.1-8B-Instruct-q4f16_1-MLC';
const HERMES = 'Hermes-3-Llama-3.1-8B-q4f16_1-MLC';
const lying = (...entries: [baseUrl: string, bytes: number][]) =>
	attribute(
		entries.map(([baseUrl, bytes]) => ({ baseUrl, bytes, files: 5 })),
		variants,
		urlsOf
	);

test('files are known by their place; libraries and what the catalogue has no more, too', () => {
	const found = lying(
		['https://libraries.example/v0/', 5],
		['https://hub.example/mlc-ai/Gone-q4f16_1-MLC/resolve/main/', 9],
		[base(LLAMA), 7]
	);
	expect(found.map(({ variant, libraries }) => [variant?.id ?? null, libraries])).toEqual([
		[null, false],
		[LLAMA, false],
		[null, true]
	]);
	expect([...bytesByVariant(found)]).toEqual([[LLAMA, 7]]);
});

test('deleting a model deletes its library with it', () => {
	const found = lying([base(LLAMA), 7]);
	expect(found[0] && urlsToDelete(found[0], found, urlsOf)).toEqual([
		base(LLAMA),
		'https://libraries.example/v0/llama-q4f16_1.wasm'
	]);
});

test('a library that another model on disk needs stays', () => {
	const found = lying([base(LLAMA), 7], [base(HERMES), 6]);
	expect(found[0] && urlsToDelete(found[0], found, urlsOf)).toEqual([base(LLAMA)]);
});
