import { createStore, get, keys, set, setMany } from 'idb-keyval';
import { afterEach, expect, test, vi } from 'vitest';
import { append, create, find, path, pin, removeTurn, rename } from '../conversation.ts';
import { ConversationStore, type Change } from './conversations.ts';
import database1 from './samples/database-v1.json';

const opened: ConversationStore[] = [];
/** As many tabs on one database of their own. */
function tabs(count: number): { name: string; stores: ConversationStore[] } {
	const name = `conversations-${crypto.randomUUID()}`;
	const stores = Array.from({ length: count }, () => new ConversationStore(name));
	opened.push(...stores);
	return { name, stores };
}
function tab(): ConversationStore {
	return tabs(1).stores[0]!;
}
afterEach(() => {
	for (const store of opened.splice(0)) store.close();
});

const question = (text: string) => append(create(), { role: 'user', text });

test('what was saved is listed and loads again as it was', async () => {
	const store = tab();
	const saved = append(question('Why?'), { role: 'assistant', text: 'Because.' });
	await store.save(saved);
	expect(await store.load(saved.id)).toEqual(saved);
	expect(await store.list()).toEqual([
		{
			id: saved.id,
			title: 'Why?',
			updatedAt: saved.updatedAt,
			pinned: false,
			count: 2,
			preview: 'Because.'
		}
	]);
});

test('pinned conversations are listed first, then the latest', async () => {
	const store = tab();
	const [a, b, c] = [1000, 2000, 3000].map((now) => create({ title: String(now) }, now));
	for (const each of [b!, pin(a!, true), c!]) await store.save(each);
	expect((await store.list()).map(({ title }) => title)).toEqual(['1000', '3000', '2000']);
});

test('a removed conversation is gone from the list and comes back by undo', async () => {
	const store = tab();
	const saved = await store.save(question('Keep me'));
	await store.remove(saved.id);
	expect(await store.list()).toEqual([]);
	expect(await store.load(saved.id)).toBeNull();
	expect(await store.restore(saved.id)).toBe(true);
	expect(await store.load(saved.id)).toEqual(saved);
	expect(await store.list()).toHaveLength(1);
});

test('after the trash is emptied nothing comes back', async () => {
	const store = tab();
	const saved = await store.save(question('Delete me'));
	await store.remove(saved.id);
	await store.purge();
	expect(await store.restore(saved.id)).toBe(true);
	await store.remove(saved.id);
	await store.purge(0);
	expect(await store.restore(saved.id)).toBe(false);
});

test('a late save does not bring a removed conversation back, and undo has it', async () => {
	const store = tab();
	const saved = await store.save(question('First'));
	await store.remove(saved.id);
	const more = append(saved, { role: 'assistant', text: 'Second' });
	await store.save(more);
	expect(await store.list()).toEqual([]);
	await store.restore(saved.id);
	expect(path((await store.load(saved.id))!)).toHaveLength(2);
});

test('two tabs that write at once keep both messages', async () => {
	const {
		stores: [first, second]
	} = tabs(2);
	const { id } = await first!.save(question('Start'));
	const mine = (await first!.load(id))!;
	const theirs = (await second!.load(id))!;
	await Promise.all([
		first!.save(append(mine, { role: 'assistant', text: 'from the first' })),
		second!.save(append(theirs, { role: 'assistant', text: 'from the second' }))
	]);
	const texts = (await first!.load(id))!.messages.map(({ text }) => text);
	expect(texts.sort()).toEqual(['Start', 'from the first', 'from the second']);
});

test('a tab that only writes a message keeps the title another tab gave', async () => {
	const {
		stores: [first, second]
	} = tabs(2);
	const { id } = await first!.save(question('Start'));
	const theirs = (await second!.load(id))!;
	await first!.save(rename((await first!.load(id))!, 'A better name'));
	const merged = await second!.save(append(theirs, { role: 'assistant', text: 'Yes' }));
	expect(merged.title).toBe('A better name');
	expect(merged.messages).toHaveLength(2);
});

test('a turn removed in one tab is not brought back by the other', async () => {
	const {
		stores: [first, second]
	} = tabs(2);
	const start = question('Start');
	const { id } = await first!.save(append(start, { role: 'assistant', text: 'Answer' }));
	const theirs = (await second!.load(id))!;
	const mine = (await first!.load(id))!;
	await first!.save(removeTurn(mine, mine.messages[0]!.id));
	const merged = await second!.save(append(theirs, { role: 'user', text: 'And then?' }));
	expect(merged.messages.map(({ text }) => text)).toEqual(['And then?']);
	expect(path(merged)).toHaveLength(1);
});

