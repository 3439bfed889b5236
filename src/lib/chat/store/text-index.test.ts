import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches, wordsOf } from '../search.ts';
import { packsOf, parsePack, TextIndex, type Searched } from './text-index.ts';

const word = fc.string({
	unit: fc.constantFrom('a', 'b', 'c', 'é', '語'),
	minLength: 1,
	maxLength: 4
});
const texts = fc
	.array(fc.uniqueArray(word, { maxLength: 12 }), { maxLength: 12 })
	.map((all) =>
		all.map((words, n): Searched => ({ id: `c${n}`, text: words.join('\n'), updatedAt: n }))
	);
const query = fc
	.array(word, { minLength: 1, maxLength: 16 })
	.map((words) => wordsOf(words.join(' ')));
const idsOf = (found: readonly { id: string }[]) => found.map(({ id }) => id).sort();

test('a pack finds what the texts themselves would', () => {
	fc.assert(
		fc.property(texts, query, (all, words) => {
			const expected = all.filter(({ text }) => matches(text, words));
			const index = new TextIndex(packsOf(all));
			expect(idsOf(index.find(words))).toEqual(idsOf(expected));
		}),
		{ numRuns: 500 }
	);
});

test('what was written later speaks for a conversation, in a pack or alone', () => {
	const text = (id: string, text: string): Searched => ({ id, text, updatedAt: 1 });
	const old = packsOf([text('a', 'lava\noven'), text('b', 'lava'), text('c', 'lava')]);
	const index = new TextIndex([...old, ...packsOf([text('b', 'ice')])]);
	index.set(text('c', 'ice'));
	expect(idsOf(index.find(['lava']))).toEqual(['a']);
	expect(idsOf(index.find(['ice']))).toEqual(['b', 'c']);
	index.delete('b');
	expect(index.has('b')).toBe(false);
	expect(idsOf(index.find(['ice']))).toEqual(['c']);
	index.retain(new Set(['a']));
	expect(idsOf([...index.find(['ice']), ...index.find(['av'])])).toEqual(['a']);
});

test('many texts are parted, and every part finds its own', () => {
	const all = Array.from({ length: 40 }, (_, n): Searched => ({
		id: `c${n}`,
		text: Array.from({ length: 10_000 }, (_, w) => `w${n * 2_000 + w}`).join('\n'),
		updatedAt: n
	}));
	const packs = packsOf(all);
	expect(packs.length).toBeGreaterThan(1);
	for (const { vocabulary } of packs)
		expect(vocabulary.split('\n').length).toBeLessThanOrEqual(2 ** 16);
	const index = new TextIndex(packs);
	expect(idsOf(index.find(['w87999']))).toEqual(['c39']);
	expect(index.find(['w'])).toHaveLength(40);
});

test('a conversation with more words than a pack can number is left to its own record', () => {
	const text = Array.from({ length: 2 ** 16 + 1 }, (_, w) => `w${w}`).join('\n');
	expect(packsOf([{ id: 'a', text, updatedAt: 1 }])).toEqual([]);
});

test('what is no pack is none', () => {
	const [pack] = packsOf([{ id: 'a', text: 'lava\noven', updatedAt: 1 }]);
	expect(parsePack(structuredClone(pack))).toEqual(pack);
	for (const wrong of [
		null,
		{},
		{ texts: [{ id: 'a', text: 'lava', updatedAt: 1 }] },
		{ ...pack, ends: [2] },
		{ ...pack, ends: Uint32Array.of(3) },
		{ ...pack, ends: Uint32Array.of(2, 1), ids: ['a', 'b'], updatedAt: [1, 1] },
		{ ...pack, ids: ['a', 'b'] },
		{ ...pack, updatedAt: ['then'] },
		{ ...pack, words: new Uint32Array(2) }
	])
		expect(parsePack(wrong)).toBeNull();
	// A number that no line has: nothing is found, and nothing breaks.
	const astray = parsePack({ ...pack, words: Uint16Array.of(7, 9) });
	expect(astray && new TextIndex([astray]).find(['lava'])).toEqual([]);
});
