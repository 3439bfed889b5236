import { expect, test } from 'vitest';
import {
	append,
	create,
	replaceText,
	type AnswerInfo,
	type Conversation
} from '../chat/conversation.ts';
import { keptAnswers } from './kept-answers.ts';

const answer = (change: Partial<AnswerInfo> = {}): AnswerInfo => ({
	engineId: 'e',
	label: 'E',
	finish: 'stop',
	promptTokens: 10,
	completionTokens: 40,
	prefillTokensPerSecond: 1,
	decodeTokensPerSecond: 20,
	timeToFirstTokenMs: 500,
	...change
});
function talk(...answers: AnswerInfo[]): Conversation {
	let conversation = append(create({ id: 'c' }, 0), { id: 'q', role: 'user', text: 'q' }, 9);
	answers.forEach((answer, n) => {
		conversation = append(
			conversation,
			{ id: `a${n}`, role: 'assistant', text: 'a', parent: 'q', answer },
			10 + n
		);
	});
	return conversation;
}
const kept = (until: number, ...conversations: (Conversation | Error)[]) =>
	keptAnswers(
		{
			list: () => Promise.resolve(conversations.map((_, n) => ({ id: `${n}` })) as never),
			load: (id) => {
				const found = conversations[Number(id)];
				return found instanceof Error ? Promise.reject(found) : Promise.resolve(found ?? null);
			}
		},
		until
	);

test('answers written before a time are found, with the time that each took', async () => {
	const found = await kept(11, talk(answer(), answer({ engineId: 'later' })));
	expect(found).toEqual([
		{
			variantId: 'e',
			answer: {
				ending: { kind: 'complete' },
				promptTokens: 10,
				completionTokens: 40,
				prefillTokensPerSecond: 1,
				decodeTokensPerSecond: 20,
				timeToFirstTokenMs: 500,
				answerMs: 2500,
				at: 10
			}
		}
	]);
});

test('an answer counts from when it was last written to', async () => {
	const grown = replaceText(talk(answer()), 'a0', 'longer', {}, 20);
	expect(await kept(20, grown)).toEqual([]);
	expect(await kept(21, grown)).toHaveLength(1);
});

test.each([
	['stop', 'complete'],
	['length', 'complete'],
	['stopped', 'stopped'],
	['failed', 'failed'],
	['partial', 'unknown']
] as const)('one that ended by %s is %s', async (finish, kind) => {
	const [found] = await kept(99, talk(answer({ finish })));
	expect(found?.answer.ending.kind).toBe(kind);
});

test.each<Partial<AnswerInfo>>([
	{ timeToFirstTokenMs: null },
	{ completionTokens: null },
	{ decodeTokensPerSecond: null }
])('without %j the time that it took is not known', async (change) => {
	const [found] = await kept(99, talk(answer(change)));
	expect(found?.answer.answerMs).toBeNull();
});

test('a conversation that cannot be read, or is gone, leaves the others', async () => {
	expect(await kept(99, new Error('No disk.'), talk(answer()), talk())).toHaveLength(1);
});
