import { expect, test } from 'vitest';
import { partThinking } from './thinking.ts';

test('a text without the tag is all answer', () => {
	expect(partThinking('2 < 3')).toEqual({ thinking: null, thought: true, answer: '2 < 3' });
});

test('thinking is kept apart from the answer, also while it grows', () => {
	expect(partThinking('<think>hm')).toEqual({ thinking: 'hm', thought: false, answer: '' });
	expect(partThinking('<think>\nhm\n</think>\n\nFour.')).toEqual({
		thinking: 'hm',
		thought: true,
		answer: 'Four.'
	});
});

test('a tag in the middle of an answer is text', () => {
	const text = 'Write <think> to think.';
	expect(partThinking(text).answer).toBe(text);
});

test('no piece of the opening tag is ever shown', () => {
	const whole = '<think>a</think>b';
	for (let end = 0; end <= whole.length; end++)
		expect(partThinking(whole.slice(0, end)).answer).not.toContain('<');
});
