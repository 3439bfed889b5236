import { get, set, createStore } from 'idb-keyval';
import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { DraftStore } from './store/draft-store.ts';
import type { AnswerHost } from './answer-host.ts';
import { Answers } from './answers.svelte.ts';
import { append, create } from './conversation.ts';
import { Drafts } from './drafts.svelte.ts';
import { Session } from './session.svelte.ts';

const opened: Drafts[] = [];
afterEach(async () => {
	for (const drafts of opened.splice(0)) await drafts.dispose();
});

/** A visit to a page whose drafts are in `database`. */
function visit(database: string) {
	const answers = new Answers({} as AnswerHost);
	const session = new Session(answers, { save: (conversation) => Promise.resolve(conversation) });
	const drafts = new Drafts(session, new DraftStore(database));
	opened.push(drafts);
	return { session, drafts };
}
const name = () => `drafts-test-${crypto.randomUUID()}`;
const told = (text: string) => append(create(), { role: 'user', text });

test('what was typed in each conversation is there after a reload', async () => {
	const database = name();
	const [a, b] = [told('a'), told('b')];
	const first = visit(database);
	first.session.draft = 'for a new one';
	first.session.open(a);
	first.session.draft = 'for a';
	first.session.open(b);
	first.session.draft = 'for b';
	await vi.waitFor(async () => {
		await first.drafts.flush();
		expect(await new DraftStore(database).read(b.id)).toMatchObject({ text: 'for b' });
	});
	const next = visit(database);
	await vi.waitFor(() => expect(next.session.draft).toBe('for a new one'));
	next.session.open(a);
	await vi.waitFor(() => expect(next.session.draft).toBe('for a'));
	next.session.open(b);
	await vi.waitFor(() => expect(next.session.draft).toBe('for b'));
});

test('what was sent or emptied does not come back', async () => {
	const database = name();
	const first = visit(database);
	first.session.draft = 'sent';
	await vi.waitFor(async () => {
		expect(await new DraftStore(database).read('new')).toMatchObject({ text: 'sent' });
	});
	expect(first.session.takeDraft()).toEqual({ text: 'sent', images: [] });
	await first.drafts.flush();
	expect(await new DraftStore(database).read('new')).toBeNull();
	first.session.draft = 'half';
	await vi.waitFor(async () => expect(await new DraftStore(database).read('new')).not.toBeNull());
	first.session.draft = '';
	await vi.waitFor(async () => expect(await new DraftStore(database).read('new')).toBeNull());
});

test('what is typed before the disk has answered follows what was kept', async () => {
	const database = name();
	await new DraftStore(database).keep('new', { text: 'old', images: [] });
	const { session } = visit(database);
	session.draft = 'typed at once';
	await vi.waitFor(() => expect(session.draft).toBe('old\n\ntyped at once'));
});

test('a hostile or old record is no draft, and is deleted', async () => {
	const database = name();
	const records = createStore(database, 'records');
	const store = new DraftStore(database);
	const image = { url: 'https://elsewhere.test/a.png' };
	await set('images', { version: 1, at: Date.now(), text: 'kept', images: [image] }, records);
	await set('text', { version: 1, at: Date.now(), text: { toString: 1 }, images: [] }, records);
	for (const [key, raw] of [
		['a', 5],
		['b', { version: 9 }],
		['c', { version: 1, at: NaN }]
	] as const)
		await set(key, raw, records);
	await store.keep('old', { text: 'x', images: [] }, 0);
	expect(await store.read('images')).toEqual({ text: 'kept', images: [] });
	expect(await store.read('text')).toEqual({ text: '', images: [] });
	expect(await Promise.all(['a', 'b', 'c'].map((key) => store.read(key)))).toEqual([
		null,
		null,
		null
	]);
	await store.prune();
	expect(await Promise.all(['a', 'b', 'c', 'old'].map((key) => get(key, records)))).toEqual(
		Array(4).fill(undefined)
	);
	expect(await store.read('images')).not.toBeNull();
});

