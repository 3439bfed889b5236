import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { directionOf } from './direction.ts';

function direction(text: string) {
	const [block] = parse(text);
	return block && directionOf(block);
}

describe('a block is read from right to left', () => {
	test.each([
		'مرحبا بالعالم.',
		'שלום world and many more English words',
		'**ملاحظة:** text',
		'`npm install` ثبّت الحزم',
		'$x$ هو عدد',
		'https://example.com هو الموقع',
		'React هي مكتبة لبناء واجهات',
		'# عنوان',
		'> اقتباس',
		'- React: مكتبة لبناء الواجهات\n- Vue: إطار عمل سهل',
		'1. واحد\n2. two',
		'| اللغة | b |\n|---|---|\n| c | d |',
		'<details>\n<summary>سؤال</summary>\n\nجواب\n\n</details>',
		'ߒߞߏ'
	])('%s', (text) => expect(direction(text)).toBe('rtl'));
});

describe('a block is read from left to right', () => {
	test.each([
		'Hello (مرحبا) means hello',
		'The Arabic word كتاب means "book".',
		'中文',
		'- Hello: مرحبا\n- Thank you very much: شكرا',
		'| a | اللغة |\n|---|---|\n| c | d |',
		'𝒳 and 😀'
	])('%s', (text) => expect(direction(text)).toBe('ltr'));
});

test.each(['123', '```\nمرحبا\n```', '$$\nx\n$$', '---', '`مرحبا`', '- 1\n- 2', '😀'])(
	'a block without words has no direction: %j',
	(text) => expect(direction(text)).toBe(null)
);
