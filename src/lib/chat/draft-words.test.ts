import { expect, test } from 'vitest';
import { predict } from '#plan/memory/request.ts';
import { draftWords } from './draft-words.ts';

const speeds = { prefillTokensPerSecond: 400, decodeTokensPerSecond: 20 };
const figures = (promptTokens: number, window: number, measured = true) => ({
	promptTokens,
	counted: true,
	prediction: predict(promptTokens, 200, window, measured ? speeds : null),
	firstTokenSeconds: measured ? promptTokens / speeds.prefillTokensPerSecond : null
});

test('a message says its tokens, its share of the window and the seconds to come', () => {
	expect(draftWords(figures(1200, 4096), 4096)).toBe(
		'Takes 1,200 tokens with the conversation, 29% of the window · first word within 3 s · an answer of 200 tokens in about 13 s'
	);
});
test('seconds that were not measured are left out, and a guess is called one', () => {
	const guessed = { ...figures(40, 1024, false), counted: false };
	expect(draftWords(guessed, 1024)).toBe(
		'Takes about 40 tokens (guessed) with the conversation, 4% of the window'
	);
});
test('too much for an answer is said before it is sent, and short times are not called nothing', () => {
	expect(draftWords(figures(100, 250), 250)).toBe(
		'Takes 100 tokens with the conversation, 40% of the window · 50 tokens too many for an answer · first word within 1 s · an answer of 200 tokens in about 10 s'
	);
});
test.each([
	[0.1, '1 s'],
	[1, '1 s'],
	[1.6, '2 s']
])('a first word in %d s is said to come within %s', (firstTokenSeconds, words) => {
	const said = draftWords({ ...figures(100, 4096), firstTokenSeconds }, 4096);
	expect(said).toContain(`first word within ${words} `);
});
test('one token too many is said, and none where the answer just fits', () => {
	expect(draftWords(figures(100, 299), 299)).toContain(' · 1 token too many for an answer · ');
	expect(draftWords(figures(100, 300), 300)).not.toContain('too many');
});
