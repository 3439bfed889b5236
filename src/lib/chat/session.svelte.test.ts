import { expect, test } from 'vitest';
import { Engine } from '../engine/client.ts';
import type { Loaded } from '../engine/loader.svelte.ts';
import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import { defaultSampling, type Sampling } from '../engine/sampling.ts';
import { NOTHING_KNOWN } from '../memory/judge.ts';
import { variantById } from '../models/catalog-data.ts';
import { parseChatConfig, type ChatConfig } from '../models/config.ts';
import { ConversationStore } from '../storage/conversations.ts';
import { Failure } from '../worker/failure.ts';
import { append, create } from './conversation.ts';
import { Session, type Answering } from './session.svelte.ts';

const done: GenerateResult = {
	finish: 'stop',
	promptTokens: 20,
	completionTokens: 5,
	prefillTokensPerSecond: 1,
	decodeTokensPerSecond: 1,
	timeToFirstTokenMs: 1
};

type Reply = (
	request: GenerateRequest,
	say: (text: string) => void,
	signal: AbortSignal
) => Promise<GenerateResult>;

interface Model {
	id?: string;
	config?: ChatConfig | null;
	sampling?: Partial<Sampling>;
}

/** A session whose engine answers as told, one reply after the other. */
function sessionWith(
	replies: Reply[],
	window = 1024,
	{ id = 'pocket-q4f32_1', config = null, sampling = {} }: Model = {}
) {
	const variant = variantById.get(id);
	if (!variant) throw new Error('The catalogue has no pocket.');
	const asked: GenerateRequest[] = [];
	const engine = new Engine({
		postMessage: () => undefined,
		addEventListener: () => undefined,
		terminate: () => undefined
	} as unknown as Worker);
	engine.generate = (request, { signal, onText }) => {
		asked.push(request);
		const reply = replies.shift();
		if (!reply) throw new Error('Nobody asked for another answer.');
		return reply(request, onText, signal);
	};
	const loaded = { variant, contextWindow: window, engine } as Loaded;
	const answering: Answering = {
		familyName: 'pocket',
		contextWindow: window,
		config,
		vision: false,
		answerer: {
			variant,
			known: NOTHING_KNOWN,
			situation: { reading: null, budget: null, threshold: 'off' }
		}
	};
	const store = new ConversationStore(`session-test-${crypto.randomUUID()}`);
	const session = new Session(
		{
			model: () => Promise.resolve(loaded),
			answering: () => answering,
			enlarge: () => Promise.resolve(false),
			sampling: () => ({ ...defaultSampling, ...sampling })
		},
		store
	);
	return { session, asked };
}

const says =
	(text: string, result: Partial<GenerateResult> = {}): Reply =>
	(_, say) => {
		say(text);
		return Promise.resolve({ ...done, ...result });
	};
const texts = (session: Session) => session.messages.map(({ text }) => text);

test('what the engine refuses as too long ends with offers and no empty answer', async () => {
	const { session, asked } = sessionWith([
		says('First.'),
		() => Promise.reject(new Failure('context-full', 'Too long.', { promptTokens: 2000 })),
		says('Second.')
	]);
	await session.send('One');
	await session.send('Two');
	expect(texts(session)).toEqual(['One', 'First.', 'Two']);
	if (session.status.kind !== 'too-long')
		throw new Error(`expected offers: ${session.status.kind}`);
	const offer = session.status.verdict.offers.find(({ kind }) => kind === 'leave-out');
	if (!offer) throw new Error('expected an offer to leave turns out');
	await session.accept(offer);
	expect(texts(session)).toEqual(['One', 'First.', 'Two', 'Second.']);
	expect(asked[2]?.messages).toEqual([{ role: 'user', content: 'Two' }]);
});

test('a request that cannot fit does not reach the engine', async () => {
	const { session, asked } = sessionWith([], 256);
	await session.send('word '.repeat(2000));
	expect(session.status.kind).toBe('too-long');
	expect(asked).toEqual([]);
});

test('an answer stopped before its first word leaves nothing behind', async () => {
	const { session } = sessionWith([
		(_, __, signal) =>
			new Promise((resolve) =>
				signal.addEventListener('abort', () => resolve({ ...done, finish: 'stopped' }))
			)
	]);
	const sent = session.send('One');
	await expect.poll(() => session.status.kind).toBe('answering');
	await session.stop();
	await sent;
	expect(texts(session)).toEqual(['One']);
	expect(session.status.kind).toBe('idle');
});

test('a failure keeps what was already written', async () => {
	const { session } = sessionWith([
		(_, say) => {
			say('Half an ans');
			return Promise.reject(new Failure('device-lost', 'Gone.'));
		}
	]);
	await session.send('One');
	expect(texts(session)).toEqual(['One', 'Half an ans']);
	expect(session.messages[1]?.answer?.finish).toBe('failed');
	expect(session.status.kind).toBe('failed');
});

