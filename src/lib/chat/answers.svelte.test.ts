import { describe, expect, test, vi } from 'vitest';
import { MAX_WAITING } from '../runner/requests.ts';
import { answered, gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { create, find, type Conversation } from './conversation.ts';
import {
	endless,
	paused,
	saved,
	says,
	sessionWith,
	texts,
	told,
	type Reply
} from './session.fixture.ts';

const counts = ({ answers }: ReturnType<typeof sessionWith>) => [
	answers.queue.running ? 1 : 0,
	answers.queue.waiting.length
];

describe('an answer in a conversation that is not shown', () => {
	test('goes on, is there when one comes back, and streams on', async () => {
		const slow = paused('Once upon', ' a time.');
		const { session, answers } = sessionWith([slow.reply]);
		const sent = session.send('Tell me');
		const { id } = session.conversation;
		await slow.reached;
		session.open(told('Another'));
		expect([texts(session), session.busy]).toEqual([['Another'], false]);
		expect(answers.thread(id)?.status.kind).toBe('answering');
		// What comes from the disk is older.
		session.open({ ...create(), id });
		expect(texts(session)).toEqual(['Tell me', 'Once upon']);
		expect(session.busy).toBe(true);
		slow.open();
		await sent;
		expect(texts(session)).toEqual(['Tell me', 'Once upon a time.']);
		expect(answers.unread.size).toBe(0);
	});

	test('is unread when it ends, until it is shown', async () => {
		const slow = paused('Yes.');
		const { session, answers, store } = sessionWith([slow.reply]);
		const sent = session.send('One');
		const { conversation } = session;
		await slow.reached;
		session.open(create());
		slow.open();
		await sent;
		expect([...answers.unread]).toEqual([conversation.id]);
		const kept = await store.load(conversation.id);
		session.open(kept!);
		expect([texts(session), answers.unread.size]).toEqual([['One', 'Yes.'], 0]);
	});

	test('is saved within two seconds, again and again, without a frame being drawn', async () => {
		const { session, store, saving } = sessionWith([
			async (_, say, signal) => {
				const timer = setInterval(() => say('word '), 50);
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
				clearInterval(timer);
				return { ...answered, finish: 'stopped' };
			}
		]);
		const frames = vi.spyOn(window, 'requestAnimationFrame');
		const sent = session.send('One');
		const { conversation } = session;
		await expect.poll(() => session.status.kind).toBe('answering');
		session.open(told('Another'));
		frames.mockClear();
		const savedAtMs: number[] = [];
		saving.before = () => Promise.resolve(void savedAtMs.push(performance.now()));
		await expect.poll(() => savedAtMs.length, { timeout: 8_000 }).toBeGreaterThan(2);
		expect(frames).not.toHaveBeenCalled();
		const gaps = savedAtMs.slice(1).map((at, i) => at - savedAtMs[i]!);
		expect(Math.max(...gaps)).toBeLessThan(2_000);
		expect((await saved(store, conversation))?.[1]).toMatch(/^(word ){20}/);
		session.open(conversation);
		await session.stop();
		await sent;
		frames.mockRestore();
	}, 12_000);
});

describe('several requests', () => {
	test('of several conversations are answered in the order of asking, each in its own', async () => {
		const slow = paused('A');
		const rig = sessionWith([slow.reply, says('B'), says('C')]);
		const { session, store } = rig;
		const conversations: Conversation[] = [];
		const sent: Promise<unknown>[] = [];
		for (const text of ['a', 'b', 'c']) {
			session.open(create());
			sent.push(session.send(text));
			conversations.push(session.conversation);
		}
		await slow.reached;
		expect(counts(rig)).toEqual([1, 2]);
		expect(session.status).toEqual({ kind: 'waiting', ahead: 2 });
		slow.open();
		await Promise.all(sent);
		expect(counts(rig)).toEqual([0, 0]);
		expect(await Promise.all(conversations.map((each) => saved(store, each)))).toEqual([
			['a', 'A'],
			['b', 'B'],
			['c', 'C']
		]);
	});

	test('of one conversation stand below one another, each above its answer in the end', async () => {
		const slow = paused('A');
		const rig = sessionWith([slow.reply, says('B'), says('C')]);
		const { session, asked, store } = rig;
		const sent = ['a', 'b', 'c'].map((text) => session.send(text));
		expect(texts(session)).toEqual(['a', 'b', 'c']);
		await slow.reached;
		await expect.poll(() => texts(session)).toEqual(['a', 'A', 'b', 'c']);
		// Each is on the disk as soon as it is asked.
		expect((await saved(store, session.conversation))?.filter((text) => text !== 'A')).toEqual([
			'a',
			'b',
			'c'
		]);
		slow.open();
		await Promise.all(sent);
		expect(texts(session)).toEqual(['a', 'A', 'b', 'B', 'c', 'C']);
		expect(asked.map(({ messages }) => messages.length)).toEqual([1, 3, 5]);
		expect(await saved(store, session.conversation)).toEqual(texts(session));
	});

	test('of which one is withdrawn are answered without it, and its place can be taken back', async () => {
		const slow = paused('A');
		const rig = sessionWith([slow.reply, says('C')]);
		const { session } = rig;
		const sent = ['a', 'b', 'c'].map((text) => session.send(text));
		await slow.reached;
		await session.removeTurn(session.messages.find(({ text }) => text === 'b')!.id);
		expect(counts(rig)).toEqual([1, 1]);
		slow.open();
		await Promise.all(sent);
		expect(texts(session)).toEqual(['a', 'A', 'c', 'C']);
		await session.undoRemoval();
		expect(session.conversation.messages.map(({ text }) => text)).toContain('b');
	});

	test('of which one is edited while it waits are asked in the new words, in the old place', async () => {
		const slow = paused('A');
		const { session, asked } = sessionWith([slow.reply, says('B')]);
		const sent = ['a', 'b'].map((text) => session.send(text));
		await slow.reached;
		await session.edit(session.messages.at(-1).id, 'better');
		slow.open();
		await Promise.all(sent);
		expect(texts(session)).toEqual(['a', 'A', 'better', 'B']);
		expect(asked[1]?.messages.at(-1)?.content).toBe('better');
	});

	test('of which one is stopped go on with the next, and stop ends what is shown alone', async () => {
		const rig = sessionWith([endless, endless, says('C')]);
		const { session, answers, store } = rig;
		const conversations: Conversation[] = [];
		const sent: Promise<unknown>[] = [];
		for (const text of ['a', 'b', 'c']) {
			session.open(create());
			sent.push(session.send(text));
			conversations.push(session.conversation);
		}
		await expect.poll(() => answers.status.kind).toBe('answering');
		// What waits here is not what runs.
		await session.stop();
		expect(counts(rig)).toEqual([1, 2]);
		session.open(conversations[0]!);
		await session.stop();
		expect(texts(session)).toEqual(['a', 'Once ']);
		await expect.poll(() => answers.thread(conversations[1]!.id)?.status.kind).toBe('answering');
		session.open(conversations[1]!);
		await session.stop();
		await Promise.all(sent);
		expect(await saved(store, conversations[2]!)).toEqual(['c', 'C']);
	});

	test('the next one is asked before the answer is saved, and each of them is in the end', async () => {
		const slow = paused('A');
		const rig = sessionWith([slow.reply, says('B')]);
		const { session, asked, store, saving } = rig;
		const sent = [session.send('a'), session.send('b')];
		const { conversation } = session;
		await slow.reached;
		await expect.poll(() => saved(store, conversation)).toEqual(['a', 'b']);
		const disk = gate();
		saving.before = disk.step;
		slow.open();
		await disk.reached;
		await expect.poll(() => asked.length).toBe(2);
		expect(await saved(store, conversation)).toEqual(['a', 'b']);
		disk.open();
		await Promise.all(sent);
		expect(await saved(store, conversation)).toEqual(['a', 'A', 'b', 'B']);
	});

	test('of a conversation that is deleted end with it, and nothing is written any more', async () => {
		const rig = sessionWith([endless, says('Other.')]);
		const { session, answers, asked, store } = rig;
		const sent = [session.send('a'), session.send('b')];
		const gone = session.conversation;
		session.open(create());
		sent.push(session.send('other'));
		await expect.poll(() => answers.status.kind).toBe('answering');
		await answers.endAll(gone.id);
		await store.remove(gone.id);
		await Promise.all(sent);
		expect(texts(session)).toEqual(['other', 'Other.']);
		expect(asked).toHaveLength(2);
		expect(await store.load(gone.id)).toBeNull();
		expect(answers.unread.size).toBe(0);
	});

	test('more than may wait are refused, and the message is not taken', async () => {
		const slow = paused('A');
		const { session, answers } = sessionWith([slow.reply]);
		const sent = [session.send('running')];
		await slow.reached;
		for (let i = 0; i < MAX_WAITING; i++) sent.push(session.send(`${i}`));
		expect(answers.full).toBe(true);
		const before = session.conversation.messages.length;
		expect(await session.send('one more')).toBe(false);
		expect(session.conversation.messages).toHaveLength(before);
		await answers.cancelAll();
		await Promise.all(sent);
		expect(session.unanswered).toHaveLength(MAX_WAITING);
	});

	test('a second answer to a question goes through the queue too, and shows itself', async () => {
		const slow = paused('A');
		const rig = sessionWith([says('First.'), slow.reply, says('Second.')]);
		const { session } = rig;
		await session.send('One');
		const first = session.messages[1]!.id;
		const other = told('Another');
		session.open(other);
		void session.retry();
		await slow.reached;
		session.open(
			(await rig.store.load((await rig.store.list()).find(({ id }) => id !== other.id)!.id))!
		);
		const again = session.regenerate(first);
		expect(session.status).toEqual({ kind: 'waiting', ahead: 1 });
		expect(texts(session)).toEqual(['One', 'First.']);
		slow.open();
		await again;
		expect(texts(session)).toEqual(['One', 'Second.']);
	});

	test('a question asked while another answer is read for stands below that one', async () => {
		const reading = gate();
		const { session } = sessionWith([
			says('First.'),
			async (_, say) => {
				await reading.step();
				say('Second.');
				return answered;
			},
			says('More.')
		]);
		await session.send('One');
		const again = session.regenerate(session.messages[1]!.id);
		await reading.reached;
		const sent = session.send('And?');
		expect(texts(session)).toEqual(['One', 'And?']);
		reading.open();
		await Promise.all([again, sent]);
		expect(texts(session)).toEqual(['One', 'Second.', 'And?', 'More.']);
	});
});

describe('when the engine that answers is about to leave', () => {
	/** Reads until it is stopped, and makes one token more, as the engine does. */
	const reading: Reply = (_, say, signal) =>
		new Promise((resolve) =>
			signal.addEventListener('abort', () => {
				say('Once ');
				resolve({ ...answered, finish: 'stopped' });
			})
		);
	/** A session in which the first model is left, and another one answers once `arrive` is called. */
	function leaving(replies: Reply[]) {
		const next = gate();
		let left = false;
		const rig = sessionWith(replies, 1024, {
			engine: async () => {
				if (left) await next.step();
				return rig.engine;
			}
		});
		const leave = () => {
			left = true;
			return rig.answers.stopWriting();
		};
		return { ...rig, leave, arrive: next.open };
	}
	const isAnswering = ({ answers }: ReturnType<typeof leaving>) =>
		expect.poll(() => answers.status.kind).toBe('answering');

	test('what is being read waits in its place for the next one, and is answered whole', async () => {
		const rig = leaving([reading, says('A'), says('B')]);
		const { session, store, asked, counted } = rig;
		void session.send('a');
		const a = session.conversation;
		session.open(create());
		const sent = session.send('b');
		await isAnswering(rig);
		await rig.leave();
		expect(counts(rig)).toEqual([1, 1]);
		expect(rig.answers.queue.held).toBeNull();
		expect(rig.answers.unread.size).toBe(0);
		rig.arrive();
		await sent;
		expect(await saved(store, a)).toEqual(['a', 'A']);
		expect(texts(session)).toEqual(['b', 'B']);
		expect(asked).toHaveLength(3);
		expect(counted.map(({ ending }) => ending.kind)).toEqual(['complete', 'complete']);
	});

	test('what is continued and has no new word yet waits, too', async () => {
		const rig = leaving([says('Half', { finish: 'length' }), reading, says(' and half.')]);
		const { session } = rig;
		await session.send('a');
		void session.continue(session.messages[1]!.id);
		await isAnswering(rig);
		await rig.leave();
		rig.arrive();
		await expect.poll(() => texts(session)).toEqual(['a', 'Half and half.']);
	});

	test('what was begun stops, with its words', async () => {
		const rig = leaving([endless, says('B')]);
		const { session } = rig;
		const sent = [session.send('a'), session.send('b')];
		await expect.poll(() => texts(session)).toContain('Once ');
		await rig.leave();
		rig.arrive();
		await Promise.all(sent);
		expect(texts(session)).toEqual(['a', 'Once ', 'b', 'B']);
	});

	test('what is stopped or deleted at the same time does not start over', async () => {
		const rig = leaving([reading]);
		const { session, answers, asked } = rig;
		const sent = session.send('a');
		await isAnswering(rig);
		const left = rig.leave();
		await Promise.all([answers.endAll(session.conversation.id), left, sent]);
		rig.arrive();
		expect(counts(rig)).toEqual([0, 0]);
		expect(asked).toHaveLength(1);
	});
});

describe('when a request fails', () => {
	test('others of its conversation wait until it is tried again, and then keep their order', async () => {
		const rig = sessionWith([
			() => Promise.reject(new Failure('device-lost', 'Gone.')),
			says('Other.'),
			says('A'),
			says('B')
		]);
		const { session, store } = rig;
		const sent = [session.send('a'), session.send('b')];
		const first = session.conversation;
		session.open(create());
		sent.push(session.send('other'));
		const other = session.conversation;
		await Promise.all([sent[0], sent[2]]);
		// Another conversation does not wait for it.
		expect(await saved(store, other)).toEqual(['other', 'Other.']);
		expect(counts(rig)).toEqual([0, 1]);
		session.open(first);
		expect(session.status).toMatchObject({ kind: 'failed', failure: { kind: 'device-lost' } });
		await session.retry();
		await Promise.all(sent);
		expect(texts(session)).toEqual(['a', 'A', 'b', 'B']);
	});

	test('it can be skipped', async () => {
		const { session } = sessionWith([
			() => Promise.reject(new Failure('device-lost', 'Gone.')),
			says('B')
		]);
		const sent = [session.send('a'), session.send('b')];
		await sent[0];
		session.skip();
		await sent[1];
		expect(texts(session)).toEqual(['a', 'b', 'B']);
	});

	test('because no model could be loaded, all wait in their order and say why, and go on when told', async () => {
		let fails = true;
		const rig = sessionWith([says('A'), says('B')], 1024, {
			engine: () =>
				fails
					? Promise.reject(new Failure('elsewhere', 'In another tab.'))
					: Promise.resolve(rig.engine)
		});
		const { session, answers, store } = rig;
		const first = session.send('a');
		const a = session.conversation;
		session.open(create());
		const second = session.send('b');
		await first;
		expect(counts(rig)).toEqual([0, 2]);
		expect(answers.queue.held?.kind).toBe('elsewhere');
		expect([...answers.unread]).toEqual([a.id]);
		fails = false;
		void answers.goOn();
		await second;
		expect(await saved(store, a)).toEqual(['a', 'A']);
		expect(texts(session)).toEqual(['b', 'B']);
	});

	test('because the load was cancelled, the others wait for a person', async () => {
		let cancelled = true;
		const rig = sessionWith([says('B')], 1024, {
			engine: () =>
				cancelled
					? Promise.reject(new Failure('cancelled', 'Cancelled.'))
					: Promise.resolve(rig.engine)
		});
		const { session } = rig;
		const sent = [session.send('a'), session.send('b')];
		await sent[0];
		expect(counts(rig)).toEqual([0, 1]);
		expect(rig.answers.queue.held?.kind).toBe('cancelled');
		cancelled = false;
		void rig.answers.goOn();
		await sent[1];
		expect(texts(session)).toEqual(['a', 'b', 'B']);
	});

	test('in a conversation that is not shown, it says so when it is opened', async () => {
		const failing = gate();
		const { session, answers } = sessionWith([() => failing.step().then(() => answered)]);
		const sent = session.send('a');
		const a = session.conversation;
		await failing.reached;
		session.open(create());
		failing.fail(new Failure('device-lost', 'Gone.'));
		await sent;
		expect([...answers.unread]).toEqual([a.id]);
		session.open(a);
		expect(session.status.kind).toBe('failed');
	});
});

test('a switch while the model is prepared leaves the answer with its conversation', async () => {
	const loading = gate();
	const rig = sessionWith([says('Yes.')], 1024, {
		engine: async () => {
			await loading.step();
			return rig.engine;
		}
	});
	const sent = rig.session.send('One');
	const { conversation } = rig.session;
	await loading.reached;
	rig.session.open(told('Another'));
	await rig.session.stop();
	loading.open();
	await sent;
	expect(texts(rig.session)).toEqual(['Another']);
	expect(await saved(rig.store, conversation)).toEqual(['One', 'Yes.']);
});

test('a stop ends a load that nobody else waits for, and passes on one that others do', async () => {
	const endings: unknown[] = [];
	const rig = sessionWith([says('B')], 1024, {
		engine: (signal) =>
			endings.length > 0
				? Promise.resolve(rig.engine)
				: new Promise((_, reject) =>
						signal.addEventListener('abort', () => {
							endings.push(signal.reason);
							reject(new Failure('cancelled', 'Cancelled.'));
						})
					)
	});
	const { session } = rig;
	const sent = [session.send('a'), session.send('b')];
	await expect.poll(() => session.status.kind).toBe('preparing');
	await session.stop();
	await Promise.all(sent);
	expect(endings).toEqual(['passed-on']);
	expect(texts(session)).toEqual(['a', 'b', 'B']);
});

test('what stands unanswered after a reload is answered in order', async () => {
	const rig = sessionWith([says('B'), says('C')]);
	const { session } = rig;
	const conversation = ['a', 'b'].reduce(
		(all, text) => ({ ...all, messages: [...all.messages, ...told(text).messages] }),
		create()
	);
	const [a, b] = conversation.messages;
	session.open({
		...conversation,
		messages: [a!, { ...b!, parent: a!.id }],
		leaf: b!.id
	});
	expect(session.unanswered).toHaveLength(2);
	await session.retry();
	expect(texts(session)).toEqual(['a', 'B', 'b', 'C']);
	expect(find(session.conversation, b!.id)?.parent).toBe(session.messages[1]!.id);
});

test('an answer keeps which quantization wrote it, and that it was held to JSON', async () => {
	const plain = sessionWith([says('Yes.')]);
	await plain.session.send('One');
	expect(plain.session.messages[1]?.answer?.quantization).toBe('q4f32_1');
	expect(plain.session.messages[1]?.answer).not.toHaveProperty('json');
	const json = { mode: 'json', schema: '' } as const;
	const held = sessionWith([says('{}')], 1024, { sampling: { json } });
	await held.session.send('One');
	expect(held.session.messages[1]?.answer?.json).toBe(true);
	const server = sessionWith([says('Yes.')]);
	Object.assign(server.engine, { quantization: null });
	await server.session.send('One');
	expect(server.session.messages[1]?.answer).not.toHaveProperty('quantization');
});

describe('how an answer ended is told once, for whoever counts,', () => {
	const figures = { promptTokens: 20, completionTokens: 5, decodeTokensPerSecond: 1 };

	test('with its figures and the variant that wrote it', async () => {
		const { session, counted, engine } = sessionWith([says('Yes.')]);
		await session.send('One');
		expect(counted).toHaveLength(1);
		expect(counted[0]).toMatchObject({
			engineId: engine.id,
			ending: { kind: 'complete' },
			...figures
		});
		expect(counted[0]?.answerMs).toBeGreaterThanOrEqual(0);
	});

	test('when a person stopped it, also before its first word', async () => {
		const silent: Reply = (_, __, signal) =>
			new Promise((resolve) =>
				signal.addEventListener('abort', () => resolve({ ...answered, finish: 'stopped' }))
			);
		const { session, answers, counted } = sessionWith([endless, silent]);
		for (const text of ['One', 'Two']) {
			const sent = session.send(text);
			await expect.poll(() => answers.status.kind).toBe('answering');
			await session.stop();
			await sent;
		}
		expect(counted.map(({ ending }) => ending)).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }]);
	});

	test('with the kind of its failure, when the engine failed', async () => {
		const { session, counted } = sessionWith([
			() => Promise.reject(new Failure('device-lost', 'Gone.'))
		]);
		await session.send('One');
		expect(counted.map(({ ending }) => ending)).toEqual([
			{ kind: 'failed', failure: 'device-lost' }
		]);
	});

	test('and not at all when the engine was not asked', async () => {
		const { session, counted } = sessionWith([], 1024, {
			engine: () => Promise.reject(new Failure('out-of-memory', 'Full.'))
		});
		const sent = session.send('One');
		await expect.poll(() => session.status.kind).toBe('failed');
		expect(counted).toEqual([]);
		session.skip();
		await session.removeTurn(session.messages[0]!.id);
		await sent;
	});
});

