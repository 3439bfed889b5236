import { expect, test } from 'vitest';
import { variantById } from '#plan/models/catalog-data.ts';
import { familyIn, handedOn, NO_FAMILIES, withFamily, withoutFamily } from './family-settings.ts';

const choice = { variantId: 'a-q4f16_1', contextWindow: 1024 };

test('what is forgotten of one family leaves the others as they are', () => {
	const both = withFamily(withFamily(NO_FAMILIES, 'a', { choice }), 'b', {
		sampling: { temperature: 0.1 }
	});
	const left = withoutFamily(both, 'a');
	expect(familyIn(left, 'a')).toEqual({ choice: null, sampling: {} });
	expect(Object.keys(left.families)).toEqual(['b']);
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
