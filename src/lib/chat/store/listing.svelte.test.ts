import fc from 'fast-check';
import { createStore, del, keys, set } from 'idb-keyval';
import { afterEach, expect, test } from 'vitest';
import { append, create, pin, rename } from '../conversation.ts';
import { ConversationStore } from './conversations.ts';
import { summaryOf } from './listing.ts';

const opened: ConversationStore[] = [];
function open(name: string): ConversationStore {
	const store = new ConversationStore(name);
	opened.push(store);
	return store;
}
afterEach(() => {
	for (const store of opened.splice(0)) store.close();
});
const newName = () => `listing-${crypto.randomUUID()}`;
const conversation = (n: number) =>
	append(create({ title: `Number ${n}` }, n), { role: 'user', text: `Text ${n}` }, n);

/** As the records themselves say. */
async function truth(store: ConversationStore) {
	const { conversations } = await store.loadAll();
	return conversations.map(summaryOf).sort((a, b) => a.id.localeCompare(b.id));
}
const byId = async (store: ConversationStore) =>
	(await store.list()).sort((a, b) => a.id.localeCompare(b.id));

const index = fc.nat(400);
const operation = fc.oneof(
	fc.record({ kind: fc.constant('save' as const), index }),
	fc.record({ kind: fc.constant('rename' as const), index }),
	fc.record({ kind: fc.constant('pin' as const), index }),
	fc.record({ kind: fc.constant('remove' as const), index }),
	fc.record({ kind: fc.constant('restore' as const), index }),
	fc.record({ kind: fc.constant('import' as const), index: fc.constantFrom(1, 60, 120) }),
	fc.record({ kind: fc.constant('list' as const), index })
);

test(
	'whatever is done in whichever tab, every tab lists what is stored',
	{ timeout: 60_000 },
	async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(operation, fc.boolean()), { minLength: 5, maxLength: 40 }),
				async (operations) => {
					const name = newName();
					const tabs = [open(name), open(name)] as const;
					const removed: string[] = [];
					for (const [{ kind, index }, second] of operations) {
						const tab = tabs[second ? 1 : 0];
						const listed = kind === 'import' || kind === 'save' ? [] : await tab.list();
						const id = listed[index % (listed.length || 1)]?.id;
						const known = id === undefined ? null : await tab.load(id);
						if (kind === 'save') await tab.save(conversation(index));
						if (kind === 'import')
							await tab.add(Array.from({ length: index }, (_, n) => conversation(n)));
						if (kind === 'restore') await tab.restore(removed.pop() ?? '');
						if (!known) continue;
						if (kind === 'rename') await tab.save(rename(known, `Renamed ${index}`));
						if (kind === 'pin') await tab.save(pin(known, !known.pinned));
						if (kind === 'remove') {
							await tab.remove(known.id);
							removed.push(known.id);
						}
					}
					const expected = await truth(tabs[0]);
					expect(await byId(open(name))).toEqual(expected);
					// What one tab writes reaches the other by a message.
					for (const tab of tabs) await expect.poll(() => byId(tab)).toEqual(expected);
				}
			),
			{ numRuns: 15 }
		);
	}
);

test('when many have changed they are written as one record, and listed as before', async () => {
	const name = newName();
	const store = open(name);
	for (let n = 0; n < 102; n++) await store.save(conversation(n));
	const marks = async () =>
		(await keys<[string, IDBValidKey]>(createStore(name, 'records'))).filter(
			([kind]) => kind === 'unlisted'
		).length;
	expect(await marks()).toBe(102);
	const before = await byId(open(name));
	await expect.poll(marks, { timeout: 10_000 }).toBe(0);
	expect(await byId(open(name))).toEqual(before);
	expect(before).toEqual(await truth(store));
});

test('what is written or deleted past the list is noticed when the page is idle', async () => {
	const name = newName();
	await open(name).add(Array.from({ length: 60 }, (_, n) => conversation(n)));
	const store = open(name);
	const [first] = await truth(store);
	const raw = createStore(name, 'records');
	await set(['conversation', 'x'], { ...conversation(99), id: 'x' }, raw);
	await set(['conversation', 'y'], { ...conversation(98), id: 'y' }, raw);
	await del(['conversation', first!.id], raw);
	const told = new Promise<void>((resolve) => store.onChange(() => resolve()));
	expect(await store.list()).toHaveLength(60);
	await told;
	expect(await byId(store)).toEqual(await truth(store));
});

test('of two that list at once, neither misses what has just changed', async () => {
	const store = open(newName());
	await store.save(conversation(1));
	await store.list();
	await store.save(conversation(2));
	const lists = await Promise.all([store.list(), store.list(), store.list()]);
	expect(lists.map(({ length }) => length)).toEqual([2, 2, 2]);
});

test.each([
	['a short one, on one line', 'a\n b  c', 'a b c'],
	['120 characters', 'x'.repeat(121), 'x'.repeat(120)],
	['what is in the first 480 characters', `${' '.repeat(479)}ab`, ' a']
])('of the last message the list shows %s', (_, text, preview) => {
	expect(summaryOf(append(create(), { role: 'user', text })).preview).toBe(preview);
});

test('where the list is right nobody is told that it differs', async () => {
	const name = newName();
	await open(name).add(Array.from({ length: 60 }, (_, n) => conversation(n)));
	const store = open(name);
	await store.prepareSearch();
	const told: unknown[] = [];
	store.onChange((change) => told.push(change));
	await store.list();
	await new Promise((resolve) => requestIdleCallback(resolve));
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(await store.list()).toHaveLength(60);
	expect(told).toEqual([]);
});