test('a request that is too long says how long it would take where the speeds are known', async () => {
	const rig = sessionWith([], 300);
	rig.answering.speeds = { prefillTokensPerSecond: 100, decodeTokensPerSecond: 10 };
	const sent = rig.session.send('word '.repeat(2000));
	await expect.poll(() => rig.session.status.kind).toBe('too-long');
	const { status } = rig.session;
	expect(status.kind === 'too-long' && status.verdict.prediction.seconds).toBeGreaterThan(20);
	await sent;
});

describe('a request that is taken out of the queue', () => {
	/** A conversation that is answered elsewhere while two questions wait in another one. */
	async function waiting() {
		const slow = paused('A');
		const rig = sessionWith([slow.reply, says('C')]);
		const { session } = rig;
		const sent = [session.send('a')];
		await slow.reached;
		session.open(create());
		sent.push(session.send('b'), session.send('c'));
		const other = session.conversation;
		return { ...rig, slow, sent, other };
	}

	test('leaves the others of its conversation, which is answered on', async () => {
		const { session, answers, slow, sent, other, store } = await waiting();
		session.open(create());
		const [b, c] = answers.waitingIn(other.id);
		expect(answers.titleOf(b!)).toBe('b');
		await answers.cancel(b!.id);
		expect(answers.thread(other.id)).toBeDefined();
		expect(answers.titleOf(c!)).toBe('b');
		expect(answers.taskOf(b!.id)).toBeUndefined();
		slow.open();
		await Promise.all(sent);
		expect(await saved(store, other)).toEqual(['b', 'c', 'C']);
		expect(answers.thread(other.id)).toBeUndefined();
	});

	test('and is the last of a conversation that is not shown leaves nothing of it', async () => {
		const { session, answers, slow, sent, other } = await waiting();
		session.open(create());
		for (const { id } of answers.waitingIn(other.id)) await answers.cancel(id);
		expect(answers.thread(other.id)).toBeUndefined();
		slow.open();
		await Promise.all(sent);
	});

	test('is stopped where it runs, and the next one goes on', async () => {
		const rig = sessionWith([endless, says('B')]);
		const { session, answers } = rig;
		const sent = [session.send('a'), session.send('b')];
		await expect.poll(() => texts(session), { timeout: 10_000 }).toContain('Once ');
		await answers.cancel(answers.queue.running!.id);
		await Promise.all(sent);
		expect(texts(session)).toEqual(['a', 'Once ', 'b', 'B']);
		await answers.cancel('unknown');
		await answers.stop();
		expect(counts(rig)).toEqual([0, 0]);
	});

	test('after no model could be loaded for it says no more that it failed', async () => {
		const { session, answers } = sessionWith([], 1024, {
			engine: () => Promise.reject(new Failure('elsewhere', 'In another tab.'))
		});
		const sent = session.send('a');
		await expect.poll(() => session.status.kind, { timeout: 10_000 }).toBe('failed');
		expect(answers.waitingFor(session.messages[0]!.id)).toBeDefined();
		await answers.cancelAll();
		await sent;
		expect(session.status.kind).toBe('idle');
		expect(answers.waitingFor(session.messages[0]!.id)).toBeUndefined();
	});
});

