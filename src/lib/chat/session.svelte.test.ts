import { expect, test } from 'vitest';
import { answered as done, gate } from '../engine/engine.fixture.ts';
import { parseChatConfig } from '#plan/models/config.ts';
import { Failure } from '../rpc/failure.ts';
import { append, create } from './conversation.ts';
import { endless, saved, says, sessionWith, texts, told } from './session.fixture.ts';

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

test('a draft waits with its conversation, and one for a new conversation with the next new one', () => {
	const { session } = sessionWith([]);
	const [first, other] = ['One', 'Two'].map((text) => append(create(), { role: 'user', text }));
	session.open(first!);
	session.draft = 'half a thought';
	session.open(create());
	expect(session.draft).toBe('');
	session.draft = 'something new';
	session.open(other!);
	expect(session.draft).toBe('');
	session.open(first!);
	expect(session.draft).toBe('half a thought');
	session.open(create());
	expect(session.draft).toBe('something new');
	session.draft = '';
	session.open(first!);
	session.open(create());
	expect(session.draft).toBe('');
});

test('what is typed before the page has opened a conversation stays', () => {
	const { session } = sessionWith([]);
	session.draft = 'typed at once';
	session.open(append(create(), { role: 'user', text: 'One' }), { keepDraft: true });
	expect(session.draft).toBe('typed at once');
});

test('a session is busy from the moment something is asked', () => {
	const { session } = sessionWith([says('Yes.')]);
	const seen: boolean[] = [session.busy];
	void session.send('One');
	seen.push(session.busy);
	expect(seen).toEqual([false, true]);
	expect(session.status.kind).toBe('saving');
});

test('a question that is being saved is not shown as one that nobody answers', async () => {
	const { session, saving } = sessionWith([says('Yes.')]);
	const save = gate();
	saving.before = save.step;
	const sent = session.send('One');
	await save.reached;
	// What the page offers "Answer now" for.
	expect(session.status.kind).not.toBe('idle');
	save.open();
	await sent;
	expect(texts(session)).toEqual(['One', 'Yes.']);
});

test('a second message sent while the first is being saved is answered after it', async () => {
	const { session, asked, saving } = sessionWith([says('Yes.'), says('No.')]);
	const save = gate();
	saving.before = save.step;
	const first = session.send('One');
	await save.reached;
	const second = session.send('Two');
	void session.retry();
	save.open();
	await Promise.all([first, second]);
	expect(asked.map(({ messages }) => messages.map(({ content }) => content))).toEqual([
		['One'],
		['One', 'Yes.', 'Two']
	]);
	expect(texts(session)).toEqual(['One', 'Yes.', 'Two', 'No.']);
});

test('a question that has an answer and waits for another one is asked in other words beside it', async () => {
	const release = gate();
	const { session, asked } = sessionWith([
		says('Yes.'),
		async (_, say) => {
			await release.step();
			say('Busy.');
			return done;
		},
		says('Better.')
	]);
	await session.send('One');
	const first = session.conversation;
	const [question, answer] = session.messages;
	session.open(create());
	const elsewhere = session.send('Elsewhere');
	await release.reached;
	session.open(first);
	const again = session.regenerate(answer!.id);
	expect(session.status).toEqual({ kind: 'waiting', ahead: 1 });
	const edited = session.edit(question!.id, 'One, in other words');
	release.open();
	await Promise.all([elsewhere, again, edited]);
	expect(texts(session)).toEqual(['One, in other words', 'Better.']);
	// What was answered stays above its answer, and is not asked again.
	const { messages } = session.conversation;
	expect(messages.find(({ id }) => id === question!.id)?.text).toBe('One');
	expect(asked.map(({ messages }) => messages.at(-1)?.content)).toEqual([
		'One',
		'Elsewhere',
		'One, in other words'
	]);
});

test('a conversation that is opened before the question is saved gets no answer of another one', async () => {
	const { session, asked, saving, store } = sessionWith([says('Yes.')]);
	const other = told('Another');
	const save = gate();
	saving.before = save.step;
	const sent = session.send('One');
	const first = session.conversation;
	await save.reached;
	session.open(other);
	save.open();
	await sent;
	expect(session.conversation.id).toBe(other.id);
	expect(texts(session)).toEqual(['Another']);
	expect(session.status.kind).toBe('idle');
	expect(asked).toHaveLength(1);
	expect(await saved(store, first)).toEqual(['One', 'Yes.']);
});

test('of several conversations opened in a hurry the last one is shown', async () => {
	const { session } = sessionWith([endless]);
	void session.send('One');
	await expect.poll(() => session.status.kind).toBe('answering');
	const others = [told('a'), told('b'), told('c')];
	for (const other of others) session.open(other);
	expect(session.conversation.id).toBe(others[2]?.id);
});

