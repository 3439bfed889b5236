import { describe, expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { append, create, rename, type Conversation } from './conversation.ts';
import { Thread } from './thread.svelte.ts';

const asked = () => append(create({ id: 'c' }, 0), { id: 'q', role: 'user', text: 'Why?' }, 0);

/** A thread on a disk that does what the test says. */
function threadOn(save: (conversation: Conversation) => Promise<Conversation>) {
	return new Thread(asked(), { save });
}

describe('a change', () => {
	test('is over when it is saved, with what another tab has added', async () => {
		const disk = gate();
		const thread = threadOn(async (conversation) => {
			await disk.step();
			return append(conversation, { id: 'a', role: 'assistant', text: 'Elsewhere' }, 0);
		});
		let over = false;
		const changing = thread.change((each) => rename(each, 'New')).then(() => (over = true));
		await disk.reached;
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect([over, thread.conversation.title, thread.messages.length]).toEqual([false, 'New', 1]);
		disk.open();
		await changing;
		expect(thread.messages.map(({ text }) => text)).toEqual(['Why?', 'Elsewhere']);
	});

	test('that is made while another one is saved stays', async () => {
		const disk = gate();
		const thread = threadOn(async (conversation) => {
			await disk.step();
			return conversation;
		});
		const first = thread.change((each) => rename(each, 'First'));
		await disk.reached;
		const second = thread.change((each) => rename(each, 'Second'));
		disk.open();
		await Promise.all([first, second]);
		expect(thread.conversation.title).toBe('Second');
	});

	test('that cannot be saved is kept here, and why is said until one can', async () => {
		// A library may throw anything.
		const answers = [new Error('No room.'), 'odd'] as Error[];
		const thread = threadOn((conversation) => {
			const thrown = answers.shift();
			return thrown === undefined ? Promise.resolve(conversation) : Promise.reject(thrown);
		});
		await thread.change((each) => rename(each, 'New'));
		expect([thread.storageProblem, thread.conversation.title]).toEqual(['No room.', 'New']);
		await thread.save();
		expect(thread.storageProblem).toBe('odd');
		await thread.save();
		expect(thread.storageProblem).toBeNull();
	});

	test('is saved with the words that came since the last one', async () => {
		const saved: string[] = [];
		const thread = threadOn((conversation) => {
			saved.push(conversation.title);
			return Promise.resolve(conversation);
		});
		thread.gather = () => (thread.conversation = rename(thread.conversation, 'Gathered'));
		await thread.save();
		expect(saved).toEqual(['Gathered']);
	});
});

describe('what is shown while an answer is read for', () => {
	const talk = () =>
		['a', 'q2', 'a2'].reduce(
			(all, id) =>
				append(all, { id, role: id.startsWith('q') ? 'user' : 'assistant', text: id }, 0),
			asked()
		);
	const shown = (questionId: string | null, messageId: string | null = null) => {
		const thread = new Thread(talk(), { save: (each) => Promise.resolve(each) });
		thread.status = { kind: 'answering', questionId, messageId };
		return thread.messages.map(({ id }) => id);
	};

	test.each([
		['ends with the first question', 'q', ['q']],
		['ends with a later question', 'q2', ['q', 'a', 'q2']],
		['is all where an answer goes on', null, ['q', 'a', 'q2', 'a2']],
		['is all where the question is of another branch', 'other', ['q', 'a', 'q2', 'a2']]
	])('%s', (_, questionId, ids) => {
		expect(shown(questionId)).toEqual(ids);
	});

	test('is all once it has a word', () => {
		expect(shown('q2', 'a2')).toEqual(['q', 'a', 'q2', 'a2']);
	});

	test('is the question and what follows it where nothing has answered it', () => {
		const both = append(asked(), { id: 'q2', role: 'user', text: 'And?' }, 0);
		const thread = new Thread(both, { save: (each) => Promise.resolve(each) });
		thread.status = { kind: 'answering', questionId: 'q', messageId: null };
		expect(thread.messages.map(({ id }) => id)).toEqual(['q', 'q2']);
	});
});
