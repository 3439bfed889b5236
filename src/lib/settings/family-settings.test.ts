import { describe, expect, test } from 'vitest';
import { variantById } from '#plan/models/catalog-data.ts';
import {
	familyIn,
	handedOn,
	NO_FAMILIES,
	parseFamilies,
	withFamily,
	withoutFamily
} from './family-settings.ts';

const choice = { variantId: 'a-q4f16_1', contextWindow: 1024 };
const NOTHING = { choice: null, sampling: {} };
const stored = (families: unknown) => ({ version: 1, families });
const ids = (records: { families: object }) => Object.keys(records.families);
/** The choice stored of the family `a`, changed in one thing, as it is read. */
const chosen = (change: object) =>
	familyIn(parseFamilies(stored({ a: { choice: { ...choice, ...change } } })), 'a').choice;

test('what is forgotten of one family leaves the others as they are', () => {
	const both = withFamily(withFamily(NO_FAMILIES, 'a', { choice }), 'b', {
		sampling: { temperature: 0.1 }
	});
	const left = withoutFamily(both, 'a');
	expect(familyIn(left, 'a')).toEqual(NOTHING);
	expect(ids(left)).toEqual(['b']);
	expect(familyIn(left, 'b')).toEqual(familyIn(both, 'b'));
});

const variant = (id: string) => ({ ...variantById.get('pocket-q4f32_1')!, id });
const poet = { id: 'alice/Poet', variants: [variant('poet-q4@1'), variant('poet-q8@1')] };

test('what was remembered of a variant alone goes to the family it is in', () => {
	let records = withFamily(NO_FAMILIES, 'poet-q8@1', { sampling: { temperature: 0.1 } });
	records = withFamily(records, 'poet-q4@1', { choice, sampling: { temperature: 0.2 } });
	records = withFamily(records, 'other', { choice });
	const handed = handedOn(records, [poet]);
	expect(Object.keys(handed.families)).toEqual(['alice/Poet', 'other']);
	expect(familyIn(handed, 'alice/Poet')).toEqual({ choice, sampling: { temperature: 0.2 } });
	expect(handedOn(handed, [poet])).toBe(handed);
});

test('what was remembered of the family counts before that, and a variant that is a family keeps its own', () => {
	let records = withFamily(NO_FAMILIES, 'poet-q4@1', { choice });
	records = withFamily(records, 'alice/Poet', { sampling: { temperature: 0.3 } });
	records = withFamily(records, 'poet-q4@2', { choice });
	const apart = { id: 'poet-q4@2', variants: [variant('poet-q4@2')] };
	const handed = handedOn(records, [poet, apart]);
	expect(Object.keys(handed.families)).toEqual(['alice/Poet', 'poet-q4@2']);
	expect(familyIn(handed, 'alice/Poet').sampling).toEqual({ temperature: 0.3 });
	expect(familyIn(handed, 'poet-q4@2').choice).toEqual(choice);
});

test('what was remembered of the family counts although something of a variant is newer', () => {
	let records = withFamily(NO_FAMILIES, 'alice/Poet', { sampling: { temperature: 0.3 } });
	records = withFamily(records, 'poet-q4@1', { choice });
	expect(handedOn(records, [poet]).families).toEqual({
		'alice/Poet': familyIn(records, 'alice/Poet')
	});
});

test('what was remembered of families is read back as it was, also after another was forgotten', () => {
	const both = withFamily(withFamily(NO_FAMILIES, 'a', { choice }), 'b', {
		sampling: { temperature: 0.1 }
	});
	for (const records of [NO_FAMILIES, both, withoutFamily(both, 'b')])
		expect(parseFamilies(JSON.parse(JSON.stringify(records)))).toEqual(records);
	expect(familyIn(parseFamilies(both), 'a')).toEqual({ choice, sampling: {} });
});

test('a change of one thing leaves the other, and makes the family the most recent', () => {
	const records = withFamily(withFamily(NO_FAMILIES, 'a', { choice }), 'b', {});
	const changed = withFamily(records, 'a', { sampling: { temperature: 0.1 } });
	expect(familyIn(changed, 'a')).toEqual({ choice, sampling: { temperature: 0.1 } });
	expect(ids(changed)).toEqual(['b', 'a']);
});

test('200 families are remembered: the least recently chosen goes first', () => {
	const families = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}`, NOTHING]));
	const names = Object.keys(families);
	const read = parseFamilies(stored(families));
	expect(ids(read)).toEqual(names.slice(1));
	expect(ids(withFamily(read, 'new', {}))).toEqual([...names.slice(2), 'new']);
	expect(ids(withFamily(read, 'f1', {}))).toEqual([...names.slice(2), 'f1']);
});

describe('of what is stored', () => {
	test.each([
		['nothing', undefined],
		['a list', []],
		['another version', { version: 2, families: { a: { choice } } }],
		['no version', { families: { a: { choice } } }],
		['families that are none', stored('a')]
	])('%s says nothing of families', (_, raw) => {
		expect(parseFamilies(raw)).toEqual({ version: 1, families: {} });
	});

	test('a name of 1 to 200 characters is a family’s, and what is no record says nothing', () => {
		const [longest, longer] = ['x'.repeat(200), 'x'.repeat(201)];
		const families = { x: {}, [longest]: {}, '': {}, [longer]: {}, y: 7, z: null };
		expect(parseFamilies(stored(families)).families).toEqual({ x: NOTHING, [longest]: NOTHING });
	});

	test('a choice is of a named variant and a window of at least one token', () => {
		expect(chosen({})).toEqual(choice);
		expect(chosen({ contextWindow: 1 })).toEqual({ ...choice, contextWindow: 1 });
		expect(chosen({ variantId: 'x' })).toMatchObject({ variantId: 'x' });
		for (const broken of [{ contextWindow: 0 }, { contextWindow: 1.5 }, { variantId: '' }])
			expect(chosen(broken)).toBeNull();
	});

	test('keys of prototypes are no families', () => {
		for (const key of ['toString', 'constructor', '__proto__'])
			expect(familyIn(NO_FAMILIES, key)).toEqual(NOTHING);
	});
});
