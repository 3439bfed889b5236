import { expect, test } from 'vitest';
import { familyIn, NO_FAMILIES, withFamily, withoutFamily } from './family-settings.ts';

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
