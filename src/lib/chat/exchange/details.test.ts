import { describe, expect, test } from 'vitest';
import { outputIn, unfoldDetails } from './details.ts';

const thought = (body: string, duration = '') =>
	`<details type="reasoning" done="true"${duration && ` duration="${duration}"`}>\n<summary>Thought</summary>\n${body}\n</details>`;

describe('a block is taken out', () => {
	test.each([
		['at the beginning', `${thought('> hm')}\nFour.`, 'Four.'],
		['after an empty line', `\nSo:\n${thought('> hm')}\nFour.`, 'So:\n\nFour.'],
		['at the end', `Four.\n${thought('> hm')}`, 'Four.'],
		['after an indent', `So:\n  ${thought('> hm')}`, 'So:'],
		['behind another', `${thought('> hm')}${thought('')}Four.`, 'Four.'],
		['after fenced code', `\`\`\`\nx\n\`\`\`\n${thought('> hm')}\nFour.`, '```\nx\n```\n\nFour.']
	])('%s', (_, content, text) => {
		expect(unfoldDetails(content)).toMatchObject({ text, thinking: 'hm' });
	});

	test('with the blocks inside it', () => {
		const nested = `<details type="other">\n<summary>Outer</summary>\na\n<details type="x">b</details>\nc\n</details>\nFour.`;
		expect(unfoldDetails(nested)).toMatchObject({
			text: 'Four.',
			asides: [{ kind: 'other', title: 'Outer', text: 'a\n<details type="x">b</details>\nc' }]
		});
	});

	test('to the end where it was cut off', () => {
		expect(unfoldDetails('Four.\n<details type="reasoning">\n> hm\n> still')).toMatchObject({
			text: 'Four.',
			thinking: 'hm\nstill'
		});
	});
});

describe('a block is text', () => {
	test.each([
		['behind words', `So: ${thought('> hm')}`],
		['in fenced code', `~~~\n${thought('> hm')}\n~~~`],
		['in fenced code that was cut off', `\`\`\`html\n${thought('> hm')}`],
		['whose tag was cut off', '<details type="reasoning" done="tr'],
		['of a page, without a type', '  <details open><summary>More</summary>x</details>\n']
	])('%s', (_, content) => {
		expect(unfoldDetails(content)).toEqual({
			text: content,
			thinking: '',
			thinkingMs: null,
			asides: []
		});
	});
});

test.each([
	['2', 2000],
	['0.5', 500],
	['0', 0],
	['-1', null],
	['long', null],
	['', null]
])('a thought of "%s" seconds took %s ms', (duration, thinkingMs) => {
	expect(unfoldDetails(thought('> hm', duration)).thinkingMs).toBe(thinkingMs);
});

test('thoughts follow one another, their times are added, and empty ones leave nothing', () => {
	const content = [thought('> a', '1'), thought(''), thought('b &lt; &amp;c', '2')].join('\n');
	expect(unfoldDetails(content)).toMatchObject({
		text: '',
		thinking: 'a\n\nb < &c',
		thinkingMs: 3000
	});
});

test('a call shows what was asked and what came of it, wherever that stands', () => {
	const call = (attributes: string, body = '') =>
		unfoldDetails(`<details type="tool_calls" name="add"${attributes}>\n${body}\n</details>`)
			.asides[0]?.text;
	const asked = '```\n{\n  "a": 1\n}\n```';
	expect(call(' arguments="{&quot;a&quot;: 1}" result="2"')).toBe(
		`${asked}\n\nResult:\n\n\`\`\`\n2\n\`\`\``
	);
	expect(call(' arguments="{&quot;a&quot;: 1}"', '<summary>Done</summary>\n2 &gt; 1')).toBe(
		`${asked}\n\nResult:\n\n\`\`\`\n2 > 1\n\`\`\``
	);
	expect(call('', '')).toBe('');
});

test('code that was run shows its output, if there was any', () => {
	const run = (output: string) =>
		unfoldDetails(`<details type="code_interpreter"${output}>\nx\n</details>`).asides;
	expect(run('')).toEqual([{ kind: 'code', title: 'run', text: 'x' }]);
	expect(run(' output="  "')).toEqual([{ kind: 'code', title: 'run', text: 'x' }]);
	expect(run(' output="7"')).toEqual([
		{ kind: 'code', title: 'run', text: 'x\n\nOutput:\n\n```\n7\n```' }
	]);
});

test.each([
	['what it printed', { stdout: 'a', result: 'b' }, 'a'],
	['else what it returned', { stdout: '', result: 'b' }, 'b'],
	['else all there is', { error: 'c' }, { error: 'c' }],
	['a text as it is', 'a', 'a'],
	['nothing', null, null]
])('of a run is shown %s', (_, output, shown) => {
	expect(outputIn(output)).toEqual(shown);
});

test('only the escapes of HTML are undone, and once', () => {
	expect(unfoldDetails(thought('&lt;&gt;&quot;&#x27;&#39;&amp;amp; &nbsp;')).thinking).toBe(
		`<>"''&amp; &nbsp;`
	);
});