test('other tabs hear of a change', async () => {
	const {
		stores: [first, second]
	} = tabs(2);
	const heard = new Promise<Change>((resolve) => second!.onChange(resolve));
	const { id } = await first!.save(question('Hello'));
	expect(await heard).toEqual({ kind: 'saved', ids: [id] });
});

test('a record that cannot be read is set aside, reported, and not listed', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	await store!.save(question('Good'));
	const raw = createStore(name, 'records');
	await set(['conversation', 'bad'], { version: 1, id: 'bad', messages: 'none' }, raw);
	expect(await store!.list()).toHaveLength(1);
	expect(await store!.setAside()).toMatchObject([
		{ id: 'bad', raw: { version: 1, id: 'bad', messages: 'none' } }
	]);
});

test('a record of a newer version is neither read nor replaced', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	const raw = createStore(name, 'records');
	const newer = { version: 99, id: 'x', messages: [], wonder: true };
	await set(['conversation', 'x'], newer, raw);
	await expect(store!.load('x')).rejects.toMatchObject({
		kind: 'newer-version',
		detail: { record: 'x', found: 'version 99' }
	});
	await expect(store!.save(create({ id: 'x' }))).rejects.toMatchObject({ kind: 'newer-version' });
	expect(await get(['conversation', 'x'], raw)).toEqual(newer);
});

test('saving over a damaged record keeps the damaged one aside', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	const raw = createStore(name, 'records');
	const good = { id: 'm', parent: null, role: 'user', text: 'Good', createdAt: 1 };
	const damaged = { version: 1, id: 'x', messages: [good, { id: 'n', role: 'user', text: 7 }] };
	await set(['conversation', 'x'], damaged, raw);
	const loaded = (await store!.load('x'))!;
	expect(find(loaded, 'm')?.text).toBe('Good');
	await store!.save(append(loaded, { role: 'assistant', text: 'More' }));
	expect(await store!.setAside()).toMatchObject([{ id: 'x', raw: damaged }]);
});

test('adding never replaces: a conversation whose id is taken becomes a copy', async () => {
	const store = tab();
	const mine = await store.save(question('Mine'));
	const deleted = await store.save(question('Deleted'));
	await store.remove(deleted.id);
	const theirs = create({ id: mine.id, title: 'Theirs' });
	const added = await store.add([theirs, theirs, { ...deleted, title: 'Back' }]);
	expect(new Set([mine.id, deleted.id, ...added.map(({ id }) => id)]).size).toBe(5);
	expect((await store.load(mine.id))?.title).toBe('Mine');
	expect((await store.list()).map(({ title }) => title).sort()).toEqual([
		'Back (copy)',
		'Mine',
		'Theirs (copy)',
		'Theirs (copy)'
	]);
});

test('all conversations are read for an export, and the unreadable ones counted', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	const saved = await store!.save(question('Good'));
	await set(['conversation', 'bad'], 'nonsense', createStore(name, 'records'));
	expect(await store!.loadAll()).toEqual({ conversations: [saved], unreadable: 1 });
});

test('a search follows what is saved, removed and brought back, here and in other tabs', async () => {
	const {
		stores: [first, second]
	} = tabs(2);
	const titles = async (store: ConversationStore) =>
		(await store.search('CREME brulee')).hits.map(({ title }) => title.text);
	expect(await titles(first!)).toEqual([]);
	const heard = new Promise((resolve) => first!.onChange(resolve));
	const saved = await second!.save(question('Crème brûlée'));
	await heard;
	expect(await titles(first!)).toEqual(['Crème brûlée']);
	await first!.remove(saved.id);
	expect(await titles(first!)).toEqual([]);
	await first!.restore(saved.id);
	expect(await titles(first!)).toEqual(['Crème brûlée']);
	await first!.save(append(rename(saved, 'Dessert'), { role: 'assistant', text: 'Burnt cream' }));
	expect((await first!.search('burnt brulee')).hits).toMatchObject([
		{ title: { text: 'Dessert' } }
	]);
});

