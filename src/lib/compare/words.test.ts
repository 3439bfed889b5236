import { describe, expect, test } from 'vitest';
import type { Question } from './question.ts';
import { sentWords } from './words.ts';

const server = { name: 'Mine', baseUrl: 'http://127.0.0.1:8080/v1', images: true };
const images = [{ url: 'data:image/png;base64,AAAA' }];
const asked = (change: Partial<Question> = {}): Question => ({
	system: '',
	turns: [{ role: 'user', text: 'One?' }],
	...change
});
const before: Question['turns'] = [
	{ role: 'user', text: 'One?', images },
	{ role: 'assistant', text: 'One.' }
];

describe('what is sent to a server is said', () => {
	test.each([
		['the question', asked(), 'The question is'],
		['with instructions', asked({ system: 'Be brief.' }), 'The question and the instructions are'],
		[
			'with what came before it',
			asked({ system: 'Be brief.', turns: [...before, { role: 'user', text: 'Two?', images }] }),
			'The question, 2 earlier messages, the instructions, and 2 images are'
		]
	])('%s', (_, question, begin) => {
		expect(sentWords(server, question)).toBe(`${begin} sent to Mine (http://127.0.0.1:8080).`);
	});

	test('without images, where its model does not take them', () => {
		const question = asked({ turns: [{ role: 'user', text: 'What is this?', images }] });
		expect(sentWords(server, question)).toMatch(/^The question and 1 image are/);
		expect(sentWords({ ...server, images: false }, question)).toMatch(/^The question is/);
	});
});