test('a continued answer grows in its place', async () => {
	const { session, asked } = sessionWith([
		says('The quick brown', { finish: 'length' }),
		says('fox jumps.')
	]);
	await session.send('Tell me');
	const id = session.messages[1]?.id ?? '';
	await session.continue(id);
	expect(texts(session)).toEqual(['Tell me', 'The quick brown fox jumps.']);
	expect(session.messages[1]?.id).toBe(id);
	expect(asked[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
});

test('the tokens that the engine still held are counted with those it read', async () => {
	const { session } = sessionWith([
		says('First.', { promptTokens: 20, completionTokens: 5 }),
		says('Second.', { promptTokens: 9, completionTokens: 5 })
	]);
	await session.send('One');
	await session.send('Two');
	expect(session.messages[3]?.answer?.promptTokens).toBe(20 + 5 + 9);
});

test('while another answer is read for, the old one is not shown in its place', async () => {
	const shown: string[][] = [];
	const { session } = sessionWith([
		says('First.'),
		(_, say) => {
			shown.push(texts(session));
			say('Other.');
			return Promise.resolve(done);
		}
	]);
	await session.send('One');
	await session.regenerate(session.messages[1]?.id ?? '');
	expect(shown).toEqual([['One']]);
	expect(texts(session)).toEqual(['One', 'Other.']);
});

test('thoughts are kept apart from the answer, with their time', async () => {
	const { session } = sessionWith([says('<think>Hm.</think>Yes.')]);
	await session.send('One');
	const answer = session.messages[1];
	expect([answer?.thinking, answer?.text]).toEqual(['Hm.', 'Yes.']);
	expect(answer?.answer?.thinkingMs).toBeGreaterThanOrEqual(0);
});

const opensThoughts = parseChatConfig({
	vocab_size: 8,
	context_window_size: 1024,
	sliding_window_size: -1,
	tokenizer_files: ['tokenizer.json'],
	conv_template: {
		system_template: '{system_message}',
		system_message: '',
		roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant\n<think>' },
		role_empty_sep: '\n',
		seps: ['<|im_end|>\n'],
		stop_str: [],
		stop_token_ids: [0]
	}
});

test('where the template opens a thought, the answer begins in one, frame by frame', async () => {
	const seen: (readonly [string | undefined, string])[] = [];
	const { session, asked } = sessionWith(
		[
			async (_, say) => {
				for (const piece of ['Two and ', 'two.</th', 'ink>\n\nFo', 'ur.']) {
					say(piece);
					await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
					const { thinking, text = '' } = session.messages[1] ?? {};
					seen.push([thinking, text]);
				}
				return done;
			},
			says('Yes.')
		],
		1024,
		{ config: opensThoughts }
	);
	await session.send('2+2?');
	expect(seen).toEqual([
		['Two and', ''],
		['Two and two.', ''],
		['Two and two.', 'Fo'],
		['Two and two.', 'Four.']
	]);
	await session.send('Sure?');
	expect(asked[1]?.messages[1]).toEqual({
		role: 'assistant',
		content: '\n</think>\n\nFour.'
	});
});

test.each([
	['Qwen3-0.6B-q4f16_1-MLC', false],
	['Ministral-3-3B-Reasoning-2512-q4f16_1-MLC', undefined],
	['pocket-q4f32_1', undefined]
])('%s is told not to think: %s', async (id, thinking) => {
	const { session, asked } = sessionWith([says('Four.')], 1024, {
		id,
		sampling: { thinking: false }
	});
	await session.send('2+2?');
	expect(asked[0]?.sampling.thinking).toBe(thinking);
});

test('an answer that ends like a mark begins keeps its end', async () => {
	const { session } = sessionWith([says('1 <')]);
	await session.send('One');
	expect(texts(session)).toEqual(['One', '1 <']);
});

test('a draft waits with its conversation, and one for a new conversation with the next new one', async () => {
	const { session } = sessionWith([]);
	const [first, other] = ['One', 'Two'].map((text) => append(create(), { role: 'user', text }));
	await session.open(first!);
	session.draft = 'half a thought';
	await session.open(create());
	expect(session.draft).toBe('');
	session.draft = 'something new';
	await session.open(other!);
	expect(session.draft).toBe('');
	await session.open(first!);
	expect(session.draft).toBe('half a thought');
	await session.open(create());
	expect(session.draft).toBe('something new');
	session.draft = '';
	await session.open(first!);
	await session.open(create());
	expect(session.draft).toBe('');
});

test('what is typed before the page has opened a conversation stays', async () => {
	const { session } = sessionWith([]);
	session.draft = 'typed at once';
	await session.open(append(create(), { role: 'user', text: 'One' }), { keepDraft: true });
	expect(session.draft).toBe('typed at once');
});
