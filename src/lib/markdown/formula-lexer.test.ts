import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { htmlOf } from './html-of.ts';

const html = (text: string) => htmlOf(parse(text)).trim();

describe('a formula', () => {
	test.each([
		['$x^2$', '<p><math>x^2</math></p>'],
		['\\(x_1\\)', '<p><math>x_1</math></p>'],
		['so $a*b$ and *c $d*e$ f*', '<p>so <math>a*b</math> and <em>c <math>d*e</math> f</em></p>'],
		['$a_b$ and $c_d$', '<p><math>a_b</math> and <math>c_d</math></p>'],
		['in $$x$$ text', '<p>in <math>x</math> text</p>'],
		['$$\na\n= b\n- c\n$$', '<math block>a\n= b\n- c</math>'],
		['\\[\nx = 1\n\\]', '<math block>x = 1</math>'],
		['Thus:\n\\[ x \\]\nas said', '<p>Thus:</p>\n<math block>x</math>\n<p>as said</p>'],
		['- item $x$', '<ul>\n<li>item <math>x</math></li>\n</ul>'],
		['$ a $ and $ 0 < a < 1 $', '<p><math>a</math> and <math>0 &lt; a &lt; 1</math></p>'],
		['$ \\alpha $, $ x, y $', '<p><math>\\alpha</math>, <math>x, y</math></p>'],
		['$ O(n log n) $', '<p><math>O(n log n)</math></p>'],
		['$ v = \\text{speed of light} $', '<p><math>v = \\text{speed of light}</math></p>'],
		['设$x$为 $ y $，', '<p>设<math>x</math>为 <math>y</math>，</p>'],
		['the $n$th of $2\\pi r$', '<p>the <math>n</math>th of <math>2\\pi r</math></p>'],
		['$3x+2$ and $10$', '<p><math>3x+2</math> and <math>10</math></p>'],
		[
			'\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}',
			'<math block>\\begin{aligned}\na &amp;= b \\\\\nc &amp;= d\n\\end{aligned}</math>'
		],
		[
			'\\begin{align*}\na\n\n= b\n\\end{align*}\n\ntext',
			'<math block>\\begin{align*}\na\n= b\n\\end{align*}</math>\n<p>text</p>'
		],
		[
			'\\begin{matrix}\\begin{matrix}a\\end{matrix}\\end{matrix}',
			'<math block>\\begin{matrix}\\begin{matrix}a\\end{matrix}\\end{matrix}</math>'
		],
		[
			'so \\begin{cases} a \\\\ b \\end{cases}.',
			'<p>so <math>\\begin{cases} a \\\\ b \\end{cases}</math>.</p>'
		],
		['\\[\na\n\n= b\n\\]', '<math block>a\n= b</math>'],
		['\\[ a\n\n\n= b \\]\n\nc', '<math block>a\n= b</math>\n<p>c</p>'],
		[
			'Thus:\n\\[\na \\\\[2pt]\n\n= b \\text{ as it was said before}\n\\]\nand',
			'<p>Thus:</p>\n<math block>a \\\\[2pt]\n= b \\text{ as it was said before}</math>\n<p>and</p>'
		],
		[
			'- \\[\n  a\n\n  b\n  \\]\n- c',
			'<ul>\n<li>\n<math block>a\nb</math>\n</li>\n<li>c</li>\n</ul>'
		]
	])('%j', (text, expected) => {
		expect(html(text).replaceAll(' display="block"', ' block')).toBe(expected);
	});
});

describe('no formula', () => {
	test.each([
		'$5 and $10',
		'US$5-$6',
		'$ x$',
		'$x $',
		'a $b',
		'\\$x\\$',
		'$x$5',
		'$$',
		'\\(x',
		'`$x$`',
		'from $5 to 10$',
		'$ 5 and $ 10',
		'US$ 5 or AU$ 10 or $ 6',
		'$5/month (or AU$)',
		'$5 (US$), $6',
		'价格是$5到10$左右',
		'$ 100 $',
		'$ 5 - 10 $',
		'in $ or $ each',
		'$ ls $ cd',
		'$ rm -rf x $ ls',
		'$ 5 元 $',
		'$PATH:$HOME',
		'$HOME/$USER',
		'$foo and more words$'
	])('%j', (text) => expect(html(text)).not.toContain('<math'));
	test.each([
		['\\begin{tikzpicture}\n\\draw (0,0) \\\\ *a*;\n\\end{tikzpicture}', /\\\\ \*a\*;/],
		['\\begin{aligned}\na_1 &= b_1 \\\\\n\n&= c', /a_1 &amp;= b_1 \\\\\n/]
	])('and TeX stays as it was written: %j', (text, expected) => {
		expect(html(text)).not.toContain('<math');
		expect(html(text)).toMatch(expected);
	});
	test.each([
		'\\[\na\n\nThis is a sentence.\n\n\\]',
		'\\[\na\n\n这是一个句子。\n\n\\]',
		'\\[\na\n\n# b\n\n\\]',
		'\\[x] a\n\nb\n\n\\]'
	])('over blank lines that are prose: %j', (text) => {
		expect(html(text)).not.toContain('<math');
		expect(html(text)).toMatch(/^<p>\[/);
	});
	test.each(['\\[\n', '\\begin{aligned}\n', '$ ', '$5 '])(
		'%j before 64 kB of one word takes little time',
		(start) => {
			const text = `${start}${'x'.repeat(65_536)}\n\ny $`;
			const startMs = performance.now();
			parse(text);
			expect(performance.now() - startMs).toBeLessThan(1_000);
		}
	);
	test('in code', () => expect(html('```\n$$x$$\n```')).not.toContain('<math'));
	test.each(['$$\nx\n\ny\n$$', '$$\nx\n# y\n$$', '$$\nx\n```\ny\n$$'])(
		'across the end of its paragraph: %j',
		(text) => expect(html(text)).not.toContain('<math')
	);
});
