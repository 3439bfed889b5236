import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { htmlOf } from './html-of.ts';
import type { Block, Inline } from './tree.ts';

const html = (text: string) => htmlOf(parse(text)).trim();

describe('a tag of the list, without attributes, is an element', () => {
	test.each([
		['H<sub>2</sub>O, x<sup>2</sup>', 'H<sub>2</sub>O, x<sup>2</sup>'],
		['<kbd>Ctrl</kbd>+<kbd>C</kbd>', '<kbd>Ctrl</kbd>+<kbd>C</kbd>'],
		['<mark>a</mark> <u>b</u> <s>c</s>', '<mark>a</mark> <u>b</u> <s>c</s>'],
		['<small>a</small> <ins>b</ins>', '<small>a</small> <ins>b</ins>'],
		['<b>a</b> <i>b</i> <B>c</b>', '<b>a</b> <i>b</i> <b>c</b>'],
		['<em>a</em> <strong>b</strong>', '<em>a</em> <strong>b</strong>'],
		['<del>a</del>', '<del>a</del>'],
		['<code>a *b* &lt;c&gt;</code>', '<code>a *b* &lt;c&gt;</code>'],
		['a<br>b<br/>c<br />d', 'a<br />\nb<br />\nc<br />\nd'],
		['<b>a **b <i>c</i>** d</b>', '<b>a <strong>b <i>c</i></strong> d</b>'],
		['**<u>a</u>**是', '<strong><u>a</u></strong>是'],
		['[<b>a</b>](/x)', '<a href="/x"><b>a</b></a>']
	])('%s', (text, expected) => expect(html(text)).toBe(`<p>${expected}</p>`));

	test('in a table, too', () => {
		const table = html('| a | b |\n|---|---|\n| one<br>two<br/>three | x<sub>1</sub> <b>y</b> |');
		expect(table).toContain('<td>one<br />\ntwo<br />\nthree</td>');
		expect(table).toContain('<td>x<sub>1</sub> <b>y</b></td>');
	});

	test('at the start of a line, and alone on it', () => {
		expect(html('<br>\n*a*')).toBe('<p><br />\n\n<em>a</em></p>');
		expect(html('<u>\n**a**\n</u>')).toBe('<p><u>\n<strong>a</strong>\n</u></p>');
		expect(html('a\n<hr>\nb')).toBe('<p>a</p>\n<hr />\n<p>b</p>');
	});
});

describe('everything else is text', () => {
	test.each([
		'<b class="x">a</b>',
		'<sub onclick=x>a</sub>',
		'<br clear="all">',
		'<b/>',
		'<span>a</span>',
		'a <b>b',
		'a</b>',
		'a <summary>b</summary>',
		'<img src=x>',
		'<a href="https://example.com">x</a>',
		'<font>a</font>',
		'\\<b>a\\</b>',
		'&lt;b>a&lt;/b>'
	])('%s', (text) => {
		const [block] = parse(text);
		const nodes: Inline[] = block?.type === 'paragraph' ? block.children : [];
		expect(nodes.filter(({ type }) => type !== 'text')).toEqual([]);
		expect(html(text)).toMatch(/&lt;/);
	});

	test('tags that cross each other: the outer one counts', () => {
		expect(html('<b>a <i>b</b> c</i>')).toBe('<p><b>a &lt;i&gt;b</b> c&lt;/i&gt;</p>');
	});

	test('tags in code', () => {
		expect(html('`<b>a</b>`')).toBe('<p><code>&lt;b&gt;a&lt;/b&gt;</code></p>');
		expect(html('```\n<br>\n```')).toContain('&lt;br&gt;');
	});
});

describe('folded text', () => {
	const fold = (text: string) => html(text).replaceAll('\n', '');

	test('holds blocks, over blank lines', () => {
		expect(fold('<details>\n<summary>a **b**</summary>\n\nc\n\n- d\n\n</details>\n\ne')).toBe(
			'<details><summary>a <strong>b</strong></summary><p>c</p><ul><li>d</li></ul></details><p>e</p>'
		);
	});

	test('on one line, and right before text', () => {
		expect(fold('<details><summary>a</summary>b</details>\nc')).toBe(
			'<details><summary>a</summary><p>b</p></details><p>c</p>'
		);
	});

	test('in a list, and in a quote', () => {
		expect(fold('- a\n\n  <details>\n\n  b</details>\n- c')).toContain(
			'<details><summary></summary><p>b</p></details></li>'
		);
		expect(fold('> <details>\n> b\n> </details>')).toContain('<p>b</p></details></blockquote>');
	});

	test('in a table, and within a line', () => {
		expect(fold('| <details><summary>a</summary>b</details> |\n|---|')).toContain(
			'<th><details><summary>a</summary>b</details></th>'
		);
		expect(fold('see <details><summary>a</summary>b</details> there')).toBe(
			'<p>see <details><summary>a</summary>b</details> there</p>'
		);
	});

	test('in folded text', () => {
		expect(fold('<details>\n\na\n\n<details>\n\nb\n\n</details>\n\nc\n\n</details>')).toBe(
			'<details><summary></summary><p>a</p>' +
				'<details><summary></summary><p>b</p></details><p>c</p></details>'
		);
	});

	test('without an end goes on to the end, and is open', () => {
		expect(fold('<details>\n\na\n\nb')).toBe(
			'<details open=""><summary></summary><p>a</p><p>b</p></details>'
		);
	});

	test('an end or a summary alone is text', () => {
		expect(html('a\n\n</details>\n\nb')).toContain('&lt;/details&gt;');
		expect(html('<summary>a</summary>\n\nb')).toContain('&lt;summary&gt;a&lt;/summary&gt;');
	});

	test('with attributes is text', () => {
		expect(html('<details open>\na\n</details>')).not.toContain('<details');
		expect(html('<details type="reasoning">\n\na\n\n</details>')).not.toContain('<details');
	});
});

describe('too much of it is bounded', () => {
	const depth = (blocks: Block[]): number =>
		Math.max(0, ...blocks.map((block) => (block.type === 'fold' ? 1 + depth(block.children) : 0)));
	const inlineDepth = (nodes: Inline[]): number =>
		Math.max(0, ...nodes.map((node) => ('children' in node ? 1 + inlineDepth(node.children) : 0)));

	test('folds in one another', () => {
		expect(depth(parse('<details>\n'.repeat(200)))).toBeLessThan(20);
	});

	test.each(['<b>', '<b>*a ', '**<u>'])('%s in one another', (mark) => {
		const closing = mark === '<b>' ? '</b>' : mark === '**<u>' ? '</u>**' : '*</b>';
		const [block] = parse(mark.repeat(200) + closing.repeat(200));
		expect(inlineDepth(block?.type === 'paragraph' ? block.children : [])).toBeLessThan(20);
	});
});