test('a search says how many there are beyond those it returns', async () => {
	const store = tab();
	await store.add(Array.from({ length: 5 }, (_, n) => create({ title: `Topic ${n}` }, n)));
	const { hits, total } = await store.search('topic', 2);
	expect(total).toBe(5);
	expect(hits.map(({ title }) => title.text)).toEqual(['Topic 4', 'Topic 3']);
});

test('a conversation that was stored without its summary is listed and found', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	await set(['conversation', 'x'], question('Bare'), createStore(name, 'records'));
	expect((await store!.search('bare')).total).toBe(1);
	expect(await store!.list()).toMatchObject([{ title: 'Bare' }]);
});

test('what came in packed is found as it is now: changed, removed, brought back or imported again', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	const many = Array.from({ length: 60 }, (_, n) =>
		append(create({ title: `Old ${n}` }, n), { role: 'user', text: 'about ovens' }, n)
	);
	await store!.add(many);
	const packs = async () =>
		(await keys<[string, IDBValidKey]>(createStore(name, 'records'))).filter(
			([kind]) => kind === 'pack'
		);
	expect(await packs()).toHaveLength(1);
	/** As a newly opened page finds it. */
	const found = async (query: string) => {
		const fresh = new ConversationStore(name);
		opened.push(fresh);
		return (await fresh.search(query)).total;
	};
	expect(await found('ovens')).toBe(60);
	const [first, second, third] = many;
	await store!.save(append(first!, { role: 'assistant', text: 'about glaciers' }));
	await store!.remove(second!.id);
	await store!.remove(third!.id);
	await store!.restore(third!.id);
	expect(await found('glaciers')).toBe(1);
	expect(await found('ovens')).toBe(59);
	await store!.purge(-1);
	await store!.add(
		[{ ...second!, title: 'Back' }, ...many.slice(3, 60)].map((each) => ({ ...each }))
	);
	expect(await found('back ovens')).toBe(1);
	expect(await found('ovens')).toBe(117);
});

test('when many have changed they are packed again, and found as before', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	const several = Array.from({ length: 102 }, (_, n) => question(`Question ${n} on lava`));
	for (const each of several) await store!.save(each);
	const kinds = async (kind: string) =>
		(await keys<[string, IDBValidKey]>(createStore(name, 'records'))).filter(
			([each]) => each === kind
		);
	expect(await kinds('unpacked')).toHaveLength(102);
	expect((await store!.search('lava')).total).toBe(102);
	await expect.poll(() => kinds('unpacked'), { timeout: 10_000 }).toEqual([]);
	expect((await kinds('pack')).length).toBeGreaterThan(0);
	const fresh = new ConversationStore(name);
	opened.push(fresh);
	expect((await fresh.search('lava')).total).toBe(102);
	expect((await fresh.search('101 lava')).hits).toHaveLength(1);
});

test('two searches at once read once, and both answer', async () => {
	const store = tab();
	await store.add([question('one two'), question('two three')]);
	const [, first, second] = await Promise.all([
		store.prepareSearch(),
		store.search('two'),
		store.search('three')
	]);
	expect([first.total, second.total]).toEqual([2, 1]);
});

test('a tab that answers is not taken to the branch another tab shows', async () => {
	const {
		stores: [first, second]
	} = tabs(2);
	const start = await first!.save(question('Start'));
	const mine = append(start, { role: 'assistant', text: 'mine', parent: start.leaf });
	const theirs = append(start, { role: 'assistant', text: 'theirs', parent: start.leaf });
	await second!.save(theirs);
	const kept = await first!.save(mine);
	expect(kept.messages).toHaveLength(3);
	expect(kept.leaf).toBe(mine.leaf);
});

test('a database of version 1: every conversation is listed, found, opened and written on, and says who answered', async () => {
	const name = `conversations-${crypto.randomUUID()}`;
	await setMany(
		(database1 as [IDBValidKey, unknown][]).map(([key, value]) => [key, value]),
		createStore(name, 'records')
	);
	const before = new ConversationStore(name);
	opened.push(before);
	const listed = await before.list();
	expect(listed).toHaveLength(6);
	expect((await before.search('KV cache')).hits).toHaveLength(6);
	for (const { id, count } of listed) {
		const conversation = await before.load(id);
		if (!conversation) throw new Error(`${id} is lost.`);
		expect(path(conversation)).toHaveLength(count);
		expect(path(conversation).flatMap(({ answer }) => answer?.label ?? [])).toEqual([
			expect.stringMatching(/^(?:pocket|Llama 3.2 1B Instruct)$/),
			'Qwen3 0.6B'
		]);
		const saved = await before.save(append(conversation, { role: 'user', text: 'And now?' }));
		expect(await before.load(id)).toEqual(saved);
	}
	const after = new ConversationStore(name);
	opened.push(after);
	expect((await after.list()).map(({ count }) => count)).toEqual([5, 5, 5, 5, 5, 5]);
});

