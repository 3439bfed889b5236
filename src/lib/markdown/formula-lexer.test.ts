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
		['- item $x$', '<ul>\n<li>item <math>x</math></li>\n</ul>']
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
		'`$x$`'
	])('%j', (text) => expect(html(text)).not.toContain('<math'));
	test('in code', () => expect(html('```\n$$x$$\n```')).not.toContain('<math'));
	test.each(['$$\nx\n\ny\n$$', '$$\nx\n# y\n$$', '$$\nx\n```\ny\n$$'])(
		'across the end of its paragraph: %j',
		(text) => expect(html(text)).not.toContain('<math')
	);
});
