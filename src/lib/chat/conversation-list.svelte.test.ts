import { afterEach, describe, expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import type { Lazily } from '../kit/lazily.ts';
import type { Answers } from './answers.svelte.ts';
import { ConversationList } from './conversation-list.svelte.ts';
import { append, create, type Conversation } from './conversation.ts';
import type { Session } from './session.svelte.ts';
import type { Change, ConversationStore } from './store/conversations.ts';
import type { Summary } from './store/listing.ts';

const summary = (id: string): Summary => ({
	id,
	title: `Title ${id}`,
	updatedAt: 1,
	pinned: false,
	count: 1,
	preview: ''
});
const conversation = (id: string): Conversation =>
	append(create({ id, title: `Title ${id}` }, 0), { id: `q-${id}`, role: 'user', text: id }, 0);
const soon = () => new Promise((resolve) => setTimeout(resolve));

type Step = (name: string) => Promise<unknown>;

/** A list over a store that is nothing but its answers; `step` runs in each call before its answer. */
function rig() {
	const said: string[] = [];
	const world = {
		step: (() => Promise.resolve()) as Step,
		live: null as string | null,
		there: ['a', 'b'],
		unreadable: 0,
		restores: true,
		change: (() => undefined) as (change: Change) => void
	};
	const saved: Conversation[] = [];
	const call = async <T>(name: string, value: T): Promise<T> => {
		await world.step(name);
		said.push(name);
		return value;
	};
	const store: Partial<Lazily<ConversationStore>> = {
		onChange: (listener) => {
			world.change = listener;
			return call('onChange', () => undefined);
		},
		list: () => call('list', world.there.map(summary)),
		purge: () => call('purge', undefined),
		adoptLate: () => call('adoptLate', undefined),
		setAside: () => call('setAside', [{ key: 'x', record: 1 }] as never),
		prepareSearch: () => call('prepareSearch', undefined),
		search: (query) => call(`search ${query}`, { hits: [], total: query.length }),
		load: (id) => call(`load ${id}`, world.there.includes(id) ? conversation(id) : null),
		loadAll: () =>
			call('loadAll', {
				conversations: world.there.map(conversation),
				unreadable: world.unreadable
			}),
		save: (each) => {
			saved.push(each);
			return call(`save ${each.id}`, each);
		},
		remove: (id) => call(`remove ${id}`, undefined),
		restore: (id) => call(`restore ${id}`, world.restores),
		add: (list) => call(`add ${list.length}`, [...list])
	};
	const session = {
		live: (id: string) =>
			id === world.live
				? {
						conversation: { ...conversation(id), title: 'Live' },
						change: (update: (each: Conversation) => Conversation) =>
							call(`live ${update(conversation(id)).title}`, undefined)
					}
				: undefined
	} as unknown as Session;
	const answers = { endAll: (id: string) => call(`end ${id}`, undefined) } as unknown as Answers;
	const list = new ConversationList(store as Lazily<ConversationStore>, session, answers);
	/** The next call of that name waits until it is told to go on, or fails. */
	const holding = (name: string) => {
		const held = gate();
		world.step = (each) => (each === name ? held.step() : Promise.resolve());
		return held;
	};
	const failing = (name: string) => {
		world.step = (each) =>
			each === name ? Promise.reject(new Error(`No ${name}.`)) : Promise.resolve();
	};
	return { list, said, world, saved, holding, failing };
}

describe('the list', () => {
	test('is there once it was read, and what is old goes after that', async () => {
		const { list, said } = rig();
		expect([list.ready, list.summaries]).toEqual([false, []]);
		await list.start();
		expect(said).toEqual(['onChange', 'list', 'purge', 'adoptLate', 'setAside']);
		expect(list.summaries.map(({ id }) => id)).toEqual(['a', 'b']);
		expect([list.ready, list.problem, list.setAside.length]).toEqual([true, null, 1]);
	});

	test.each(['onChange', 'list', 'purge', 'adoptLate'])(
		'does one thing after the other: %s is awaited',
		async (name) => {
			const { list, said, holding } = rig();
			const held = holding(name);
			const started = list.start();
			await held.reached;
			await soon();
			const all = ['onChange', 'list', 'purge', 'adoptLate', 'setAside'];
			expect(said).toEqual(all.slice(0, all.indexOf(name)));
			expect(list.ready).toBe(all.indexOf(name) > 1);
			held.open();
			await started;
			expect(said).toEqual(all);
			expect(list.setAside).toHaveLength(1);
		}
	);

	test.each(['onChange', 'list', 'purge', 'setAside'])(
		'is ready although %s fails, which is said',
		async (name) => {
			const { list, failing, said } = rig();
			failing(name);
			await list.start();
			expect([list.ready, list.problem]).toEqual([true, `No ${name}.`]);
			expect(said).toContain(name === 'purge' ? 'list' : 'purge');
		}
	);

	test('follows what other tabs do, and ends what they deleted', async () => {
		const { list, said, world } = rig();
		await list.start();
		said.length = 0;
		world.there = ['b'];
		world.change({ kind: 'removed', ids: ['a'] });
		await vi.waitFor(() => expect(list.summaries.map(({ id }) => id)).toEqual(['b']));
		expect(said).toEqual(['end a', 'list']);
		said.length = 0;
		world.change({ kind: 'saved', ids: ['b'] });
		await vi.waitFor(() => expect(said).toEqual(['list']));
	});
});

describe('a search', () => {
	test('shows what was found, keeps it while the next one runs, and ends with the query', async () => {
		const { list, holding } = rig();
		await list.search('oven');
		expect(list.found).toEqual({ query: 'oven', hits: [], total: 4 });
		const held = holding('search ovens');
		const searching = list.search('ovens');
		await held.reached;
		expect(list.found).toEqual({ query: 'ovens', hits: [], total: 4 });
		held.open();
		await searching;
		expect(list.found?.total).toBe(5);
		await list.search(' ');
		expect(list.found).toBeNull();
	});

	test('that is slower than the one after it is forgotten', async () => {
		const { list, holding } = rig();
		const held = holding('search ov');
		const slow = list.search('ov');
		await held.reached;
		await list.search('oven');
		held.open();
		await slow;
		expect(list.found).toEqual({ query: 'oven', hits: [], total: 4 });
	});

	test('is made again when the list changes, and only if there is one', async () => {
		const { list, said } = rig();
		await list.refresh();
		await list.search('oven');
		await list.refresh();
		expect(said).toEqual(['list', 'search oven', 'list', 'search oven']);
	});

	test('can be prepared', async () => {
		const { list, said, holding } = rig();
		const held = holding('prepareSearch');
		let ready = false;
		const preparing = list.prepareSearch().then(() => (ready = true));
		await held.reached;
		await soon();
		expect(ready).toBe(false);
		held.open();
		await preparing;
		expect(said).toEqual(['prepareSearch']);
	});
});

describe('a conversation', () => {
	test('that is stored is renamed and pinned there', async () => {
		const { list, said, saved } = rig();
		await list.rename('a', 'New');
		await list.pin('a', true);
		expect(said).toEqual(['load a', 'save a', 'load a', 'save a']);
		expect(saved.map(({ title, pinned }) => [title, pinned])).toEqual([
			['New', false],
			['Title a', true]
		]);
	});

	test('that is shown or answered is changed as it stands, and one that is gone is left alone', async () => {
		const { list, said, world } = rig();
		world.live = 'a';
		await list.rename('a', 'New');
		await list.rename('gone', 'New');
		expect(said).toEqual(['live New', 'load gone']);
	});

	test.each([
		['rename', 'load a', (list: ConversationList) => list.rename('a', 'New')],
		['rename', 'save a', (list: ConversationList) => list.rename('a', 'New')],
		['pin', 'save a', (list: ConversationList) => list.pin('a', true)],
		['remove', 'end a', (list: ConversationList) => list.remove('a')],
		['remove', 'remove a', (list: ConversationList) => list.remove('a')],
		['refresh', 'list', (list: ConversationList) => list.refresh()],
		['search', 'search x', (list: ConversationList) => list.search('x')],
		['prepareSearch', 'prepareSearch', (list: ConversationList) => list.prepareSearch()]
	])('%s ends with its last step, and says when %s fails', async (_, name, act) => {
		const { list, holding, failing } = rig();
		const held = holding(name);
		let ended = false;
		const acting = act(list).then(() => (ended = true));
		await held.reached;
		await soon();
		expect(ended).toBe(false);
		held.open();
		await acting;
		expect(list.problem).toBeNull();
		failing(name);
		await act(list);
		expect(list.problem).toBe(`No ${name}.`);
	});

	test('that is deleted is answered no more before it goes, and can be brought back', async () => {
		const { list, said, world, holding } = rig();
		await list.start();
		said.length = 0;
		const held = holding('end a');
		const removing = list.remove('a');
		await held.reached;
		await soon();
		expect([said, list.removed]).toEqual([[], null]);
		held.open();
		await removing;
		expect(said).toEqual(['end a', 'remove a']);
		expect(list.removed).toEqual({ id: 'a', title: 'Title a' });
		expect(await list.undo()).toBe('a');
		expect([said.at(-1), list.removed]).toEqual(['restore a', null]);
		expect(await list.undo()).toBeNull();
		await list.remove('unlisted');
		expect(list.removed).toEqual({ id: 'unlisted', title: '' });
		world.restores = false;
		expect(await list.undo()).toBeNull();
	});
});

describe('a file', () => {
	const files: { name: string; text: string; type: string }[] = [];
	afterEach(() => {
		vi.restoreAllMocks();
		files.length = 0;
	});

	/** Takes what would be handed to the browser. */
	function taken() {
		const blobs: Blob[] = [];
		vi.spyOn(URL, 'createObjectURL').mockImplementation(
			(blob) => `blob:${blobs.push(blob as Blob)}`
		);
		const names: string[] = [];
		vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
			this: HTMLAnchorElement
		) {
			names.push(this.download);
		});
		return async () =>
			Promise.all(
				blobs.map(async (blob, n) => ({
					name: names[n],
					type: blob.type,
					text: await blob.text()
				}))
			);
	}

	test('has one conversation, as it stands, or all, to be imported or read', async () => {
		const { list, world } = rig();
		const read = taken();
		await list.export('a', 'json');
		world.live = 'a';
		await list.export('a', 'md');
		await list.export(null, 'json');
		await list.export('gone', 'md');
		const written = await read();
		expect(written.map(({ name, type }) => [name, type])).toEqual([
			['Title-a.json', 'application/json'],
			['Live.md', 'text/markdown'],
			['Headroom-conversations.json', 'application/json'],
			['conversation.md', 'text/markdown']
		]);
		expect(written[0]?.text).toContain('"id": "a"');
		expect(written[1]?.text).toMatch(/^# Live/);
		expect(written[2]?.text).toContain('"id": "b"');
		expect(list.problem).toBeNull();
	});

	test('without some that could not be read says how many', async () => {
		const { list, world } = rig();
		taken();
		world.unreadable = 1;
		await list.export(null, 'json');
		expect(list.problem).toBe('Conversations left out because they cannot be read: 1.');
		world.unreadable = 2;
		await list.export(null, 'json');
		expect(list.problem).toBe('Conversations left out because they cannot be read: 2.');
		await list.export('a', 'json');
		expect(list.problem).toBeNull();
	});

	test('of what was set aside holds it as it was found', async () => {
		const { list } = rig();
		const read = taken();
		await list.start();
		await list.saveSetAside();
		const [file] = await read();
		expect(file).toMatchObject({ name: 'headroom-set-aside.json', type: 'application/json' });
		expect(JSON.parse(file?.text ?? '')).toEqual([{ key: 'x', record: 1 }]);
	});

	const chat = (name: string, content: string) =>
		new File([`{"messages":[{"role":"user","content":"${content}"}]}`], name);

	test('that is imported adds its conversations, and one that cannot be is named with the reason', async () => {
		const { list, said, failing } = rig();
		await list.importFiles([
			chat('a.json', 'Hi'),
			new File(['[]'], 'b.json'),
			chat('c.json', 'Yo')
		]);
		expect(said).toEqual(['add 1', 'add 1']);
		expect(list.report).toMatchObject({ conversations: 2, messages: 2 });
		expect(list.report?.refused).toEqual([
			expect.stringMatching(/^b\.json: .* Expected an export of .*, found a list of 0\.$/)
		]);
		failing('add 1');
		await list.importFiles([chat('d.json', 'Hi')]);
		expect(list.report).toMatchObject({ conversations: 0, refused: ['d.json: No add 1.'] });
	});

	test('that was read already is added as well', async () => {
		const { list, said, holding } = rig();
		const { importFile } = await import('./exchange/import.ts');
		const held = holding('add 1');
		const adding = list.add('a.json', await importFile(chat('a.json', 'Hi')));
		await held.reached;
		await soon();
		expect(list.report).toBeNull();
		held.open();
		await adding;
		expect([said, list.report?.conversations]).toEqual([['add 1'], 1]);
	});
});
