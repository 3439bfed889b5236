import { describe, expect, test } from 'vitest';
import { bareClosing } from './bare-closing.ts';

const thought = (raw: string, ended = true) => {
	const bare = bareClosing(raw, ended);
	return bare && [bare.kind, raw.slice(0, bare.start)];
};

describe('ends a thought', () => {
	test.each([
		['behind an empty line', '\na</think>b', '\na'],
		['below an empty line and code that nothing ended', '\n`x\n\na</think>b', '\n`x\n\na'],
		['at the beginning of a line, whatever follows', 'a\n  </think> and b', 'a\n  '],
		['behind code', '``x`` a</think>b', '``x`` a'],
		['behind code of one mark', '`x` a</think>b', '`x` a'],
		['in a paragraph behind a mark of code that nothing ended', '`x\n\na</think>b', '`x\n\na'],
		[
			'behind a fence, whatever was open before it',
			'`x\n```\ny\n```\na</think>b',
			'`x\n```\ny\n```\na'
		],
		[
			'behind a fence that ends with more',
			'```\n</think>\n````\na</think>b',
			'```\n</think>\n````\na'
		],
		[
			'behind one that ends another thought',
			'a <think>b</think> c\n</think>d',
			'a <think>b</think> c\n'
		],
		['between spaces, where no sentence goes on', 'a </think> B', 'a ']
	])('%s', (_, raw, before) => {
		expect(thought(raw)).toEqual(['found', before]);
	});
});

describe('is text', () => {
	test.each([
		['in code', 'x `a</think>` b'],
		['in code at the beginning', '`a</think>` b'],
		['in code of two marks that holds one', '``a `</think>`` b'],
		['in code of one mark that holds two', '`a``</think>` b'],
		['in a quotation at the beginning', '"</think>" ends it'],
		['in a fence', '```\na</think>\n``\n</think>'],
		['in a sentence that goes on', 'a </think> so'],
		['in a quoted line', '> a</think>b'],
		['that there is none of', 'a']
	])('%s', (_, raw) => {
		expect(thought(raw)).toBeNull();
	});
});

test('at the end of a text that may grow it is told by what follows, within 64 characters', () => {
	expect(thought('a </think>', false)).toEqual(['undecided', 'a ']);
	expect(thought('a </think>')).toEqual(['found', 'a ']);
	expect(thought('a </think>\n', false)).toEqual(['found', 'a ']);
	expect(thought(`a </think>${' '.repeat(63)}b`, false)).toBeNull();
	expect(thought(`a </think>${' '.repeat(64)}b`, false)).toEqual(['undecided', 'a ']);
	expect(thought('a\n</think>', false)).toEqual(['found', 'a\n']);
});
