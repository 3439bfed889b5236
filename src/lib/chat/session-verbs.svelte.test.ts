import { describe, expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { Failure } from '../rpc/failure.ts';
import { MAX_WAITING } from '../runner/requests.ts';
import {
	append,
	create,
	editAndBranch,
	find,
	leaveOut,
	type Conversation
} from './conversation.ts';
import { endless, paused, says, sessionWith, texts, told, type Reply } from './session.fixture.ts';
import type { Session } from './session.svelte.ts';

const PICTURE = { url: 'data:image/png;base64,AAAA' };
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

/** q1 a1 q2 a2, the second answer beside another one that is not shown. */
function talk(): Conversation {
	let conversation = create({ id: 'talk' }, 0);
	for (const [id, parent] of [
		['q1', null],
		['a1', 'q1'],
		['q2', 'a1'],
		['a0', 'q2'],
		['a2', 'q2']
	] as const) {
		const role = id.startsWith('q') ? 'user' : 'assistant';
		conversation = append(conversation, { id, role, text: id, parent }, 0);
	}
	return conversation;
}

async function opened(replies: Reply[] = [], conversation = talk()) {
	const rig = sessionWith(replies);
	await rig.store.save(conversation);
	rig.session.open(conversation);
	return rig;
}

/** Whether the work waits for what is held, and ends with it. */
async function waitsFor(held: ReturnType<typeof gate>, work: () => Promise<unknown>) {
	let ended = false;
	const working = work().then(() => (ended = true));
	await held.reached;
	await soon();
	expect(ended).toBe(false);
	held.open();
	await working;
}

describe('what is asked', () => {
	test('tells how many are before it, and does not run yet', async () => {
		const first = paused('One');
		const { session, answers } = sessionWith([first.reply, says('Two'), says('Three')]);
		const conversations = [told('a'), told('b')];
		session.open(conversations[0]!);
		const asked = [session.send('first'), session.send('second')];
		expect(session.status.kind).toBe('saving');
		expect([session.busy, session.running]).toEqual([true, true]);
		session.open(conversations[1]!);
		expect([session.busy, session.running]).toEqual([false, false]);
		asked.push(session.send('third'));
		expect(session.status).toEqual({ kind: 'waiting', ahead: 2 });
		expect([session.busy, session.running]).toEqual([true, false]);
		first.open();
		await Promise.all(asked);
		expect(answers.queue.waiting).toEqual([]);
	});

	test('tells the place in a queue that is held, where nothing runs', () => {
		const { session, answers } = sessionWith([]);
		answers.lease('Measure', new AbortController().signal).catch(() => undefined);
		void session.send('a');
		expect(session.status).toEqual({ kind: 'waiting', ahead: 1 });
	});

	test('may be nothing, which is not asked, or an image alone', async () => {
		const { session, asked } = sessionWith([]);
		expect(await session.send(' \n')).toBe(true);
		expect([session.messages, asked]).toEqual([[], []]);
		expect(await session.send('', [PICTURE])).toBe(true);
		expect(session.messages[0]).toMatchObject({ text: '', images: [PICTURE] });
		await session.send('Is it?');
		expect(session.messages.at(-1)).not.toHaveProperty('images');
	});

	test('in other words that are none changes nothing', async () => {
		const { session } = await opened();
		await session.edit('q2', ' ');
		expect(texts(session)).toEqual(['q1', 'a1', 'q2', 'a2']);
	});

	test('in other words, where the queue is full, stays as it was', async () => {
		const { session, answers } = await opened([endless]);
		for (let n = 0; n <= MAX_WAITING; n++) void session.send(`${n}`);
		expect(answers.full).toBe(true);
		const before = session.conversation;
		session.editing = 'q1';
		await session.edit('q1', 'other');
		await session.regenerate('a1');
		expect(await session.send('more')).toBe(false);
		expect([session.conversation, session.editing]).toEqual([before, 'q1']);
		await answers.cancelAll();
	});

	test('in other words after no model could be loaded is tried again', async () => {
		const gone = new Failure('blocked', 'Too large.');
		let loads = 0;
		const { session, engine, asked } = sessionWith([says('Yes.')], 1024, {
			engine: () => (++loads === 1 ? Promise.reject(gone) : Promise.resolve(engine))
		});
		void session.send('Is 97 prime?');
		await vi.waitFor(() => expect(session.status.kind).toBe('failed'));
		session.editing = session.messages[0]!.id;
		await session.edit(session.messages[0]!.id, 'Is 91 prime?');
		await vi.waitFor(() => expect(texts(session)).toEqual(['Is 91 prime?', 'Yes.']));
		expect([session.editing, asked.length]).toEqual([null, 1]);
	});
});

describe('ends with the answer:', () => {
	test.each<[string, (session: Session) => Promise<unknown>]>([
		['a message', (session) => session.send('More')],
		['another answer', (session) => session.regenerate('a2')],
		['other words', (session) => session.edit('q2', 'Other')],
		['going on with an answer', (session) => session.continue('a2')],
		['trying again', (session) => session.retry()]
	])('%s', async (_, act) => {
		const held = gate();
		const { session } = await opened([
			async (_, say) => {
				await held.step();
				return says('Yes.')({} as never, say, new AbortController().signal);
			}
		]);
		await waitsFor(held, () => act(session));
		expect(session.messages.at(-1)?.text).toContain('Yes.');
		expect(session.busy).toBe(false);
	});
});

describe('ends when it is saved:', () => {
	const cut = () => leaveOut(talk(), ['q1']);

	test.each<[string, (session: Session) => Promise<unknown>, (session: Session) => void]>([
		[
			'showing the answer beside',
			(session) => session.step('a2', -1),
			(session) => expect(texts(session).at(-1)).toBe('a0')
		],
		[
			'revealing a message of another branch',
			(session) => session.reveal('a0'),
			(session) => expect([session.revealed, texts(session).at(-1)]).toEqual(['a0', 'a0'])
		],
		[
			'deleting a turn',
			(session) => session.removeTurn('q2'),
			(session) => {
				expect(texts(session)).toEqual(['q1', 'a1']);
				expect(session.beforeRemoval).not.toBeNull();
			}
		],
		[
			'sending again what was left out',
			(session) => session.takeBack(['q1']),
			(session) => expect(find(session.conversation, 'q1')?.leftOut).toBeUndefined()
		]
	])('%s', async (_, act, check) => {
		const { session, saving, store } = await opened([], cut());
		const held = gate();
		saving.before = held.step;
		await waitsFor(held, () => act(session));
		check(session);
		expect(await store.load('talk')).toEqual(session.conversation);
	});

	test('bringing a turn back', async () => {
		const { session, saving } = await opened();
		await session.undoRemoval();
		expect(texts(session)).toEqual(['q1', 'a1', 'q2', 'a2']);
		await session.removeTurn('q2');
		const held = gate();
		saving.before = held.step;
		await waitsFor(held, () => session.undoRemoval());
		expect(texts(session)).toEqual(['q1', 'a1', 'q2', 'a2']);
		expect(session.beforeRemoval).toBeNull();
	});

	test('stopping', async () => {
		const { session, saving } = await opened([endless]);
		void session.send('More');
		await vi.waitFor(() => expect(session.status.kind).toBe('answering'));
		const held = gate();
		saving.before = held.step;
		await waitsFor(held, () => session.stop());
	});
});

describe('while an answer is written', () => {
	test('other branches stay where they are, and turns are not deleted', async () => {
		const { session } = await opened([endless]);
		void session.send('More');
		await vi.waitFor(() => expect(session.status.kind).toBe('answering'));
		const before = texts(session);
		await session.step('a2', -1);
		await session.reveal('a0');
		await session.removeTurn('q1');
		expect(texts(session)).toEqual(before);
		expect([session.revealed, session.beforeRemoval]).toEqual([null, null]);
		await session.reveal('q1');
		expect(session.revealed).toBe('q1');
		await session.stop();
	});

	test('the same conversation can be opened again, and is answered on', async () => {
		const { session, answers } = await opened([endless]);
		void session.send('More');
		const { conversation } = session;
		session.open(conversation);
		expect(answers.thread(conversation.id)).toBeDefined();
		expect(session.busy).toBe(true);
		await session.stop();
	});
});

test('the answers beside end at the first and the last', async () => {
	const { session } = await opened();
	await session.step('a2', 1);
	expect(texts(session).at(-1)).toBe('a2');
	await session.step('a2', -1);
	await session.step('a0', -1);
	expect(texts(session).at(-1)).toBe('a0');
});

test('a question that another tab deleted is not answered again, and one that is asked not twice', async () => {
	const { session, asked } = await opened([says('Yes.')]);
	await session.regenerate('q1');
	await session.regenerate('gone');
	expect(asked).toEqual([]);
	const first = session.regenerate('a2');
	await session.regenerate('a0');
	await first;
	expect(asked).toHaveLength(1);
});

describe('trying again', () => {
	test('answers the last question once more where all are answered', async () => {
		const { session } = await opened([says('Yes.')]);
		await session.retry();
		expect(texts(session)).toEqual(['q1', 'a1', 'q2', 'Yes.']);
	});

	test('answers what stands unanswered, in order, and nothing of an empty conversation', async () => {
		const empty = sessionWith([]);
		await empty.session.retry();
		expect(empty.asked).toEqual([]);
		const open = append(append(talk(), { role: 'user', text: 'x' }), { role: 'user', text: 'y' });
		const { session } = await opened([says('X'), says('Y')], open);
		expect(session.unanswered.map(({ text }) => text)).toEqual(['x', 'y']);
		await session.retry();
		expect(texts(session).slice(4)).toEqual(['x', 'X', 'y', 'Y']);
		expect(session.unanswered).toEqual([]);
	});
});

describe('a draft', () => {
	test('of an image alone waits with its conversation', () => {
		const { session } = sessionWith([]);
		const left: [string, string, number][] = [];
		const stop = session.onDraft((key, { text, images }) => left.push([key, text, images.length]));
		session.open(talk());
		session.draftImages = [PICTURE];
		session.open(told('b'));
		expect([left, session.draftImages]).toEqual([[['talk', '', 1]], []]);
		session.open(talk());
		expect(session.draftImages).toEqual([PICTURE]);
		session.draftImages = [];
		session.open(told('c'));
		expect(left).toHaveLength(1);
		stop();
		session.draft = 'x';
		session.open(talk());
		expect(left).toHaveLength(1);
	});

	test('takes quoted words behind its own', () => {
		const { session } = sessionWith([]);
		session.quote('a\nb\n');
		expect(session.draft).toBe('> a\n> b\n\n');
		session.quote('c');
		expect(session.draft).toBe('> a\n> b\n\n> c\n\n');
	});
});

test('what is opened is read, shows nothing of the one before, and answers another branch', async () => {
	const { session, answers } = await opened();
	await session.removeTurn('q2');
	session.editing = 'q1';
	session.revealed = 'q1';
	answers.unread.add('other');
	session.open({ ...editAndBranch(talk(), 'q1', 'x'), id: 'other' });
	expect([session.editing, session.revealed, session.beforeRemoval]).toEqual([null, null, null]);
	expect(answers.unread.has('other')).toBe(false);
	expect(texts(session)).toEqual(['x']);
});

describe('an offer for a message that is too long', () => {
	test('to shorten it opens it for other words, and nothing else', async () => {
		const { session, asked } = sessionWith([], 256);
		await session.send('word '.repeat(2000));
		const [question] = session.messages;
		const offer = { kind: 'shorten-message', tokens: 1, sentence: '' } as never;
		await session.accept(offer);
		expect([session.editing, session.status.kind]).toEqual([question!.id, 'too-long']);
		expect(asked).toEqual([]);
	});

	test('says nothing any more where nothing is too long', async () => {
		const { session } = await opened();
		await session.accept({ kind: 'leave-out', turnIds: ['q1'], tokens: 1, sentence: '' } as never);
		expect(find(session.conversation, 'q1')).not.toHaveProperty('leftOut');
	});
});

test('trying again goes on with what waits, and ends with its answer', async () => {
	const held = gate();
	let loads = 0;
	const { session, engine } = sessionWith(
		[
			async (_, say) => {
				await held.step();
				return says('Yes.')({} as never, say, new AbortController().signal);
			}
		],
		1024,
		{
			engine: () =>
				++loads === 1
					? Promise.reject(new Failure('blocked', 'Too large.'))
					: Promise.resolve(engine)
		}
	);
	void session.send('One');
	await vi.waitFor(() => expect(session.status.kind).toBe('failed'));
	await waitsFor(held, () => session.retry());
	expect(texts(session)).toEqual(['One', 'Yes.']);
});

test('a message is sent with the wish for it alone', async () => {
	const { session, answers } = sessionWith([endless, says('Two')]);
	const wish = { priority: 'speed', floor: null } as never;
	session.nextWish = wish;
	void session.send('One');
	void session.send('Two');
	const ids = [answers.queue.running!.id, answers.queue.waiting[0]!.id];
	expect(ids.map((id) => answers.taskOf(id)?.wish)).toEqual([wish, undefined]);
	expect(session.nextWish).toBeNull();
	await answers.cancelAll();
});
