import { expect, test } from 'vitest';
import { append, create, find, type AnswerInfo, type Conversation } from './conversation.ts';
import { exportJson } from './exchange/export.ts';
import { importConversations } from './exchange/import.ts';
import { merge } from './merge.ts';
import { rateAnswer, votesOn } from './rating.ts';
import { parseConversation } from './record.ts';

const by = (engineId: string): AnswerInfo => ({
	engineId,
	label: engineId,
	finish: 'stop',
	promptTokens: null,
	completionTokens: null,
	prefillTokensPerSecond: null,
	decodeTokensPerSecond: null,
	timeToFirstTokenMs: null
});
/** A question with an answer of each. */
function answeredBy(...engines: string[]): Conversation {
	const asked = append(create(), { id: 'question', role: 'user', text: 'Why?' });
	return engines.reduce(
		(conversation, engine) =>
			append(conversation, {
				id: engine,
				role: 'assistant',
				text: 'So.',
				parent: 'question',
				answer: by(engine)
			}),
		asked
	);
}

test('a thumb is kept, exported, imported, turned and taken back', () => {
	const rated = rateAnswer(answeredBy('a', 'b'), 'a', 'up');
	expect(find(parseConversation(structuredClone(rated)), 'a')?.rating).toBe('up');
	const [imported] = importConversations(exportJson([rated])).conversations;
	expect(imported).toEqual(rated);
	expect(find(rateAnswer(rated, 'a', 'down'), 'a')?.rating).toBe('down');
	expect(find(rateAnswer(rated, 'a', null), 'a')).not.toHaveProperty('rating');
});

test('of two tabs the later thumb counts', () => {
	const before = answeredBy('a');
	const one = rateAnswer(before, 'a', 'up', before.updatedAt + 10);
	const other = rateAnswer(before, 'a', 'down', before.updatedAt + 20);
	for (const merged of [merge(one, other), merge(other, one)])
		expect(find(merged, 'a')?.rating).toBe('down');
});

test('a question has no thumb, and a stored one that is none is left out', () => {
	const conversation = answeredBy('a');
	expect(rateAnswer(conversation, 'question', 'up')).toBe(conversation);
	const hostile = structuredClone(conversation) as { messages: object[] } & Conversation;
	hostile.messages = conversation.messages.map((message) => ({
		...message,
		rating: message.role === 'user' ? 'up' : 'best'
	})) as never;
	for (const message of parseConversation(hostile).messages)
		expect(message).not.toHaveProperty('rating');
});

test('votes on a question are those on its answers, by what wrote them', () => {
	let conversation = rateAnswer(answeredBy('a', 'b', 'c'), 'a', 'up');
	conversation = rateAnswer(conversation, 'c', 'down');
	expect(votesOn(conversation, 'question')).toEqual([
		{ engineId: 'a', rating: 'up' },
		{ engineId: 'c', rating: 'down' }
	]);
});
