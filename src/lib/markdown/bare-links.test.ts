import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import type { Inline } from './tree.ts';

function linksIn(text: string): string[] {
	const [block] = parse(text);
	const nodes: Inline[] = block?.type === 'paragraph' ? block.children : [];
	return nodes.flatMap((node) => (node.type === 'link' ? [node.destination] : []));
}

describe('a bare link ends', () => {
	test.each([
		['参见 https://example.com/docs。谢谢', 'https://example.com/docs'],
		['（https://example.com/a_(b)）', 'https://example.com/a_(b)'],
		['「https://example.com/?q=1」を', 'https://example.com/?q=1'],
		['https://example.com/a，https', 'https://example.com/a'],
		['https://example.com/a.。', 'https://example.com/a'],
		['“https://example.com”', 'https://example.com'],
		['https://example.com—which', 'https://example.com'],
		['https://example.com/a؟', 'https://example.com/a'],
		['https://example.com/a।', 'https://example.com/a'],
		['访问https://example.com获取更多.', 'https://example.com'],
		['http://localhost:8080打开', 'http://localhost:8080'],
		['请看www.example.com/a、', 'http://www.example.com/a'],
		['（www.example.com）', 'http://www.example.com'],
		['联系a@example.com。', 'mailto:a@example.com']
	])('%s', (text, link) => expect(linksIn(text)).toEqual([link]));
});

describe('a bare link keeps', () => {
	test.each([
		'https://zh.wikipedia.org/wiki/中国',
		'https://ja.wikipedia.org/wiki/スティーブ・ジョブズ',
		'https://qq音乐.com/a',
		'https://example.com/a(b)c',
		'https://example.com/?q=你好&x=1',
		'https://bücher.example/ä'
	])('%s', (text) => expect(linksIn(text)).toEqual([text]));
});

test('a word that ends in "www." is no link', () => {
	expect(linksIn('xwww.example.com')).toEqual([]);
});
