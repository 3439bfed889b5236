import { createStore, get, set } from 'idb-keyval';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { append, create, type Conversation } from '../chat/conversation.ts';
import { ConversationStore } from '../chat/store/conversations.ts';
import { ownName } from './names.ts';
import { FORMER_KEPT_MS, OwnStore } from './own-store.ts';
import { parseSettings } from '../settings/settings.svelte.ts';
import { Persisted } from './persisted.svelte.ts';

const fresh = () => `own-${crypto.randomUUID()}`;
const here = (name: string) => ownName(name, 'https://x.test/here/');
const there = (name: string) => ownName(name, 'https://x.test/there/');
const told = (...texts: string[]): Conversation =>
	texts.reduce(
		(conversation, text, i) =>
			append(conversation, { role: i % 2 === 0 ? 'user' : 'assistant', text }),
		create()
	);
const names = async () => (await indexedDB.databases()).map(({ name }) => name);
const closing: { close(): void }[] = [];
const opened = <T extends { close(): void }>(store: T): T => {
	closing.push(store);
	return store;
};
afterEach(() => {
	vi.restoreAllMocks();
	for (const each of closing.splice(0)) each.close();
});

test('a deployment’s name carries its path', () => {
	expect(here('headroom')).toBe('headroom /here/');
	expect(ownName('headroom', 'https://x.test/')).toBe('headroom /');
});

describe('what was kept under the names of earlier versions', () => {
	test('is there: conversations, in the list and in the search, whole', async () => {
		const former = fresh();
		const before = opened(new ConversationStore(former));
		const conversations = Array.from({ length: 130 }, (_, i) =>
			told(`Question ${i}`, `Answer ${i}`)
		);
		await before.add(conversations);
		await before.remove(conversations[3]!.id);
		const now = opened(new ConversationStore(here(former), former));
		expect((await now.list()).map(({ id }) => id).sort()).toEqual(
			conversations
				.map(({ id }) => id)
				.filter((id) => id !== conversations[3]!.id)
				.sort()
		);
		expect(await now.load(conversations[7]!.id)).toEqual(await before.load(conversations[7]!.id));
		expect((await now.search('Answer 77')).hits.map(({ id }) => id)).toEqual([
			conversations[77]!.id
		]);
		// It could be brought back, and still can.
		expect(await now.restore(conversations[3]!.id)).toBe(true);
	});

	test('is there: settings and measurements', async () => {
		const former = fresh();
		const before = opened(new Persisted('settings', parseSettings, former));
		await before.set({ theme: 'dark', extraHosts: ['a.test'] });
		const now = opened(new Persisted('settings', parseSettings, here(former), former));
		await now.ready;
		expect(now.current).toMatchObject({ theme: 'dark', extraHosts: ['a.test'] });
	});

	test('is there for each deployment below the origin, and they are apart from then on', async () => {
		const former = fresh();
		const shared = told('Shared');
		await opened(new ConversationStore(former)).add([shared]);
		const [one, other] = [
			opened(new ConversationStore(here(former), former)),
			opened(new ConversationStore(there(former), former))
		];
		const ids = async (store: ConversationStore) => (await store.list()).map(({ id }) => id);
		expect([await ids(one), await ids(other)]).toEqual([[shared.id], [shared.id]]);
		await one.remove(shared.id);
		const own = told('Own');
		await other.save(own);
		expect(await ids(one)).toEqual([]);
		expect((await ids(other)).sort()).toEqual([shared.id, own.id].sort());
	});

	test('is copied once: what is deleted later does not come back', async () => {
		const former = fresh();
		const [one, two] = [told('One'), told('Two')];
		await opened(new ConversationStore(former)).add([one, two]);
		const first = opened(new ConversationStore(here(former), former));
		await first.remove(one.id);
		await first.purge(-1);
		const second = opened(new ConversationStore(here(former), former));
		await second.adoptLate();
		expect((await second.list()).map(({ id }) => id)).toEqual([two.id]);
	});

	test('and what a tab with an earlier version writes afterwards is taken in', async () => {
		const former = fresh();
		const before = opened(new ConversationStore(former));
		const one = told('One');
		await before.add([one]);
		const now = opened(new ConversationStore(here(former), former));
		await now.list();
		await new Promise((resolve) => setTimeout(resolve, 5));
		await before.save(append(one, { role: 'assistant', text: 'Late' }));
		const late = told('Two');
		await before.save(late);
		await now.adoptLate();
		expect((await now.load(one.id))?.messages.map(({ text }) => text)).toEqual(['One', 'Late']);
		expect((await now.list()).map(({ id }) => id).sort()).toEqual([one.id, late.id].sort());
	});

	test('a copy that was broken off is taken up again and replaces nothing', async () => {
		const former = fresh();
		const one = told('One');
		await opened(new ConversationStore(former)).add([one]);
		// As a tab that died in the middle leaves it: copied, changed, and without the mark.
		const changed = append(one, { role: 'assistant', text: 'Since' });
		await opened(new ConversationStore(here(former))).save(changed);
		const now = opened(new ConversationStore(here(former), former));
		expect((await now.load(one.id))?.messages.map(({ text }) => text)).toEqual(['One', 'Since']);
	});

	test('goes when every deployment has had the time to copy it', async () => {
		const former = fresh();
		await set('key', 'value', createStore(former, 'values'));
		const own = new OwnStore(here(former), 'values', { database: former, store: 'values' });
		expect(await get('key', own.use)).toBe('value');
		await own.lookAtFormer(() => Promise.resolve(), Date.now() + FORMER_KEPT_MS - 60_000);
		expect(await names()).toContain(former);
		const deleting = vi.spyOn(indexedDB, 'deleteDatabase');
		const past = own.lookAtFormer(
			() => Promise.reject(new Error('It was looked at.')),
			Date.now() + FORMER_KEPT_MS + 60_000
		);
		await past;
		expect(deleting).toHaveBeenCalledWith(former);
		expect(await get('key', own.use)).toBe('value');
	});
});

test('where there was nothing, nothing is made under the former name', async () => {
	const former = fresh();
	const settings = opened(new Persisted('settings', parseSettings, here(former), former));
	await settings.set({ theme: 'dark' });
	const store = opened(new ConversationStore(here(`${former}-chats`), `${former}-chats`));
	await store.list();
	await store.adoptLate();
	expect((await names()).filter((name) => name === former || name === `${former}-chats`)).toEqual(
		[]
	);
});

test('a former database of another make is left alone', async () => {
	const former = fresh();
	await set('key', 'value', createStore(former, 'something-else'));
	const settings = opened(new Persisted('settings', parseSettings, here(former), former));
	await settings.set({ theme: 'dark' });
	expect(settings.current.theme).toBe('dark');
});
