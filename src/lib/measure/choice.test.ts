import { expect, test } from 'vitest';
import { families } from '#plan/models/catalog-data.ts';
import { listed, withFamily, withVariant } from './choice.ts';

const pocket = families.find(({ id }) => id === 'pocket')!;
const other = families.find(({ id, variants }) => id !== 'pocket' && variants.length > 1)!;
const ids = pocket.variants.map(({ id }) => id);

test('a family is one click, and so is taking it out again', () => {
	const all = withFamily(families, [], pocket);
	expect(all).toEqual(ids);
	expect(withFamily(families, all, pocket)).toEqual([]);
	expect(withFamily(families, all.slice(1), pocket), 'a part is completed').toEqual(ids);
});

test('other families stay chosen, in the order of the catalogue', () => {
	const both = withFamily(families, withFamily(families, [], other), pocket);
	expect(new Set(both)).toEqual(new Set([...ids, ...other.variants.map(({ id }) => id)]));
	const order = families.flatMap(({ variants }) => variants.map(({ id }) => id));
	expect(both).toEqual(order.filter((id) => both.includes(id)));
});

test('a variant is chosen and taken out', () => {
	const [first = ''] = ids;
	expect(withVariant(families, [], first)).toEqual([first]);
	expect(withVariant(families, ids, first)).toEqual(ids.slice(1));
});

test('what was chosen before is listed first, and the rest is counted', () => {
	const chosen = new Set([families.at(-1)?.variants[0]?.id ?? '']);
	const { families: shown, more } = listed(families, '', chosen);
	expect(shown[0]).toBe(families.at(-1));
	expect(shown.length + more).toBe(families.length);
	expect(listed(families, 'pocket', chosen)).toEqual({ families: [pocket], more: 0 });
});
