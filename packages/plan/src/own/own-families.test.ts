import { describe, expect, it } from 'vitest';
import type { Family } from '../models/catalog.ts';
import { families as catalogue, variantById } from '../models/catalog-data.ts';
import { ownFamilies, sharedFamilyId } from './own-families.ts';
import { ownId, ownVariant, type OwnModel, type OwnSource } from './own-model.ts';

const hash = (n: number) => String(n).repeat(40);
const hub = (owner: string, name: string, commit = hash(1)): OwnSource => ({
	kind: 'hub',
	owner,
	name,
	commit
});
const at = (url: string, n = 1): OwnSource => ({ kind: 'url', url, hash: hash(n) });
const folder = (name: string, n = 1): OwnSource => ({ kind: 'folder', name, hash: hash(n) });
const aModel = (
	source: OwnSource,
	quantization: string,
	library: string | { stranger: string } = `Llama-3.2-1B-Instruct-${quantization}-MLC`
): OwnModel => ({
	source,
	quantization,
	library:
		typeof library === 'string'
			? { kind: 'catalog', variantId: library, url: 'https://libraries.example/x.wasm' }
			: { kind: 'stranger', url: library.stranger, sha256: '0'.repeat(64) },
	overruled: [],
	contextWindow: 4096,
	declaredBytes: 1e9,
	addedAt: 1,
	check: null
});
const lenderOf = ({ library }: OwnModel) =>
	library.kind === 'catalog' ? variantById.get(library.variantId) : undefined;
const built = (
	models: readonly OwnModel[],
	before: (model: OwnModel) => string | undefined = () => undefined
) =>
	ownFamilies(models, {
		before,
		variantOf: (model, familyId) => ownVariant(model, lenderOf(model), familyId)
	});
/** Each family as its quantizations. */
const shape = (families: readonly Family[]) =>
	families.map(({ variants }) => variants.map(({ quantization }) => quantization.name).join(' '));

const q4f16 = aModel(hub('alice', 'Poet-q4f16_1-MLC', hash(1)), 'q4f16_1');
const q4f32 = aModel(hub('alice', 'Poet-q4f32_1-MLC', hash(2)), 'q4f32_1');
const q0f32 = aModel(hub('alice', 'Poet-q0f32', hash(3)), 'q0f32');

describe('quantizations of one own model', () => {
	it('are one family, the most precise first, each under the id it always had', () => {
		const [family, ...others] = built([q4f16, q4f32, q0f32]);
		expect(others).toEqual([]);
		expect(family).toMatchObject({ id: 'alice/Poet', name: 'Poet (alice)', vision: false });
		expect(family?.variants.map(({ id, familyId }) => [id, familyId])).toEqual([
			['alice/Poet-q0f32@33333333', 'alice/Poet'],
			['alice/Poet-q4f32_1-MLC@22222222', 'alice/Poet'],
			['alice/Poet-q4f16_1-MLC@11111111', 'alice/Poet']
		]);
	});

	it('have the family’s id already when there is one alone, and keep it whoever comes or goes', () => {
		for (const models of [[q4f16], [q4f32], [q0f32, q4f32], [q4f32, q4f16, q0f32]])
			expect(built(models).map(({ id }) => id)).toEqual(['alice/Poet']);
	});

	it('stand where the first of them was added', () => {
		const other = aModel(hub('bob', 'Song-q4f16_1'), 'q4f16_1');
		expect(built([q4f16, other, q4f32]).map(({ id }) => id)).toEqual(['alice/Poet', 'bob/Song']);
	});

	it('are found in a folder of a host, below the same path', () => {
		const one = aModel(at('https://m.example/a/poet-q4f16_1/'), 'q4f16_1');
		const two = aModel(at('https://m.example/a/poet-q4f32_1-MLC/resolve/main/'), 'q4f32_1');
		const elsewhere = aModel(at('https://m.example/b/poet-q0f32/'), 'q0f32');
		const families = built([one, two, elsewhere]);
		expect(shape(families)).toEqual(['q4f32_1 q4f16_1', 'q0f32']);
		expect(families.map(({ id, name }) => [id, name])).toEqual([
			['https://m.example/a/poet', 'poet (m.example)'],
			['https://m.example/b/poet', 'poet (m.example, 11111111)']
		]);
	});

	it('are found in folders of this computer where their names tell the quantization', () => {
		const families = built([
			aModel(folder('my-poet-q4f16_1-MLC', 1), 'q4f16_1'),
			aModel(folder('my-poet-q4f32_1-MLC', 2), 'q4f32_1'),
			aModel(folder('params', 3), 'q4f16_1'),
			aModel(folder('params', 4), 'q4f32_1')
		]);
		expect(shape(families)).toEqual(['q4f32_1 q4f16_1', 'q4f16_1', 'q4f32_1']);
		expect(families[1]?.id).toBe(`folder/${hash(3)}`);
	});
});

