import { expect, test } from 'vitest';
import type { CachedModel } from '../files/protocol.ts';
import { absoluteUrls, modelBaseUrl } from '../engine/webllm/catalog-record.ts';
import type { Variant } from '#plan/models/catalog.ts';
import { aCatalog } from '#plan/models/a-catalog.fixture.ts';
import {
	attribute,
	bytesTogether,
	byVariant,
	freedBytes,
	leastRecentlyUsed,
	shortcoming,
	unused,
	usedWords
} from './on-disk.ts';

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
	expect(shortcoming(lying({ state: 'plan' }))).toBe('only the files read for the plan');
});

const named = (baseUrl: string, given: Partial<CachedModel>) => lying({ baseUrl, ...given });
const names = (models: readonly CachedModel[]) => models.map(({ baseUrl }) => baseUrl);
const anything = () => true;

test('the longest unused goes first, and no more than is needed', () => {
	const models = [
		named('new', { lastUsedAt: 30, bytes: 10, freedBytes: 10 }),
		named('old', { lastUsedAt: 10, bytes: 10, freedBytes: 10 }),
		named('fetched for later', { fetchedAt: 20, bytes: 10, freedBytes: 10 })
	];
	expect(names(leastRecentlyUsed(models, 1, anything))).toEqual(['old']);
	expect(names(leastRecentlyUsed(models, 11, anything))).toEqual(['old', 'fetched for later']);
	expect(names(leastRecentlyUsed(models, 0, anything))).toEqual([]);
	expect(names(leastRecentlyUsed(models, 1000, anything))).toHaveLength(3);
});

test('what is in use never goes, however much is wanted', () => {
	const models = [
		named('loaded', { lastUsedAt: 1, bytes: 99, freedBytes: 99 }),
		named('idle', { lastUsedAt: 2 })
	];
	const chosen = leastRecentlyUsed(models, 1000, ({ baseUrl }) => baseUrl !== 'loaded');
	expect(names(chosen)).toEqual(['idle']);
});

test('a shared library is freed with the last model that uses it', () => {
	const shared = { libraryUrl: 'https://libraries.example/llama.wasm', bytes: 15, freedBytes: 10 };
	const [a, b] = [named('a', shared), named('b', shared)];
	expect(freedBytes([a, b], [a])).toBe(10);
	expect(freedBytes([a, b], [a, b])).toBe(25);
});

test('unused is what is not complete, and what nothing was done with for a month', () => {
	const now = Date.UTC(2026, 5, 1);
	const daysAgo = (days: number) => now - days * 24 * 3600_000;
	const models = [
		named('last week', { lastUsedAt: daysAgo(7) }),
		named('long ago', { lastUsedAt: daysAgo(31), fetchedAt: daysAgo(90) }),
		named('just fetched', { fetchedAt: daysAgo(1) }),
		named('broken', { lastUsedAt: daysAgo(1), state: 'damaged' }),
		named('never', {})
	];
	expect(names(unused(models, now))).toEqual(['long ago', 'broken', 'never']);
});

test('use is told with its count and its last day', () => {
	expect(usedWords(lying({}))).toBe('never loaded');
	const lastUsedAt = new Date(2026, 5, 1).getTime();
	expect(usedWords(lying({ lastUsedAt, uses: 1 }))).toBe('loaded once, last Jun 1, 2026');
	expect(usedWords(lying({ lastUsedAt, uses: 4 }))).toBe('loaded 4 times, last Jun 1, 2026');
});
