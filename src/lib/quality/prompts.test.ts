import { expect, test } from 'vitest';
import { ANSWER_TOKENS, MOST_OWN_CHARACTERS, ownPrompt, PROMPTS, setId } from './prompts.ts';
import { ENOUGH_POSITIONS } from './summary.ts';

test('the prompts are of six kinds, as many of each, in turns, and all different', () => {
	const kinds = PROMPTS.map(({ kind }) => kind);
	expect(new Set(kinds.slice(0, 6)).size).toBe(6);
	for (let i = 6; i < kinds.length; i++) expect(kinds[i]).toBe(kinds[i - 6]);
	expect(kinds.length % 6).toBe(0);
	expect(new Set(PROMPTS.map(({ text }) => text)).size).toBe(PROMPTS.length);
});

test('answers of a third of their length already have enough positions', () => {
	expect((PROMPTS.length * ANSWER_TOKENS) / 3).toBeGreaterThanOrEqual(ENOUGH_POSITIONS);
});

test('a question of one’s own is taken as it is, without the space around it', () => {
	expect(ownPrompt('  Why?\n')).toEqual({ prompt: { kind: 'own', text: 'Why?' } });
	expect(ownPrompt(' \n')).toHaveProperty('problem', 'Enter a question first.');
	expect(ownPrompt('x'.repeat(MOST_OWN_CHARACTERS))).toHaveProperty('prompt');
	expect(ownPrompt('x'.repeat(MOST_OWN_CHARACTERS + 1))).toHaveProperty(
		'problem',
		'Shorten the question to at most 2000 characters.'
	);
});

test('sets with other questions have other names', () => {
	const own = (text: string) => ({ kind: 'own' as const, text });
	const names = [
		PROMPTS,
		PROMPTS.slice(0, 12),
		[...PROMPTS, own('Why?')],
		[...PROMPTS, own('How?')]
	].map(setId);
	expect(new Set(names).size).toBe(4);
	expect(setId([...PROMPTS, own('Why?')])).toBe(names[2]);
	expect(names.join(' ')).not.toContain('Why');
});
