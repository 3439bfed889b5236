import { expect, test } from 'vitest';
import { linkTo, readLink } from './link.ts';

const known = (id: string) => ['a', 'b', 'c'].includes(id);

test('a link preselects variants, set and baseline', () => {
	const chosen = { variantIds: ['a', 'b'], set: 'full', baselineId: 'b' } as const;
	const link = linkTo('https://x.test/headroom/measure?old=1#h', chosen);
	expect(link).toBe('https://x.test/headroom/measure?variants=a,b&set=full&baseline=b');
	expect(readLink(new URL(link).search, known)).toEqual(chosen);
});

test.each([
	['', []],
	['?variants=', []],
	['?variants=z,a,a,%20b%20,__proto__', ['a', 'b']],
	[`?variants=${'a'.repeat(10_000)}`, []]
])('of %s only what the catalogue has is taken', (search, variantIds) => {
	expect(readLink(search, known).variantIds).toEqual(variantIds);
});

test('an unknown set is none, and a baseline must be among the variants', () => {
	expect(readLink('?variants=a&set=all&baseline=b', known)).toMatchObject({
		set: null,
		baselineId: null
	});
});