describe('own models are kept apart', () => {
	it.each([
		['another owner’s', aModel(hub('bob', 'Poet-q4f32_1-MLC'), 'q4f32_1')],
		['one of another name', aModel(hub('alice', 'Poet-2-q4f32_1-MLC'), 'q4f32_1')],
		[
			'one of another size',
			aModel(hub('alice', 'Poet-q4f32_1'), 'q4f32_1', 'Llama-3.2-3B-Instruct-q4f32_1-MLC')
		],
		[
			'one of another architecture',
			aModel(hub('alice', 'Poet-q4f32_1'), 'q4f32_1', 'gemma3-1b-it-q4f32_1-MLC')
		],
		['one of a host that is called alike', aModel(at('https://alice/Poet-q4f32_1'), 'q4f32_1')],
		['one of a folder', aModel(folder('Poet-q4f32_1'), 'q4f32_1')]
	])('from %s', (_, other) => {
		const families = built([q4f16, other]);
		expect(families.map(({ variants }) => variants.length)).toEqual([1, 1]);
		expect(new Set(families.map(({ id }) => id)).size).toBe(2);
		expect(new Set(families.map(({ name }) => name)).size).toBe(2);
	});

	it('not where the libraries differ only by the model that lends them', () => {
		const one = aModel(hub('alice', 'Q-q4f16_1'), 'q4f16_1', 'Qwen2-0.5B-Instruct-q4f16_1-MLC');
		const two = aModel(hub('alice', 'Q-q4f32_1'), 'q4f32_1', 'Qwen2.5-0.5B-Instruct-q4f32_1-MLC');
		const stranger = aModel(hub('alice', 'Q-q0f32'), 'q0f32', { stranger: 'https://a.example/q' });
		expect(built([one, two, stranger])).toHaveLength(1);
	});

	it('from another revision with the same quantization, with a name and an id of its own', () => {
		const later = aModel(hub('alice', 'Poet-q4f16_1-MLC', hash(9)), 'q4f16_1');
		const families = built([q4f16, later, q4f32]);
		expect(shape(families)).toEqual(['q4f32_1 q4f16_1', 'q4f16_1']);
		expect(families.map(({ id, name }) => [id, name])).toEqual([
			['alice/Poet', 'Poet (alice)'],
			['alice/Poet-q4f16_1-MLC@99999999', 'Poet (alice, 99999999)']
		]);
	});

	it('as long as the page lives, where they were', () => {
		const later = aModel(hub('alice', 'Poet-q4f16_1-MLC', hash(9)), 'q4f16_1');
		const places = new Map<OwnModel, string>();
		const show = (...models: OwnModel[]) => {
			const families = built(models, (model) => places.get(model));
			for (const { id, variants } of families)
				for (const variant of variants)
					places.set(
						models.find(({ source }) => ownId(source) === variant.id)!,
						id
					);
			return families.map(({ id }) => id);
		};
		const apart = 'alice/Poet-q4f16_1-MLC@99999999';
		expect(show(q4f16, later)).toEqual(['alice/Poet', apart]);
		expect(show(later)).toEqual([apart]);
		expect(show(later, q4f32)).toEqual([apart, 'alice/Poet']);
		// Its place was taken since.
		const third = aModel(hub('alice', 'Poet-q4f16_1-MLC', hash(8)), 'q4f16_1');
		expect(show(later, q4f32, third)).toEqual([apart, 'alice/Poet']);
		expect(show(later, q4f32, third, q4f16)).toEqual([apart, 'alice/Poet', ownId(q4f16.source)]);
	});

	it('where they were, although a new one of the same quantization is listed before them', () => {
		const there = aModel(hub('alice', 'Poet-q4f16_1-MLC', hash(9)), 'q4f16_1');
		const families = built([q4f16, there], (model) => (model === there ? 'alice/Poet' : undefined));
		expect(families.map(({ id, variants }) => [id, variants.map((each) => each.id)])).toEqual([
			[ownId(q4f16.source), [ownId(q4f16.source)]],
			['alice/Poet', [ownId(there.source)]]
		]);
	});

	it('with names that differ, whatever they are called', () => {
		const same = 'https://m.example/';
		const families = built([
			aModel(hub('m.example', 'poet'), 'q4f16_1'),
			aModel(at(`${same}poet/`), 'q4f16_1'),
			aModel(at(`${same}x/poet/`), 'q4f16_1'),
			aModel(at(`${same}y/poet/`), 'q4f16_1')
		]);
		expect(new Set(families.map(({ name }) => name)).size).toBe(4);
	});
});