describe('a stop', () => {
	test('while the question is saved loads no model for it', async () => {
		let loads = 0;
		const rig = sessionWith([], 1024, {
			engine: () => (loads++, Promise.resolve(rig.engine))
		});
		const { session, saving, answers } = rig;
		const disk = gate();
		saving.before = disk.step;
		const sent = session.send('a');
		await disk.reached;
		expect(answers.runningQuestion).toBe(session.messages[0]!.id);
		const stopping = session.stop();
		disk.open();
		await Promise.all([sent, stopping]);
		expect([loads, session.status.kind]).toEqual([0, 'idle']);
		expect(answers.runningQuestion).toBeNull();
	});

	test('that a load does not hear of asks nothing of the model when it is there', async () => {
		const loading = gate();
		const rig = sessionWith([], 1024, {
			engine: async () => {
				await loading.step();
				return rig.engine;
			}
		});
		const { session, asked } = rig;
		const sent = session.send('a');
		await loading.reached;
		const stopping = session.stop();
		loading.open();
		await Promise.all([sent, stopping]);
		expect([asked.length, session.status.kind]).toEqual([0, 'idle']);
	});

	test('while a larger window is loaded leaves the offers', async () => {
		const loading = gate();
		const { session, asked } = sessionWith([], 256, {
			enlarge: async () => {
				await loading.step();
				return true;
			}
		});
		await session.send('word '.repeat(300));
		const taken = session.accept({
			kind: 'larger-window',
			contextWindow: 4096,
			sentence: ''
		} as never);
		await loading.reached;
		const stopping = session.stop();
		loading.open();
		await Promise.all([taken, stopping]);
		expect([session.status.kind, asked.length]).toEqual(['too-long', 0]);
	});
});

test('a failure is forgotten when its conversation is left, and its question can be asked again', async () => {
	const { session, answers } = sessionWith([
		() => Promise.reject(new Failure('device-lost', 'Gone.')),
		says('A')
	]);
	await session.send('a');
	const first = session.conversation;
	expect(session.status.kind).toBe('failed');
	session.open(create());
	expect(answers.thread(first.id)).toBeUndefined();
	expect(answers.queue.blocked).toEqual([]);
	session.open(first);
	expect(session.status.kind).toBe('idle');
	await session.retry();
	expect(texts(session)).toEqual(['a', 'A']);
});
