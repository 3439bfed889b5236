import { describe, expect, test, vi } from 'vitest';
import { answered, gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { append, create, rename } from './conversation.ts';
import { fakeEngine, says, sessionWith, texts, type Reply } from './session.fixture.ts';
import type { Session } from './session.svelte.ts';

const counted = (promptTokens: number, completionTokens = 5) =>
	says('Yes.', { promptTokens, completionTokens });
const promptsOf = ({ messages }: Session) =>
	messages.flatMap(({ answer }) => (answer ? [answer.promptTokens] : []));
const refuses =
	(detail: Record<string, number>): Reply =>
	() =>
		Promise.reject(new Failure('context-full', 'Too long.', detail));

describe('a prompt takes what the engine read, and what it held of the answer before:', () => {
	test('each answer is read once', async () => {
		const { session } = sessionWith([counted(20), counted(9), counted(10, 7)]);
		for (const text of ['One', 'Two', 'Three']) await session.send(text);
		expect(promptsOf(session)).toEqual([20, 20 + 5 + 9, 20 + 5 + 9 + 5 + 10]);
	});

	test.each<[string, Reply]>([
		['that was cut off', says('Yes', { finish: 'length', promptTokens: 20 })],
		['that failed', (_, say) => (say('Yes'), Promise.reject(new Failure('engine', 'Broken.')))]
	])('nothing of one %s', async (_, broken) => {
		const { session } = sessionWith([counted(20), broken, counted(9)]);
		await session.send('One');
		await session.send('Two');
		session.skip();
		await session.send('Three');
		expect(promptsOf(session).at(-1)).toBe(9);
	});

	test('nothing of one in another conversation, or by another engine', async () => {
		const rig = sessionWith([counted(20), counted(30), counted(9)], 1024, {
			engine: () => Promise.resolve(current)
		});
		const { session, engine, answering } = rig;
		let current = engine;
		await session.send('One');
		session.open(create());
		await session.send('One');
		expect(promptsOf(session)).toEqual([30]);
		current = fakeEngine(answering.answerer!.variant, 1024, (...asked) =>
			engine.generate(...asked)
		);
		await session.send('Two');
		expect(promptsOf(session)).toEqual([30, 9]);
	});
});

test('an answer that goes on has the prompt of its beginning, the tokens and thoughts of both', async () => {
	const { session } = sessionWith([
		says('<think>A</think>The quick brown', {
			finish: 'length',
			promptTokens: 20,
			completionTokens: 5
		}),
		says('<think>B</think>fox.', { promptTokens: 40, completionTokens: 7 })
	]);
	await session.send('One');
	await session.continue(session.messages[1]!.id);
	expect(session.messages[1]).toMatchObject({
		text: 'The quick brown fox.',
		thinking: 'A\n\nB',
		answer: { finish: 'stop', promptTokens: 20, completionTokens: 12 }
	});
});

test('the time of thinking is in whole milliseconds, and grows no more with the answer', async () => {
	const clock = vi.spyOn(performance, 'now');
	const at = (ms: number) => void clock.mockReturnValue(ms);
	at(1_000);
	const { session } = sessionWith([
		(_, say) => {
			say('<think>Hm');
			// As before a frame: what was said is put into the conversation.
			void session.change((each) => each);
			at(1_200.6);
			say('.');
			void session.change((each) => each);
			at(5_000);
			say('</think>Yes.');
			return Promise.resolve(answered);
		}
	]);
	await session.send('One');
	clock.mockRestore();
	expect(session.messages[1]).toMatchObject({ thinking: 'Hm.', text: 'Yes.' });
	expect(session.messages[1]?.answer?.thinkingMs).toBe(201);
});

test('what is changed while the model reads shows no answer yet', async () => {
	const reading = gate();
	const { session } = sessionWith([
		async (_, say) => {
			await reading.step();
			say('Yes.');
			return answered;
		}
	]);
	const sent = session.send('One');
	await reading.reached;
	await session.change((each) => rename(each, 'Renamed'));
	expect(texts(session)).toEqual(['One']);
	reading.open();
	await sent;
	expect(texts(session)).toEqual(['One', 'Yes.']);
	expect(session.conversation.title).toBe('Renamed');
});

describe('a request that is too long', () => {
	async function offered(session: Session, kind: string) {
		await vi.waitFor(() => expect(session.status.kind).toBe('too-long'));
		if (session.status.kind !== 'too-long') throw new Error('expected offers');
		return session.status.verdict.offers.find((offer) => offer.kind === kind);
	}

	test('for its answer is asked with a shorter one, for this time', async () => {
		const { session, asked } = sessionWith([says('Yes.'), says('No.')], 300, {
			sampling: { maxTokens: 290 }
		});
		await session.send('word '.repeat(100));
		expect(asked).toEqual([]);
		const offer = await offered(session, 'shorter-answer');
		if (offer?.kind !== 'shorter-answer') throw new Error('expected a shorter answer');
		await session.accept(offer);
		expect(asked[0]?.sampling.maxTokens).toBe(offer.answerTokens);
		expect(texts(session).at(-1)).toBe('Yes.');
		session.open(create());
		await session.send('Hi');
		expect(asked[1]?.sampling.maxTokens).toBe(290);
	});

	test('where nobody knows the window, or what would answer, goes to the engine', async () => {
		for (const change of [{ contextWindow: null }, { answerer: null }]) {
			const { session, asked, answering } = sessionWith([says('Yes.')], 300);
			Object.assign(answering, change);
			await session.send('word '.repeat(2000));
			expect([session.status.kind, asked.length]).toEqual(['idle', 1]);
		}
	});

	test('by the engine’s count takes that, and more than the window where it names only a rest', async () => {
		const found = async (detail: Record<string, number>, text: string) => {
			const { session } = sessionWith([refuses(detail)]);
			await session.send(text);
			if (session.status.kind !== 'too-long') throw new Error(session.status.kind);
			return session.status.verdict.prediction.promptTokens;
		};
		expect(await found({ promptTokens: 2000 }, 'Hi')).toBe(2000);
		// Guessed at more than half of it.
		expect(await found({ promptTokens: 1100 }, 'word '.repeat(600))).toBe(1100);
		expect(await found({ promptTokens: 5 }, 'Hi')).toBe(1025);
		expect(await found({}, 'Hi')).toBe(1025);
	});

	test('is not made to fit by leaving out the answer that goes on', async () => {
		let conversation = create({ id: 'talk' }, 0);
		for (const [id, text] of [
			['q1', 'word '.repeat(100)],
			['a1', 'word '.repeat(100)],
			['q2', 'word '.repeat(100)],
			['a2', 'word '.repeat(100)]
		] as const)
			conversation = append(
				conversation,
				{ id, role: id.startsWith('q') ? 'user' : 'assistant', text },
				0
			);
		const { session } = sessionWith([], 500);
		session.open(conversation);
		await session.continue('a2');
		const offer = await offered(session, 'leave-out');
		expect(offer).toMatchObject({ turnIds: ['q1', 'a1'] });
		// All four would have to go.
		const small = sessionWith([], 300);
		small.session.open(conversation);
		await small.session.continue('a2');
		expect(await offered(small.session, 'leave-out')).toBeUndefined();
	});
});