describe('a family of own models', () => {
	it('is none of the catalogue, whatever a model is called', () => {
		const ids = new Set(
			catalogue.flatMap(({ id, variants }) => [id, ...variants.map((v) => v.id)])
		);
		for (const { id: name } of catalogue)
			for (const source of [
				hub('mlc-ai', name),
				hub('mallory', `${name}-q4f16_1-MLC`),
				at(`https://${name.toLowerCase().replace(/[^a-z\d]/g, '')}/`),
				folder(name),
				folder(`${name}-q4f16_1-MLC`)
			]) {
				const [family] = built([aModel(source, 'q4f16_1')]);
				expect(ids.has(family!.id)).toBe(false);
				expect(family!.id).toContain('/');
				expect(catalogue.some(({ name }) => name === family!.name)).toBe(false);
			}
	});

	it('takes images as soon as one of it does', () => {
		const seeing = (quantization: string, n: number) =>
			aModel(
				hub('alice', `Seer-${quantization}-MLC`, hash(n)),
				quantization,
				`Phi-3.5-vision-instruct-${quantization}-MLC`
			);
		const [family] = built([seeing('q4f16_1', 1), seeing('q4f32_1', 2)]);
		expect(family).toMatchObject({ id: 'alice/Seer', vision: true });
		expect(family?.variants.map(({ vision }) => vision)).toEqual([true, true]);
		// Equal names and sizes, but it does not see.
		const blind = aModel(hub('alice', 'Seer-q0f32'), 'q0f32', 'Phi-3.5-mini-instruct-q0f32-MLC');
		expect(shape(built([seeing('q4f16_1', 1), blind]))).toEqual(['q4f16_1', 'q0f32']);
		expect(built([q4f16])[0]?.vision).toBe(false);
	});

	it('has an id that is kept, or the variant’s where that would be too long', () => {
		const long = at(`https://m.example/${'x'.repeat(480)}-q4f16_1/`);
		expect(sharedFamilyId(long)).toBeNull();
		expect(built([aModel(long, 'q4f16_1')])[0]?.id).toBe(ownId(long));
	});

	it('has an id of up to 200 characters', () => {
		const host = 'https://m.example/';
		const id = (length: number) =>
			sharedFamilyId(at(`${host}${'x'.repeat(length - host.length)}-q4f16_1/`));
		expect(id(200)).toHaveLength(200);
		expect(id(201)).toBeNull();
	});

	it('keeps a name from right to left to itself', () => {
		const [family] = built([aModel(folder('שיר'), 'q4f16_1')]);
		expect(family?.name).toBe('\u2068שיר\u2069 (this computer)');
		const [hostile] = built([aModel(folder('Poet\u202e)'), 'q4f16_1')]);
		expect(hostile?.name).toBe('Poet) (this computer)');
	});
});