test('a larger window that is still loading is answered with in its own conversation', async () => {
	const loading = gate();
	const rig = sessionWith([says('Yes.')], 256, {
		enlarge: async (contextWindow) => {
			await loading.step();
			rig.answering.contextWindow = contextWindow;
			return true;
		}
	});
	const { session, asked, store } = rig;
	await session.send('word '.repeat(300));
	if (session.status.kind !== 'too-long') throw new Error('expected it to be too long');
	const { conversation } = session;
	const taken = session.accept({
		kind: 'larger-window',
		contextWindow: 4096,
		sentence: ''
	} as never);
	await loading.reached;
	expect(session.busy).toBe(true);
	session.open(told('Another'));
	loading.open();
	await taken;
	expect(asked).toHaveLength(1);
	expect(texts(session)).toEqual(['Another']);
	expect((await saved(store, conversation))?.at(-1)).toBe('Yes.');
});

test('a larger window that cannot be loaded leaves the offers, and one that can is answered with', async () => {
	const ends = [false, true];
	const rig = sessionWith([says('Yes.')], 256, {
		enlarge: (contextWindow) => {
			const enlarged = ends.shift() ?? false;
			if (enlarged) rig.answering.contextWindow = contextWindow;
			return Promise.resolve(enlarged);
		}
	});
	const { session } = rig;
	await session.send('word '.repeat(300));
	const larger = { kind: 'larger-window', contextWindow: 4096, sentence: '' } as never;
	await session.accept(larger);
	expect(session.status.kind).toBe('too-long');
	await session.accept(larger);
	expect(session.status.kind).toBe('idle');
	expect(texts(session)[1]).toBe('Yes.');
});

test('stopping while the model is loaded asks nothing of it', async () => {
	const loading = gate();
	const rig = sessionWith([], 1024, {
		engine: async (signal) => {
			await Promise.race([
				loading.step(),
				new Promise((resolve) => signal.addEventListener('abort', resolve))
			]);
			if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
			return rig.engine;
		}
	});
	const sent = rig.session.send('One');
	await loading.reached;
	expect(rig.session.status.kind).toBe('preparing');
	await rig.session.stop();
	await sent;
	expect([rig.session.status.kind, rig.asked.length]).toEqual(['idle', 0]);
});

test('whoever ends the engine stops an answer, and not a message that waits for a model', async () => {
	const loading = gate();
	const rig = sessionWith([says('Yes.')], 1024, {
		engine: async () => {
			await loading.step();
			return rig.engine;
		}
	});
	const sent = rig.session.send('One');
	await loading.reached;
	await rig.answers.stopWriting();
	expect(rig.session.status.kind).toBe('preparing');
	loading.open();
	await sent;
	expect(texts(rig.session)).toEqual(['One', 'Yes.']);

	const writing = sessionWith([endless]);
	void writing.session.send('One');
	await expect.poll(() => writing.session.status.kind).toBe('answering');
	await writing.answers.stopWriting();
	expect(texts(writing.session)).toEqual(['One', 'Once ']);
	expect(writing.session.status.kind).toBe('idle');
});

test('a model that cannot be loaded is why there is no answer, and the next try can succeed', async () => {
	let fails = true;
	const rig = sessionWith([says('Yes.')], 1024, {
		engine: () =>
			fails
				? Promise.reject(new Failure('elsewhere', 'In another tab.'))
				: Promise.resolve(rig.engine)
	});
	await rig.session.send('One');
	expect(rig.session.status).toMatchObject({ kind: 'failed', failure: { kind: 'elsewhere' } });
	fails = false;
	await rig.session.retry();
	expect(texts(rig.session)).toEqual(['One', 'Yes.']);
});

test('what was found and is no longer there is not brought into view', async () => {
	const { session } = sessionWith([]);
	const conversation = told('One');
	session.open(conversation);
	await session.reveal('gone');
	expect(session.revealed).toBeNull();
	await session.reveal(conversation.leaf!);
	expect(session.revealed).toBe(conversation.leaf);
	session.open(told('Two'));
	expect(session.revealed).toBeNull();
});

test('a turn deleted just before another conversation is opened cannot be put back into that one', async () => {
	const { session, saving } = sessionWith([]);
	const first = told('One');
	session.open(first);
	const save = gate();
	saving.before = save.step;
	const removing = session.removeTurn(first.leaf!);
	await save.reached;
	session.open(told('Two'));
	save.open();
	await removing;
	expect(session.beforeRemoval).toBeNull();
});
