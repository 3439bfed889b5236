import { describe, expect, it } from 'vitest';
import { aCatalog } from '../models/a-catalog.fixture.ts';
import { families } from '../models/catalog-data.ts';
import { architectureOf, imitated, libraryCandidates } from './candidates.ts';

const idsOf = (name: string, modelType: string | null, quantization = 'q4f16_1') =>
	libraryCandidates({ name, modelType, quantization }, families).map(({ variant }) => variant.id);

describe('libraryCandidates', () => {
	it('has each library once, and only those of the quantization and the architecture', () => {
		const ids = idsOf('Poet-8B', 'llama');
		expect(ids.length).toBeGreaterThan(5);
		expect(ids.every((id) => /llama|hermes|smollm|pocket/i.test(id))).toBe(true);
		expect(ids.every((id) => id.includes('q4f16_1'))).toBe(true);
		const urls = libraryCandidates(
			{ name: 'x', modelType: 'llama', quantization: 'q4f16_1' },
			families
		).map(({ variant }) => variant.libraryUrl);
		expect(new Set(urls).size).toBe(urls.length);
	});

	it.each(['constructor', '__proto__', 'toString'])(
		'takes %s for an architecture that is not known',
		(modelType) => expect(idsOf('Poet', modelType)).toEqual(idsOf('Poet', null))
	);

	it('begins with what is named alike', () => {
		expect(idsOf('alice/Poet-Llama-3.2-3B-q4f16_1-MLC', 'llama')[0]).toBe(
			'Llama-3.2-3B-Instruct-q4f16_1-MLC'
		);
		// Shared with Qwen2.5, and compiled for this one.
		expect(idsOf('Qwen2.5-7B-Poet', 'qwen2')[0]).toBe('Qwen2-7B-Instruct-q4f16_1-MLC');
	});

	it('knows every family’s architecture by some name, and leaves none out where it is not known', () => {
		expect(idsOf('x', 'something-new').length).toBeGreaterThan(idsOf('x', 'llama').length);
		expect(idsOf('x', null).length).toBe(idsOf('x', 'something-new').length);
		expect(idsOf('x', 'llama', 'q8f16_1')).toEqual([]);
	});
});

describe('libraries that see', () => {
	it('are those of the models of that architecture, which are loaded without a package manifest', () => {
		expect(idsOf('alice/Phi-3.5-vision-q4f16_1-MLC', 'phi3_v')).toEqual([
			'Phi-3.5-vision-instruct-q4f16_1-MLC'
		]);
		expect(idsOf('x', 'gemma4')).toEqual([]);
	});

	it('are none of the text models’', () => {
		expect(idsOf('Phi-3.5', 'phi3').some((id) => id.includes('vision'))).toBe(false);
		expect(architectureOf('Phi-3.5-vision-instruct')).toBe('phi3_v');
		expect(architectureOf('Phi-3.5-mini-instruct')).toBe('phi3');
		expect(architectureOf('Poet')).toBeNull();
	});
});

it('has no library of an own model, and none that needs a package manifest', () => {
	const [family] = aCatalog();
	const [variant] = family!.variants;
	const only = (change: object) =>
		libraryCandidates({ name: 'x', modelType: null, quantization: variant!.quantization.name }, [
			{ ...family!, variants: [{ ...variant!, ...change }] }
		]).length;
	expect([only({}), only({ origin: 'own' }), only({ modelManifest: 'm.json' })]).toEqual([1, 0, 0]);
});

it('has the first of those that share a library which bears no name of theirs', () => {
	const ids = libraryCandidates(
		{ name: 'x', modelType: null, quantization: 'q4f16_1' },
		aCatalog()
	).map(({ family }) => family.id);
	// A Llama shares the library of Hermes, before which it does not come.
	expect(ids.toSorted()).toEqual([
		'Hermes-3-Llama-3.1-8B',
		'Phi-3.5-vision-instruct',
		'Qwen3-1.7B'
	]);
});

it('imitates no model that a person added', () => {
	const own = aCatalog().map((family) => ({
		...family,
		variants: family.variants.map((variant) => ({ ...variant, origin: 'own' as const }))
	}));
	expect(imitated({ owner: 'mallory', name: 'Llama-3.1-8B-Instruct' }, own)).toBeNull();
});

describe('a name that imitates', () => {
	it.each([
		['mallory', 'Llama-3.1-8B-Instruct-q4f16_1-MLC', 'Llama-3.1-8B-Instruct'],
		['mIc-ai', 'Llama-3.1-8B-Instruct', 'Llama-3.1-8B-Instruct'],
		['mallory', 'L1ama_3-1-8B-lnstruct-MLC', 'Llama-3.1-8B-Instruct'],
		['mallory', 'Llama-3.1-8B-q4f16_1-Instruct', 'Llama-3.1-8B-Instruct'],
		['mallory', 'Poet-1B', null],
		['mlc-ai', 'Llama-3.1-8B-Instruct-q4f16_1-MLC', null]
	])('%s/%s', (owner, name, expected) => {
		expect(imitated({ owner, name }, aCatalog())?.id ?? null).toBe(expected);
	});
});
