import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { htmlOf } from './html-of.ts';

const html = (text: string) => htmlOf(parse(text)).replaceAll('\n', '');

describe('a full-width space after the marker of a list', () => {
	test.each([
		['-\u3000一\n-\u3000二', '<ul><li>一</li><li>二</li></ul>'],
		['1.\u3000一\n2.\u3000二', '<ol><li>一</li><li>二</li></ol>'],
		['- 一\n-\u3000二', '<ul><li>一</li><li>二</li></ul>'],
		['手順：\n1.\u3000一', '<p>手順：</p><ol><li>一</li></ol>'],
		['> -\u3000一', '<blockquote><ul><li>一</li></ul></blockquote>'],
		['- a\n  -\u3000b', '<ul><li>a<ul><li>b</li></ul></li></ul>']
	])('is a space: %j', (text, expected) => expect(html(text)).toBe(expected));

	test.each(['手順\n2.\u3000二', 'a\u3000- b', '```\n-\u3000a\n```', '    -\u3000a'])(
		'stays where there is no list: %j',
		(text) => {
			expect(html(text)).toContain('\u3000');
			expect(html(text)).not.toMatch(/<[uo]l|<h1/);
		}
	);
});
