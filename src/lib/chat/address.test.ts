import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAddress } from './address.ts';

const read = (address: string) => readAddress(new URL(address, 'https://site.test/headroom/'));
const nothing = { conversation: null, model: null, shared: null };

test.each([
	['', nothing],
	['#', nothing],
	['#new', { ...nothing, conversation: 'new' }],
	['#a-b', { ...nothing, conversation: 'a-b' }],
	['#?model=pocket-q0f32', { ...nothing, model: 'pocket-q0f32' }],
	['#a-b?model=x%20y', { ...nothing, conversation: 'a-b', model: 'x y' }],
	['#?model=', nothing],
	['#?other=1', nothing],
	['#?model=a?b=c&model=d', { ...nothing, model: 'a?b=c' }],
	['?text=Hello%20there', { ...nothing, shared: 'Hello there' }],
	['?title=A&text=B&url=https://c.test/', { ...nothing, shared: 'A\n\nB\n\nhttps://c.test/' }],
	['?text=See https://c.test/&url=https://c.test/', { ...nothing, shared: 'See https://c.test/' }],
	['?title=Same&text=Same', { ...nothing, shared: 'Same' }],
	['?text=%00%0D%0A', nothing],
	['?model=pocket-q0f32', nothing],
	['?utm_source=x', nothing]
])('%j', (address, expected) => {
	expect(read(address)).toEqual(expected);
});

test('whatever an address holds, it is read and bounded', () => {
	const piece = fc.constantFrom(
		'?',
		'#',
		'&',
		'=',
		'%',
		'%0',
		'\0',
		'\r',
		'+',
		'model=',
		'text=',
		'é'
	);
	const text = fc.string({ unit: piece, maxLength: 40 });
	fc.assert(
		fc.property(text, text, (hash, search) => {
			const { model, shared } = readAddress({ hash: `#${hash}`, search: `?${search}` });
			expect(model).not.toBe('');
			expect(shared ?? 'x').not.toMatch(/\0|\r|^$/);
		})
	);
	expect(read(`?text=${'a'.repeat(300_000)}`).shared).toHaveLength(200_000);
	expect(read(`#?model=${'a'.repeat(1_000)}`).model).toHaveLength(200);
});
