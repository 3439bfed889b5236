import { expect, test } from 'vitest';
import { packsOf, parsePack, TextIndex, type Searched } from './text-index.ts';

const text = (id: string, from: number, count: number): Searched => ({
	id,
	text: Array.from({ length: count }, (_, w) => `w${from + w}`).join('\n'),
	updatedAt: from + 1
});
const packed = (...texts: Searched[]) => packsOf(texts).map(({ ids }) => ids);

test('a pack numbers 65,536 words, of one conversation or of several', () => {
	expect(packed(text('a', 0, 65_536))).toEqual([['a']]);
	expect(packed(text('a', 0, 65_535), text('b', 65_535, 1))).toEqual([['a', 'b']]);
	expect(packed(text('a', 0, 65_535), text('b', 65_535, 2))).toEqual([['a'], ['b']]);
});

test('a pack holds 250,000 words, the same ones counted again', () => {
	const many = Array.from({ length: 25 }, (_, n) => text(`${n}`, 0, 10_000));
	expect(packed(...many)).toHaveLength(1);
	expect(packed(...many, text('more', 0, 1)).map(({ length }) => length)).toEqual([25, 1]);
});

test('a conversation without words is packed, and found by no word', () => {
	const packs = packsOf([{ id: 'a', text: '', updatedAt: 3 }, text('b', 0, 1)]);
	expect(packs).toMatchObject([{ ids: ['a', 'b'], words: Uint16Array.of(0) }]);
	const index = new TextIndex(packs);
	expect(index.has('a')).toBe(true);
	expect(index.find(['w'])).toEqual([{ id: 'b', updatedAt: 1 }]);
	expect(parsePack({ ...packs[0], ends: Uint32Array.of(0, 0) })).not.toBeNull();
});

test('its size is that of its words, in packs and beside them', () => {
	const index = new TextIndex(packsOf([{ id: 'a', text: 'lava\noven', updatedAt: 1 }]));
	expect(index.bytes).toBe('lava\noven'.length + 2 * 2);
	index.set({ id: 'b', text: 'ice', updatedAt: 1 });
	expect(index.bytes).toBe('lava\noven'.length + 2 * 2 + 3);
});

test('each of sixteen words is told from the others', () => {
	const words = Array.from({ length: 16 }, (_, n) => String.fromCharCode(97 + n).repeat(2));
	const all: Searched = { id: 'all', text: words.join('\n'), updatedAt: 1 };
	const others = words.map((_, n) => ({
		id: `without ${n}`,
		text: words.filter((_, other) => other !== n).join('\n'),
		updatedAt: 1
	}));
	expect(new TextIndex(packsOf([...others, all])).find(words)).toEqual([
		{ id: 'all', updatedAt: 1 }
	]);
});