test('what was deleted can be brought back for ten minutes, and not from then on', async () => {
	const store = tab();
	const saved = await store.save(question('Delete me'));
	const clock = vi.spyOn(Date, 'now');
	const at = (ms: number) => void clock.mockReturnValue(1_000_000 + ms);
	at(0);
	await store.remove(saved.id);
	at(599_999);
	await store.purge();
	expect(await store.restore(saved.id)).toBe(true);
	at(0);
	await store.remove(saved.id);
	at(600_000);
	await store.purge();
	expect(await store.restore(saved.id)).toBe(false);
	clock.mockRestore();
});

test('a search shows fifty, and says how many there are', async () => {
	const store = tab();
	await store.add(Array.from({ length: 51 }, (_, n) => create({ title: `Topic ${n}` }, n)));
	const { hits, total } = await store.search('topic');
	expect([hits.length, hits.at(-1)?.title.text, total]).toEqual([50, 'Topic 1', 51]);
	expect(await store.search('  ')).toEqual({ hits: [], total: 0 });
});

test('what a tab with an earlier version wrote over a newer page’s record is not taken in, and that is said', async () => {
	const { name } = tabs(0);
	const [former, now] = [new ConversationStore(name), new ConversationStore(`${name}-own`, name)];
	opened.push(former, now);
	await former.list();
	await now.list();
	await new Promise((resolve) => setTimeout(resolve, 5));
	const { id } = await former.save(question('Late'));
	const newer = { version: 99, id, messages: [] };
	const raw = createStore(`${name}-own`, 'records');
	await set(['conversation', id], newer, raw);
	await expect(now.adoptLate()).rejects.toMatchObject({ kind: 'newer-version' });
	expect(await get(['conversation', id], raw)).toEqual(newer);
});

test('nothing is told of what changes nothing, and nobody hears of anything once it is closed', async () => {
	const store = tab();
	const changes: Change[] = [];
	const stop = store.onChange((change) => changes.push(change));
	await store.remove('gone');
	expect(await store.restore('gone')).toBe(false);
	const saved = await store.save(question('Here'));
	await store.remove(saved.id);
	await store.save(saved);
	await store.restore(saved.id);
	expect(changes.map(({ kind }) => kind)).toEqual(['saved', 'removed', 'restored']);
	stop();
	await store.save(saved);
	expect(changes).toHaveLength(3);
});

test('a sound record is not set aside however often it is saved, also while it is deleted', async () => {
	const store = tab();
	let conversation = question('One');
	for (const text of ['Two', 'Three']) {
		await store.save(conversation);
		conversation = append(conversation, { role: 'assistant', text });
	}
	await store.remove(conversation.id);
	await store.save(conversation);
	expect(await store.setAside()).toEqual([]);
});

test('damage in the trash is no conversation to bring back, and goes when it is emptied', async () => {
	const {
		name,
		stores: [store]
	} = tabs(1);
	const raw = createStore(name, 'records');
	await set(['trash', 'x'], { at: 'then', raw: question('Lost') }, raw);
	expect(await store!.restore('x')).toBe(false);
	await store!.purge();
	expect(await get(['trash', 'x'], raw)).toBeUndefined();
	// A new conversation of that id is none that was deleted.
	await set(['trash', 'y'], 7, raw);
	await store!.save({ ...question('Here'), id: 'y' });
	expect((await store!.list()).map(({ id }) => id)).toEqual(['y']);
});

test('what another page announced in words that are not ours tells nobody anything', async () => {
	const { name, stores } = tabs(1);
	const changes: Change[] = [];
	stores[0]!.onChange((change) => changes.push(change));
	const page = new BroadcastChannel(name);
	for (const message of [null, { kind: 'eaten', ids: [] }, { kind: 'saved', ids: [7] }])
		page.postMessage(message);
	page.postMessage({ kind: 'saved', ids: ['a'] });
	await vi.waitFor(() => expect(changes).toEqual([{ kind: 'saved', ids: ['a'] }]));
	page.close();
});
