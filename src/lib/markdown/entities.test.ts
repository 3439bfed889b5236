import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { decodeReferences } from './entities.ts';

test('named, decimal and hexadecimal references are their characters', () => {
	expect(decodeReferences('&lt;a&gt; &amp; &quot;&apos; &copy;&eacute;&rarr;&hearts;')).toBe(
		'<a> & "\' ©é→♥'
	);
	expect(decodeReferences('&#65;&#x42;&#X1F600;')).toBe('AB😀');
});

test('a reference is resolved once', () => {
	expect(decodeReferences('&amp;lt;')).toBe('&lt;');
	expect(decodeReferences('&#38;amp;')).toBe('&amp;');
});

test('what is no reference stays as written', () => {
	for (const text of ['&', '&;', '&amp', '&#;', '&#x;', '&nosuchthing;', '&#12345678;', 'a & b;'])
		expect(decodeReferences(text)).toBe(text);
});

test('code points that are none become the replacement character', () => {
	expect(decodeReferences('&#0;&#xD800;&#x110000;')).toBe('\uFFFD\uFFFD\uFFFD');
});

test('references are resolved in text, never in code', () => {
	expect(parse('&amp; `&amp;`\n\n    &amp;\n\n```\n&amp;\n```')).toEqual([
		{
			type: 'paragraph',
			children: [
				{ type: 'text', text: '& ' },
				{ type: 'code', text: '&amp;' }
			]
		},
		{ type: 'code', language: '', text: '&amp;' },
		{ type: 'code', language: '', text: '&amp;' }
	]);
});

test('text without an ampersand is returned as it is', () => {
	fc.assert(
		fc.property(fc.string(), (text) => {
			fc.pre(!text.includes('&'));
			expect(decodeReferences(text)).toBe(text);
		})
	);
});
