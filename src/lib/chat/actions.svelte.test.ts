import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Announcer } from '../ui/announcer.svelte.ts';
import { act } from './actions.ts';
import { append, create } from './conversation.ts';
import { composerId, focusOn } from './focus.ts';
import { endless, says, sessionWith, texts, type Reply } from './session.fixture.ts';
import type { Action } from './shortcuts.ts';

const hash = location.hash;
beforeEach(() => {
	document.body.innerHTML = `<textarea id="${composerId}"></textarea><input id="search-conversations" />`;
});
afterEach(() => {
	vi.restoreAllMocks();
	document.body.innerHTML = '';
	history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash);
});

/** q1 a1 q2 a2, and what an action does to it. */
function world(replies: Reply[] = [], ids = ['q1', 'a1', 'q2', 'a2']) {
	const { session } = sessionWith(replies);
	session.open(
		ids.reduce(
			(all, id) =>
				append(all, { id, role: id.startsWith('q') ? 'user' : 'assistant', text: `text ${id}` }, 0),
			create({ id: 'talk' }, 0)
		)
	);
	const announcer = new Announcer();
	const said: string[] = [];
	const opening = {
		openConversation: (id: string) => Promise.resolve(void said.push(`open ${id}`))
	};
	const doing = (action: Action) =>
		act(
			action,
			{ session, announcer, opening },
			(name) => said.push(`dialog ${name}`),
			() => said.push('conversations')
		);
	return { session, announcer, said, doing };
}
const focused = () => document.activeElement?.id;

describe('a shortcut', () => {
	test.each<Action>(['shortcuts', 'settings', 'conversation'])('opens the dialog %s', (name) => {
		const { said, doing } = world();
		doing(name);
		expect(said).toEqual([`dialog ${name}`]);
	});

	test('for a new conversation opens it and goes to the field for messages', async () => {
		const { said, doing } = world();
		doing('new');
		expect([said, location.hash]).toEqual([['open new'], '#new']);
		await vi.waitFor(() => expect(focused()).toBe(composerId));
	});

	test('for the search shows the list of conversations and goes to its field', async () => {
		const { said, doing } = world();
		doing('search');
		expect(said).toEqual(['conversations']);
		await vi.waitFor(() => expect(focused()).toBe('search-conversations'));
	});

	test('for writing goes to the field for messages', async () => {
		world().doing('write');
		await vi.waitFor(() => expect(focused()).toBe(composerId));
	});

	test('for another answer asks the last question again', async () => {
		const { session, doing } = world([says('Other.')]);
		doing('regenerate');
		// What writes answers is fetched first.
		await vi.waitFor(() => expect(texts(session).at(-1)).toBe('Other.'), { timeout: 10_000 });
		expect(texts(session).slice(0, 3)).toEqual(['text q1', 'text a1', 'text q2']);
		const unanswered = world([], ['q1']);
		unanswered.doing('regenerate');
		await vi.waitFor(() => expect(focused()).toBe(composerId));
		expect(unanswered.session.busy).toBe(false);
	});

	test('for other words opens the last question, unless it is being answered', async () => {
		const { session, doing } = world([endless]);
		doing('edit');
		expect(session.editing).toBe('q2');
		session.editing = null;
		void session.regenerate('a2');
		await vi.waitFor(() => expect(session.status.kind).toBe('answering'));
		doing('edit');
		expect(session.editing).toBeNull();
		await session.stop();
		const empty = world([], []);
		empty.doing('edit');
		expect(empty.session.editing).toBeNull();
	});

	test('for the clipboard copies the last answer, and says whether it may', async () => {
		const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
		const { announcer, doing } = world();
		doing('copy');
		await vi.waitFor(() => expect(announcer.text).toBe('Answer copied'));
		expect(write.mock.calls).toEqual([['text a2']]);
		write.mockRejectedValue(new Error('No.'));
		vi.spyOn(document, 'execCommand').mockReturnValue(false);
		doing('copy');
		await vi.waitFor(() =>
			expect(announcer.text).toBe('The browser did not allow it to be copied.')
		);
	});

	test('for the clipboard does nothing where there is no answer', async () => {
		const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
		const { announcer, doing } = world([], ['q1']);
		doing('copy');
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect([write.mock.calls, announcer.text]).toEqual([[], '']);
	});
});

test('where what is to get the focus is gone, the field for messages gets it', async () => {
	await focusOn('search-conversations');
	expect(focused()).toBe('search-conversations');
	await focusOn('gone');
	expect(focused()).toBe(composerId);
});
