import { describe, expect, test } from 'vitest';
import { append, create, leaveOut, type Conversation } from '../chat/conversation.ts';
import { askedAs, hasImages, promptFor, questionAt } from './question.ts';

const image = { url: 'data:image/png;base64,AAAA' };

function talk(): Conversation {
	let all = append(create({ id: 'c', system: 'Be brief.' }), {
		id: 'q1',
		role: 'user',
		text: 'One?',
		images: [image]
	});
	all = append(all, { id: 'a1', role: 'assistant', text: '<think>Hm.</think>One.' });
	all = append(all, { id: 'q2', role: 'user', text: 'Two?' });
	return append(all, { id: 'a2', role: 'assistant', text: 'Two.' });
}

describe('a question of a conversation', () => {
	test('comes with what was sent before it, without thoughts', () => {
		const expected = {
			system: 'Be brief.',
			turns: [
				{ role: 'user', text: 'One?', images: [image] },
				{ role: 'assistant', text: 'One.' },
				{ role: 'user', text: 'Two?' }
			]
		};
		expect(questionAt(talk(), 'q2')).toEqual(expected);
		expect(questionAt(talk(), 'a2'), 'given its answer').toEqual(expected);
	});
	test('leaves out what is left out', () => {
		expect(questionAt(leaveOut(talk(), ['q1', 'a1']), 'q2')?.turns).toEqual([
			{ role: 'user', text: 'Two?' }
		]);
	});
	test('is none where there is no such message', () => {
		expect(questionAt(talk(), 'x')).toBeNull();
	});
});

test('a variant without vision is sent the words alone', () => {
	const question = questionAt(talk(), 'q1');
	if (!question) throw new Error('No question.');
	expect(hasImages(question)).toBe(true);
	expect(promptFor(question, false, null)).toEqual([
		{ role: 'system', content: 'Be brief.' },
		{ role: 'user', content: 'One?' }
	]);
	expect(promptFor(question, true, null)[1]).toEqual({
		role: 'user',
		content: [
			{ type: 'image_url', image_url: image },
			{ type: 'text', text: 'One?' }
		]
	});
});

test('the question can be reworded, and keeps what came before it', () => {
	const question = questionAt(talk(), 'q2');
	if (!question) throw new Error('No question.');
	expect(askedAs(question, { text: 'Three?' }).turns.map(({ text }) => text)).toEqual([
		'One?',
		'One.',
		'Three?'
	]);
});
