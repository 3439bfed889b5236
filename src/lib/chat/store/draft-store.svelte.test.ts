import { createStore, get, set } from 'idb-keyval';
import { expect, test } from 'vitest';
import { DraftStore, type Draft } from './draft-store.ts';

const DAY_MS = 24 * 3600 * 1000;
const PICTURE = { url: 'data:image/png;base64,AAAA' };

function opened() {
	const database = `drafts-${crypto.randomUUID()}`;
	const records = createStore(database, 'records');
	const raw = (key: string) => get<unknown>(key, records);
	const put = (key: string, record: unknown) => set(key, record, records);
	return { drafts: new DraftStore(database), raw, put };
}

test.each<Draft>([
	{ text: 'Hi', images: [] },
	{ text: '', images: [PICTURE] }
])('%j is kept until it is empty', async (draft) => {
	const { drafts, raw } = opened();
	await drafts.keep('a', draft);
	expect(await drafts.read('a')).toEqual(draft);
	await drafts.keep('a', { text: '', images: [] });
	expect([await drafts.read('a'), await raw('a')]).toEqual([null, undefined]);
});

test('of a record that is damaged what is good is put back', async () => {
	const { drafts, put } = opened();
	const kept = async (change: object) => {
		await put('a', { version: 1, at: 1, text: 'Hi', images: [PICTURE], ...change });
		return drafts.read('a');
	};
	const images = (count: number) => Array.from({ length: count }, () => PICTURE);
	expect(await kept({ text: 7 })).toEqual({ text: '', images: [PICTURE] });
	expect(await kept({ images: [{ url: 'https://evil.test/x.png' }] })).toEqual({
		text: 'Hi',
		images: []
	});
	expect((await kept({ images: images(16) }))?.images).toHaveLength(16);
	expect((await kept({ images: images(17) }))?.images).toHaveLength(0);
	expect(await kept({ version: 2 })).toBeNull();
	expect(await kept({ at: 'then' })).toBeNull();
});

test('after ninety days a draft is deleted, and what cannot be read at once', async () => {
	const { drafts, raw, put } = opened();
	const now = 1_000 * DAY_MS;
	await drafts.prune(now);
	await drafts.keep('fresh', { text: 'a', images: [] }, now - 90 * DAY_MS);
	await drafts.keep('old', { text: 'b', images: [] }, now - 90 * DAY_MS - 1);
	await put('damaged', 7);
	await drafts.prune(now);
	expect(await drafts.read('fresh')).toEqual({ text: 'a', images: [] });
	expect([await raw('old'), await raw('damaged')]).toEqual([undefined, undefined]);
});
