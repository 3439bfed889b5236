import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { aCatalog } from '../models/a-catalog.fixture.ts';
import {
	MAX_OWN_MODELS,
	ownBaseUrl,
	ownerOf,
	ownId,
	ownModelSchema,
	ownName,
	ownVariant,
	proposalOf,
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

	const folder = (name: string, hash = COMMIT) => ({ source: { kind: 'folder', name, hash } });
	const at = (url: string) => ({ source: { kind: 'url', url, hash: COMMIT } });
	const lent = (url: string) => ({ library: { ...model.library, url } });
	const sha256 = 'a'.repeat(64);
	const filled = (start: string, length: number) => start + 'x'.repeat(length - start.length);
	it.each<[string, object, object]>([
		['a name of 1 to 200 characters', folder('x'.repeat(200)), folder('x'.repeat(201))],
		['a name', folder('x'), folder('')],
		['a hash of 40 digits', folder('x', 'a'.repeat(40)), folder('x', 'a'.repeat(41))],
		['a whole hash', folder('x', 'a'.repeat(40)), folder('x', 'a'.repeat(39))],
		[
			'an address of 1,000 characters at most',
			at(filled('https://m.example/', 1000)),
			at(filled('https://m.example/', 1001))
		],
		[
			'a library’s address of 1,000 characters at most',
			lent(filled('https://m.example/', 1000)),
			lent(filled('https://m.example/', 1001))
		],
		['a library of the site', lent('pocket/a.wasm'), lent('other/a.wasm')],
		[
			'a stranger’s library by its whole hash',
			{ library: { kind: 'stranger', url: 'https://x.example/a.wasm', sha256 } },
			{ library: { kind: 'stranger', url: 'https://x.example/a.wasm', sha256: sha256.slice(1) } }
		],
		['a window of one token', { contextWindow: 1 }, { contextWindow: 0.5 }],
		['no bytes declared', { declaredBytes: 0 }, { declaredBytes: -1 }]
	])('is kept with %s, and no further', (_, good, bad) => {
		expect(v.safeParse(ownModelSchema, { ...model, ...good }).success).toBe(true);
		expect(v.safeParse(ownModelSchema, { ...model, ...bad }).success).toBe(false);
	});

	it('loses what was overruled and found where that is too long to be shown', () => {
		const kept = (change: object) => v.parse(ownModelSchema, { ...model, ...change });
		const [most, more] = ['x'.repeat(1000), 'x'.repeat(1001)];
		expect(kept({ overruled: [most] }).overruled).toEqual([most]);
		expect(kept({ overruled: [more] }).overruled).toEqual([]);
		expect(kept({ check: { at: 1, problem: most } }).check).toEqual({ at: 1, problem: most });
		expect(kept({ check: { at: 1, problem: more } }).check).toBeNull();
	});

	it('is one of a hundred at most', () => {
		expect(MAX_OWN_MODELS).toBe(100);
	});

	const SOURCES = {
		hub: model.source,
		url: { kind: 'url', url: 'https://m.example/poets/poet/resolve/v1/', hash: COMMIT },
		host: { kind: 'url', url: 'https://m.example/', hash: COMMIT },
		folder: { kind: 'folder', name: 'My poet', hash: COMMIT }
	} as const;
	it.each([
		[
			'hub',
			'mallory/Llama-3.1-8B-Instruct-q4f16_1-MLC@6f1d3bd1',
			'mallory',
			'Llama-3.1-8B-Instruct-q4f16_1-MLC',
			`mallory/Llama-3.1-8B-Instruct-q4f16_1-MLC@${COMMIT}`
		],
		[
			'url',
			'm.example/poets/poet/resolve/v1@6f1d3bd1',
			'm.example',
			'poet',
			'https://m.example/poets/poet/resolve/v1/'
		],
		['host', 'm.example/@6f1d3bd1', 'm.example', 'm.example', 'https://m.example/'],
		['folder', `folder/${COMMIT}`, 'this computer', 'My poet', null]
	] as const)(
		'from a %s has an id, an owner, a name and a proposal',
		(from, id, owner, name, proposal) => {
			const source = SOURCES[from];
			expect([ownId(source), ownerOf(source), ownName(source), proposalOf(source)]).toEqual([
				id,
				owner,
				name,
				proposal
			]);
		}
	);

	it('has an id whose path is cut at 180 characters', () => {
		const long = ownId({ kind: 'url', url: `https://m.example/${'x'.repeat(480)}/`, hash: COMMIT });
		expect(long).toBe(`m.example/${'x'.repeat(170)}@6f1d3bd1`);
	});

	it('from a stranger’s library is held to its bytes, and takes nothing from the catalogue', () => {
		const url = 'https://x.example/a.wasm';
		const variant = ownVariant({ ...model, library: { kind: 'stranger', url, sha256 } }, undefined);
		expect(variant).toMatchObject({
			libraryUrl: url,
			own: { librarySha256: sha256 },
			overrides: {},
			requiredFeatures: [],
			requiredBindingBytes: null,
			modelType: 0,
			declaredContextWindow: 4096,
			declaredBytes: 5e9
		});
	});

	it('cannot be a variant without its quantization', () => {
		expect(() => ownVariant({ ...model, quantization: 'int8' }, lender)).toThrow(
			'Expected a quantization like q4f16_1, found "int8".'
		);
	});
});
