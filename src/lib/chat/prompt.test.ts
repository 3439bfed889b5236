import { describe, expect, test } from 'vitest';
import { checkRequest, NO_RATIO, promptTokensOf } from '#plan/memory/request.ts';
import { append, create, leaveOut, type AnswerInfo, type Conversation } from './conversation.ts';
import { guessPrompt, join, learnFrom, promptOf, requestOf, sentUpTo, turnsOf } from './prompt.ts';

const answered = (promptTokens: number, completionTokens: number): AnswerInfo => ({
	engineId: 'pocket-q4f32_1',
	label: 'pocket',
	quantization: 'q4f32_1',
	finish: 'stop',
	promptTokens,
	completionTokens,
	prefillTokensPerSecond: 1,
	decodeTokensPerSecond: 1,
	timeToFirstTokenMs: 1
});

/** q1 a1 q2 a2 q3, with what the engine counted: 20 for q1, 30 for a1, 25 for q2, 40 for a2. */
function counted(): Conversation {
	let conversation = create({}, 0);
	const add = (id: string, text: string, answer?: AnswerInfo) => {
		const role = answer ? 'assistant' : 'user';
		conversation = append(conversation, { id, role, text, ...(answer && { answer }) }, 0);
	};
	add('q1', 'What is a context window?');
	add('a1', 'The tokens that the cache of keys and values holds at once.', answered(20, 30));
	add('q2', 'And what does it cost in memory?');
	add('a2', 'Two numbers for each token, in each layer and each head.', answered(75, 40));
	add('q3', 'Thank you');
	return conversation;
}

describe('what is sent', () => {
	test('the branch that leads to the question, without what was left out', () => {
		const conversation = leaveOut(counted(), ['q1', 'a1']);
		expect(sentUpTo(conversation, 'q3').map(({ id }) => id)).toEqual(['q2', 'a2', 'q3']);
	});

	test('the question itself is sent even if it had been left out', () => {
		expect(sentUpTo(leaveOut(counted(), ['q3']), 'q3').at(-1)?.id).toBe('q3');
	});

	test('nothing where the question is not there', () => {
		expect([sentUpTo(counted(), 'gone'), sentUpTo(counted(), null)]).toEqual([[], []]);
	});

	test('an answer without a word is not sent', () => {
		const conversation = append(counted(), { id: 'a3', role: 'assistant', text: '' });
		const asked = append(conversation, { id: 'q4', role: 'user', text: 'Again' });
		expect(sentUpTo(asked, 'q4').map(({ id }) => id)).not.toContain('a3');
	});

	test('thoughts are not sent, even of answers that were stored with their marks', () => {
		let conversation = append(create(), { id: 'q', role: 'user', text: 'Is 97 prime?' });
		const text = '[THINK]No divisor up to 9.[/THINK]Yes.';
		conversation = append(conversation, { id: 'a', role: 'assistant', text });
		conversation = append(conversation, { id: 'b', role: 'assistant', text: '<think>Hm.</think>' });
		conversation = append(conversation, { id: 'r', role: 'user', text: 'And 91?' });
		expect(promptOf('', sentUpTo(conversation, 'r'), false)).toEqual([
			{ role: 'user', content: 'Is 97 prime?' },
			{ role: 'assistant', content: 'Yes.' },
			{ role: 'user', content: 'And 91?' }
		]);
	});

	test('where the template opens a thought before every reply, earlier answers close it', () => {
		const sent = sentUpTo(counted(), 'q3');
		const config = { replyHeader: '<|im_start|>assistant\n<think>\n' };
		expect(promptOf('', sent, false, config)[1]).toEqual({
			role: 'assistant',
			content: '\n</think>\n\nThe tokens that the cache of keys and values holds at once.'
		});
	});

	test('images go to models that take them, and no others', () => {
		const images = [{ url: 'data:image/png;base64,AA==' }];
		const conversation = append(create(), { id: 'q', role: 'user', text: 'What is it?', images });
		const sent = sentUpTo(conversation, 'q');
		expect(promptOf('', sent, false)).toEqual([{ role: 'user', content: 'What is it?' }]);
		expect(JSON.stringify(promptOf('', sent, true))).toContain('data:image/png');
	});

	test('no address of an image ever goes to the engine', () => {
		for (const url of ['https://evil.test/x.png', 'blob:https://evil.test/1', 'data:text/html,x']) {
			const images = [{ url }];
			const asked = append(create(), { id: 'q', role: 'user', text: 'What is it?', images });
			expect(JSON.stringify(promptOf('', sentUpTo(asked, 'q'), true))).not.toContain(url);
		}
	});
});

