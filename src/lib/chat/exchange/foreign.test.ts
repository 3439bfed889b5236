import { describe, expect, test } from 'vitest';
import { fenced, readable, toolAside, toolCallsFrom, unquoted } from './asides.ts';
import { answerFrom, contentFrom, idFrom, partedFrom, textFrom, timeFrom } from './foreign.ts';
import { parseText } from './parse-text.ts';

describe('a time', () => {
	test.each([
		['seconds', 1_700_000_000, 1_700_000_000_000],
		['the largest number of seconds', 1e11 - 1, (1e11 - 1) * 1000],
		['the smallest number of milliseconds', 1e11, 1e11],
		['the beginning', 0, 0],
		['words', '2025-01-02T00:00:00Z', Date.UTC(2025, 0, 2)],
		['the beginning in words', '1970-01-01T00:00:00Z', 0]
	])('in %s', (_, value, ms) => {
		expect(timeFrom(value)).toBe(ms);
	});

	test.each([-1, NaN, Infinity, '1969-12-31T23:59:59Z', 'soon', '', null, true, {}])(
		'is not %j',
		(value) => expect(timeFrom(value)).toBeUndefined()
	);
});

test.each([
	['a', 'a'],
	[7, '7'],
	[0, '0'],
	['', undefined],
	[NaN, undefined],
	[Infinity, undefined],
	[{}, undefined],
	[null, undefined]
])('the id %j is %j', (value, id) => {
	expect(idFrom(value)).toBe(id);
});

test('the first text that says something is taken', () => {
	expect(textFrom(undefined, 7, ' \n', 'a', 'b')).toBe('a');
	expect(textFrom(' ', null)).toBeUndefined();
});

describe('the content of a message', () => {
	test('is a text, or the texts and images of its parts', () => {
		expect(contentFrom('a')).toEqual({ text: 'a', images: [] });
		expect(
			contentFrom([
				'a',
				{ type: 'text', text: 'b' },
				{ type: 'input_text', text: { value: 'c' } },
				{ type: 'output_text', text: 'd' },
				{ type: 'text', text: 7 },
				{ type: 'refusal', text: 'e' },
				{ type: 'image_url', image_url: { url: 'u1' } },
				{ type: 'input_image', image_url: 'u2' },
				{ type: 'video_url', image_url: 'u3' },
				null
			])
		).toEqual({ text: 'a\nb\nc\nd', images: [{ url: 'u1' }, { url: 'u2' }] });
	});

	test('is parted from its thoughts in answers alone', () => {
		const text = '<think>hm</think>Four.';
		expect(partedFrom('user', text)).toEqual({ text });
		expect(partedFrom('assistant', 7)).toEqual({ text: 7 });
		expect(partedFrom('assistant', 'Four.')).toEqual({ text: 'Four.' });
		expect(partedFrom('assistant', text)).toEqual({ text: 'Four.', thinking: 'hm' });
		expect(partedFrom('assistant', '<details type="x">a</details>Four.')).toEqual({
			text: 'Four.',
			asides: [{ kind: 'other', title: 'x', text: 'a' }]
		});
	});
});

test('an answer is of the model that is named, with the quantization in its name', () => {
	expect(answerFrom('user', 'm')).toEqual({});
	expect(answerFrom('assistant', '')).toEqual({});
	expect(answerFrom('assistant', 7)).toEqual({});
	expect(answerFrom('assistant', 'm').answer).not.toHaveProperty('quantization');
	expect(answerFrom('assistant', 'm').answer).toMatchObject({ engineId: 'm', finish: 'stop' });
	expect(answerFrom('assistant', 'x-q4f16_1-MLC').answer).toMatchObject({
		quantization: 'q4f16_1'
	});
});

describe('what a tool was asked and said', () => {
	test.each([
		['what it was asked', { a: 1 }, null, '```\n{\n  "a": 1\n}\n```'],
		['what it was asked, as JSON in a text', '{"a":1}', null, '```\n{\n  "a": 1\n}\n```'],
		['what came of it', null, 'done', '```\ndone\n```'],
		['both', 'x', 'y', '```\nx\n```\n\nResult:\n\n```\ny\n```'],
		['nothing', undefined, null, ''],
		['nothing in it', '{}', '  ', '']
	])('shows %s', (_, input, output, text) => {
		expect(toolAside('t', input, output)).toEqual({ kind: 'tool', title: 't', text });
	});

	test('has a name of at most 200 characters', () => {
		expect(toolAside('n'.repeat(201), null, null).title).toBe('n'.repeat(200));
		expect(toolAside('', null, null).title).toBe('call');
		expect(toolAside(7, null, null).title).toBe('call');
	});

	test('may be a list, its JSON, or the form that wraps a function', () => {
		const calls = [{ function: { name: 'f', arguments: '1' } }, { name: 'g' }, null];
		const titles = (list: unknown) => toolCallsFrom(list).map(({ title }) => title);
		expect([titles(calls), titles(JSON.stringify(calls))]).toEqual([
			['f', 'g'],
			['f', 'g']
		]);
		expect([titles('no JSON'), titles(undefined), titles({})]).toEqual([[], [], []]);
	});

	test.each([
		['plain', '```\nplain\n```'],
		['a `b` ``c``', '```\na `b` ``c``\n```'],
		['```\nx\n```', '````\n```\nx\n```\n````'],
		['`````', '``````\n`````\n``````']
	])('cannot end the block that shows it: %j', (text, block) => {
		expect(fenced(text)).toBe(block);
	});

	test('is readable whatever it is', () => {
		expect([readable('a'), readable(undefined), readable(7), unquoted('x'), unquoted('7')]).toEqual(
			['a', '', '7', 'x', 7]
		);
		const circle: Record<string, unknown> = {};
		circle.self = circle;
		expect(readable(circle)).toBe('(nested too deeply to show)');
	});
});

describe('a text', () => {
	test.each([
		['JSON', '{"a":1}', { value: { a: 1 }, unreadable: 0 }],
		['JSON behind the mark of an editor', '\uFEFF[1]', { value: [1], unreadable: 0 }],
		['lines', '{"a":1}\n\n{"b":2}', { value: [{ a: 1 }, { b: 2 }], unreadable: 0 }],
		[
			'lines that end in one',
			'{"a":1}\r\n{"b":2}\r\n',
			{ value: [{ a: 1 }, { b: 2 }], unreadable: 0 }
		],
		[
			'lines behind an empty one',
			'\n{"a":1}\n{"b":2}',
			{ value: [{ a: 1 }, { b: 2 }], unreadable: 0 }
		],
		['lines of which two are damaged', '{"a":1}\n{"b"\n7', { value: [{ a: 1 }], unreadable: 2 }]
	])('of %s', (_, text, parsed) => {
		expect(parseText(text)).toEqual(parsed);
	});

	test.each(['', '\n\n', 'hello', 'hello\n{"a":1}', '{"a"\n{"b":2}', '7\n{"a":1}'])(
		'%j is not JSON, and what was found is said',
		(text) => {
			expect(() => parseText(text)).toThrow(
				expect.objectContaining({
					kind: 'not-json',
					detail: { expected: 'JSON', found: expect.stringMatching(/JSON|Unexpected/) as string }
				})
			);
		}
	);
});
