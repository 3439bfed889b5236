import { expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import { CleanUp, due } from './clean-up.svelte.ts';
import type { Download } from './on-disk.ts';

const DAY = 24 * 3_600_000;
/** A model of so many bytes, last used so many days after the first. */
const model = (baseUrl: string, day: number, bytes = 10): Download => ({
	baseUrl,
	askedUrl: baseUrl,
	state: 'complete',
	bytes,
	freedBytes: bytes,
	files: 1,
	missing: [],
	libraryUrl: null,
	lastUsedAt: day * DAY,
	fetchedAt: 0,
	uses: 1,
	variant: null
});

/** A clean-up of a fake disk. */
function aCleanUp(limit: number | null, ...models: Download[]) {
	const disk = {
		list: null as readonly Download[] | null,
		problem: null,
		there: models,
		refresh() {
			disk.list = disk.there;
			return Promise.resolve();
		},
		async remove({ baseUrl }: Download) {
			if (disk.refused.has(baseUrl)) return false;
			disk.there = disk.there.filter((each) => each.baseUrl !== baseUrl);
			await disk.refresh();
			return true;
		},
		refused: new Set<string>()
	};
	const state = { limit, wanted: new Set<string>(), inRun: false };
	const told: string[][] = [];
	const cleanUp = new CleanUp({
		downloads: disk,
		limitBytes: () => state.limit,
		isWanted: ({ baseUrl }) => state.wanted.has(baseUrl),
		inRun: () => state.inRun,
		tell: (deleted) => void told.push(deleted.map(({ baseUrl }) => baseUrl))
	});
	const left = () => disk.there.map(({ baseUrl }) => baseUrl);
	return { cleanUp, disk, state, told, left };
}

test('the least recently used go, and no more than are needed', async () => {
	const { cleanUp, told, left } = aCleanUp(25, model('new', 9), model('old', 1), model('mid', 5));
	await cleanUp.look();
	expect([left(), told]).toEqual([['new', 'mid'], [['old']]]);
	expect(cleanUp.last.map(({ baseUrl }) => baseUrl)).toEqual(['old']);
	await cleanUp.look();
	expect(told).toHaveLength(1);
});

test('without a limit, or where it was not allowed, nothing is deleted and the disk is not asked', async () => {
	const { cleanUp, disk, left } = aCleanUp(null, model('a', 1));
	await cleanUp.look();
	expect([left(), disk.list]).toEqual([['a'], null]);
});

test('what is wanted stays, though the limit is exceeded', async () => {
	const { cleanUp, state, left, told } = aCleanUp(5, model('a', 1), model('b', 2));
	state.wanted.add('a');
	await cleanUp.look();
	expect([left(), told]).toEqual([['a'], [['b']]]);
});

test('what another tab has begun to use is not deleted, and the next one is', async () => {
	const { cleanUp, disk, left, told } = aCleanUp(15, model('a', 1), model('b', 2), model('c', 3));
	disk.refused.add('a');
	await cleanUp.look();
	expect([left(), told]).toEqual([['a'], [['b', 'c']]]);
});

test('chosen while others are deleted, it stays', async () => {
	const { cleanUp, disk, state, left } = aCleanUp(0, model('a', 1), model('b', 2));
	const removing = gate();
	const remove = disk.remove.bind(disk);
	disk.remove = async (download) => {
		await removing.step();
		return remove(download);
	};
	const looking = cleanUp.look();
	await removing.reached;
	state.wanted.add('b');
	removing.open();
	await looking;
	expect(left()).toEqual(['b']);
});

test('asked again while it looks, it looks once more', async () => {
	const { cleanUp, disk, left } = aCleanUp(15, model('a', 1));
	const first = cleanUp.look();
	disk.there = [...disk.there, model('b', 2)];
	await Promise.all([first, cleanUp.look()]);
	await expect.poll(left).toEqual(['b']);
});

test('a library that others need frees nothing by itself', () => {
	const shared = { ...model('a', 1, 10), freedBytes: 0, libraryUrl: 'l' };
	expect(due([shared], 5, () => true)).toBeNull();
	expect(due([shared, model('b', 2)], 5, () => true)?.baseUrl).toBe('b');
});

test('nothing goes while a run over several variants has the engine', async () => {
	const { cleanUp, state, left } = aCleanUp(5, model('old', 1), model('new', 2));
	state.inRun = true;
	await cleanUp.look();
	expect(left()).toEqual(['old', 'new']);
	state.inRun = false;
	await cleanUp.look();
	expect(left()).toEqual([]);
});

test('one that cannot be deleted does not keep the others', async () => {
	const { cleanUp, disk, left } = aCleanUp(15, model('old', 1), model('mid', 2), model('new', 3));
	disk.refused.add('old');
	await cleanUp.look();
	expect(left()).toEqual(['old']);
	expect(cleanUp.looked).toBe(false);
});