test('a disk that fails loses no draft of this visit', () => {
	const fails = () => Promise.reject(new Error('No disk.'));
	const session = new Session(new Answers({} as AnswerHost), {
		save: (conversation) => Promise.resolve(conversation)
	});
	opened.push(new Drafts(session, { read: fails, keep: fails }));
	const a = told('a');
	session.draft = 'new';
	session.open(a);
	session.draft = 'for a';
	session.open(create());
	expect(session.draft).toBe('new');
	session.open(a);
	expect(session.draft).toBe('for a');
});

/** Drafts over a disk that does what the test says. */
function over(store: Pick<DraftStore, 'read' | 'keep'>) {
	const session = new Session(new Answers({} as AnswerHost), {
		save: (conversation) => Promise.resolve(conversation)
	});
	const drafts = new Drafts(session, store);
	opened.push(drafts);
	return { session, drafts };
}
const nothing = () => Promise.resolve(null);

test.each<[string, (drafts: Drafts) => Promise<void>]>([
	['written', (drafts) => drafts.flush()],
	['left', (drafts) => drafts.dispose()]
])('drafts are %s when they are on the disk', async (_, act) => {
	const disk = gate();
	const kept: string[] = [];
	const { session, drafts } = over({
		read: nothing,
		keep: async (key, { text }) => {
			await disk.step();
			kept.push(`${key}: ${text}`);
		}
	});
	session.draft = 'half';
	flushSync();
	let done = false;
	const acting = act(drafts).then(() => (done = true));
	await disk.reached;
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect(done).toBe(false);
	disk.open();
	await acting;
	expect(kept).toEqual(['new: half']);
});

test('a draft is written three tenths of a second after the first key, with those that came since', async () => {
	vi.useFakeTimers();
	const kept: string[] = [];
	const { session } = over({
		read: nothing,
		keep: (_, { text }) => Promise.resolve(void kept.push(text))
	});
	session.draft = 'a';
	flushSync();
	await vi.advanceTimersByTimeAsync(299);
	session.draft = 'ab';
	flushSync();
	expect(kept).toEqual([]);
	await vi.advanceTimersByTimeAsync(1);
	expect(kept).toEqual(['ab']);
	vi.useRealTimers();
});

test('a draft that was read too late for its conversation waits for the next time', async () => {
	const disk = gate();
	const reads: string[] = [];
	const { session } = over({
		read: async (key) => {
			reads.push(key);
			if (reads.length === 1) await disk.step();
			return { text: `for ${key}`, images: [] };
		},
		keep: () => Promise.resolve()
	});
	flushSync();
	await disk.reached;
	const a = told('a');
	session.open(a);
	await vi.waitFor(() => expect(session.draft).toBe(`for ${a.id}`));
	disk.open();
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect(session.draft).toBe(`for ${a.id}`);
	session.open(create());
	await vi.waitFor(() => expect(session.draft).toBe('for new'));
	expect(reads).toEqual(['new', a.id, 'new']);
	// What was read once is not read again.
	session.draft = '';
	session.open(a);
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect(reads).toHaveLength(3);
});

test('of a draft the images alone are put back, before what stands there already', async () => {
	const PICTURE = { url: 'data:image/png;base64,AAAA' };
	const read = gate();
	const { session } = over({
		read: async () => {
			await read.step();
			return { text: 'old', images: [] };
		},
		keep: () => Promise.resolve()
	});
	session.draftImages = [PICTURE];
	read.open();
	await new Promise((resolve) => setTimeout(resolve, 5));
	expect([session.draft, session.draftImages]).toEqual(['old', [PICTURE]]);
	const other = over({
		read: () => Promise.resolve({ text: '', images: [PICTURE] }),
		keep: () => Promise.resolve()
	});
	await vi.waitFor(() => expect(other.session.draftImages).toEqual([PICTURE]));
});