describe('what it takes', () => {
	const about = {
		label: 'pocket',
		contextWindow: 220,
		answerLimit: null,
		config: null,
		ratio: NO_RATIO
	};

	test('each turn takes what the engine counted for it', () => {
		const conversation = counted();
		const turns = turnsOf('', sentUpTo(conversation, 'q3'), 'pocket');
		expect(turns.map(({ tokens }) => tokens)).toEqual([20, 30, 25, 40, undefined]);
	});

	test('counts of another family are not used', () => {
		const turns = turnsOf('', sentUpTo(counted(), 'q3'), 'Llama');
		expect(turns.every(({ tokens }) => tokens === undefined)).toBe(true);
		expect(learnFrom(NO_RATIO, counted(), 'Llama')).toBe(NO_RATIO);
	});

	test('a question keeps its own count when what stands before it is left out', () => {
		const conversation = leaveOut(counted(), ['q1', 'a1']);
		expect(requestOf(conversation, 'q3', about).turns.map(({ tokens }) => tokens)).toEqual([
			25,
			40,
			undefined
		]);
	});

	test('the system prompt takes as much as a turn of its words, and none takes nothing', () => {
		const [first] = counted().messages;
		expect(guessPrompt('', [])).toBe(0);
		expect(guessPrompt(first!.text, [])).toBe(guessPrompt('', [first!]));
		expect(guessPrompt(first!.text, [])).toBeGreaterThan(0);
	});

	test('answers whose prompts were not counted teach nothing, nor do those to images', () => {
		const learned = learnFrom(NO_RATIO, counted(), 'pocket');
		expect(learned).not.toBe(NO_RATIO);
		const messages = counted().messages.map((each) =>
			each.answer ? { ...each, answer: { ...each.answer, promptTokens: null } } : each
		);
		expect(learnFrom(NO_RATIO, { ...counted(), messages }, 'pocket')).toBe(NO_RATIO);
		const pictured = counted().messages.map((each) =>
			each.id === 'q1' ? { ...each, images: [{ url: 'data:image/png;base64,AA==' }] } : each
		);
		expect(learnFrom(NO_RATIO, { ...counted(), messages: pictured }, 'pocket')).toBe(NO_RATIO);
	});

	test.each([
		[79, 79],
		[80, undefined],
		[2, 2],
		[1, undefined]
	])('a count of %d for a turn guessed at 10 is taken as %s', (count, tokens) => {
		let conversation = append(create(), { id: 'q', role: 'user', text: 'Hi' });
		const words = 'x'.repeat(20);
		expect(guessPrompt(words, [])).toBe(10);
		const answer = answered(6, count);
		conversation = append(conversation, { id: 'a', role: 'assistant', text: words, answer });
		expect(turnsOf('', conversation.messages, 'pocket')[1]?.tokens).toBe(tokens);
	});

	test('an eighth of the guess is of another prompt too', () => {
		const text = 'x'.repeat(44);
		expect(guessPrompt(text, [])).toBe(16);
		const turn = (count: number) => {
			const asked = append(create(), { id: 'q', role: 'user', text: 'Hi' });
			const answer = answered(6, count);
			const conversation = append(asked, { id: 'a', role: 'assistant', text, answer });
			return turnsOf('', conversation.messages, 'pocket')[1]?.tokens;
		};
		expect([turn(2), turn(3)]).toEqual([undefined, 3]);
	});

	test('leaving out what is offered makes the request fit', () => {
		const asked = requestOf(counted(), 'q3', about);
		expect(promptTokensOf(asked)).toBeGreaterThan(115);
		const verdict = checkRequest(asked);
		if (verdict.kind !== 'too-long') throw new Error('expected: too long');
		const offer = verdict.offers.find(({ kind }) => kind === 'leave-out');
		if (offer?.kind !== 'leave-out') throw new Error('expected: an offer to leave turns out');
		const after = leaveOut(counted(), offer.turnIds);
		expect(checkRequest(requestOf(after, 'q3', about)).kind).toBe('fits');
	});
});

describe('an answer and its continuation', () => {
	test('words stay apart, and what follows a mark or a line is not moved', () => {
		expect(join('the quick brown', 'fox jumps')).toBe('the quick brown fox jumps');
		expect(join('the quick', ', brown')).toBe('the quick, brown');
		expect(join('- one\n', '- two')).toBe('- one\n- two');
		expect(join('', 'one')).toBe('one');
	});
});
