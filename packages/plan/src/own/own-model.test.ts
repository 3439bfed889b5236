import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { aCatalog } from '../models/a-catalog.fixture.ts';
import {
	ownBaseUrl,
	ownId,
	ownModelSchema,
	ownName,
	ownVariant,
	type OwnModel
} from './own-model.ts';

const COMMIT = '6f1d3bd1a0f5cbeb7e54f0a3a2bb5a3e0f1c2d34';
const model: OwnModel = {
	source: {
		kind: 'hub',
		owner: 'mallory',
		name: 'Llama-3.1-8B-Instruct-q4f16_1-MLC',
		commit: COMMIT
	},
	quantization: 'q4f16_1',
	library: {
		kind: 'catalog',
		variantId: 'Llama-3.1-8B-Instruct-q4f16_1-MLC',
		url: 'https://libraries.example/v0/older.wasm'
	},
	overruled: [],
	contextWindow: 4096,
	declaredBytes: 5e9,
	addedAt: 1,
	check: null
};
const catalogued = (name: string) =>
	aCatalog()
		.flatMap(({ variants }) => variants)
		.find(({ id }) => id.startsWith(name));
const lender = catalogued('Llama');

describe('an own model', () => {
	it('bears its owner, and no id of the catalogue', () => {
		expect(ownVariant(model, lender)).toMatchObject({
			id: 'mallory/Llama-3.1-8B-Instruct-q4f16_1-MLC@6f1d3bd1',
			origin: 'own'
		});
	});

	it('takes images where the library it uses belongs to a model that takes them, and only there', () => {
		const seeing = catalogued('Phi-3.5-vision');
		expect(seeing?.vision).toBe(true);
		expect(ownVariant(model, seeing)).toMatchObject({ vision: true, modelType: 2 });
		expect(ownVariant(model, lender)).toMatchObject({ vision: false, modelType: 0 });
		// A stranger's library, or one that left the catalogue.
		expect(ownVariant(model, undefined)).toMatchObject({ vision: false, modelType: 0 });
		// Images through a package manifest, which an own model does not have.
		const packaged = { ...seeing!, modelType: 0 as const, modelManifest: 'manifest.json' };
		expect(ownVariant(model, packaged)).toMatchObject({ vision: false, modelManifest: null });
	});

	it('shows nothing of a folder’s name that is not seen or reverses the text after it', () => {
		const named = (name: string) => ownName({ kind: 'folder', name, hash: COMMIT });
		expect(named('Po\u200be\u202et\u0007')).toBe('Poet');
		// Joiners are spelling in Persian.
		expect(named('می\u200cخواهم')).toBe('می\u200cخواهم');
		expect(named('\u2066')).toBe('unnamed');
	});

	it('uses the library that the catalogue has now, else the one it had', () => {
		const url = (of: typeof lender) => ownVariant(model, of).libraryUrl;
		expect(url(lender)).toBe('https://libraries.example/v0/llama-q4f16_1.wasm');
		expect(url(undefined)).toBe('https://libraries.example/v0/older.wasm');
	});

	it('lies where the engine looks, whatever the source', () => {
		const hash = COMMIT;
		const at = (url: string) => ownBaseUrl({ kind: 'url', url, hash });
		expect(ownBaseUrl(model.source)).toBe(
			`https://huggingface.co/mallory/Llama-3.1-8B-Instruct-q4f16_1-MLC/resolve/${COMMIT}/`
		);
		expect(at('https://m.example/poet/')).toBe(`https://m.example/poet/resolve/${hash}/`);
		expect(at('https://m.example/poet/resolve/v1/')).toBe(
			`https://m.example/poet/resolve/v1/resolve/${hash}/`
		);
		expect(ownBaseUrl({ kind: 'folder', name: 'My poet', hash })).toBe(
			`https://headroom-folder.invalid/resolve/${hash}/`
		);
	});

	it('is fetched from the folder itself, and held to what was looked at', () => {
		const of = (source: OwnModel['source']) => ownVariant({ ...model, source }, lender).own;
		const hash = COMMIT;
		for (const url of ['https://m.example/poet/', 'https://m.example/poet/resolve/v1/'])
			expect(of({ kind: 'url', url, hash })).toEqual({ from: url, contentHash: hash });
		expect(of({ kind: 'folder', name: 'My poet', hash })).toEqual({ contentHash: hash });
		expect(of(model.source)).toEqual({});
	});

	it('from a folder is known by its files, whatever the folder is called', () => {
		const id = (name: string) => ownId({ kind: 'folder', name, hash: COMMIT });
		expect(id('My poet')).toBe(id('Copy of my poet'));
	});

	it('has an id that fits where ids are kept', () => {
		const url = `https://m.example/${'x'.repeat(480)}/`;
		expect(ownId({ kind: 'url', url, hash: COMMIT }).length).toBeLessThanOrEqual(200);
		expect(ownId({ kind: 'url', url: 'https://m.example/', hash: COMMIT })).toContain('/');
	});

	it.each([
		['a branch in place of a commit', { source: { ...model.source, commit: 'main' } }],
		['a way out of the owner', { source: { ...model.source, owner: 'a/../b' } }],
		[
			'a library over http',
			{ library: { kind: 'stranger', url: 'http://x.example/a.wasm', sha256: '0'.repeat(64) } }
		],
		[
			'a library without its hash',
			{ library: { kind: 'stranger', url: 'https://x.example/a.wasm' } }
		],
		['an address that is none', { source: { kind: 'url', url: 'https://[', hash: COMMIT } }],
		['a library at an address that is none', { library: { ...model.library, url: 'https://[' } }],
		['an unknown quantization', { quantization: 'int8' }],
		['a window of nothing', { contextWindow: 0 }]
	])('is not kept with %s', (_, change) => {
		expect(v.safeParse(ownModelSchema, model).success).toBe(true);
		expect(v.safeParse(ownModelSchema, { ...model, ...change }).success).toBe(false);
	});
});
