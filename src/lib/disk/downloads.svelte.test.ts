import { expect, test } from 'vitest';
import { gate } from '../engine/engine.fixture.ts';
import type { CachedModel } from '../files/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import { Downloads, type DownloadsHost } from './downloads.svelte.ts';
import type { Download } from './on-disk.ts';

const model = (baseUrl: string): CachedModel => ({
	baseUrl,
	askedUrl: baseUrl,
	state: 'complete',
	bytes: 1,
	freedBytes: 1,
	files: 1,
	missing: [],
	libraryUrl: null,
	lastUsedAt: null,
	fetchedAt: null,
	uses: 0
});

/** Downloads on a fake files worker, in which one model is in use. */
function downloadsWith(used: string, ...others: string[]) {
	let there = [used, ...others];
	const inUse = () => new Failure('in-use', 'The model is loaded.');
	const host: DownloadsHost = {
		list: () => Promise.resolve(there.map(model)),
		remove: (baseUrl) => {
			if (baseUrl === used) return Promise.reject(inUse());
			there = there.filter((each) => each !== baseUrl);
			return Promise.resolve(1);
		},
		removeAll: () => {
			there = [used];
			return Promise.reject(inUse());
		},
		verify: () => Promise.resolve({ checked: 0, unknown: [], bad: [] })
	};
	const downloads = new Downloads(
		host,
		() => [],
		() => ''
	);
	const urls = () => downloads.list?.map(({ baseUrl }) => baseUrl);
	const of = (baseUrl: string): Download => ({ ...model(baseUrl), variant: null });
	return { downloads, host, urls, of };
}

test('a model in use is not deleted, and the page says so', async () => {
	const { downloads, urls, of } = downloadsWith('a', 'b');
	await downloads.refresh();
	expect(await downloads.remove(of('a'))).toBe(false);
	expect(downloads.problem?.kind).toBe('in-use');
	expect(urls()).toEqual(['a', 'b']);
	expect(await downloads.remove(of('b'))).toBe(true);
	expect([downloads.problem, urls()]).toEqual([null, ['a']]);
});

test('of all that are to go, those in use stay and the list shows what is left', async () => {
	const { downloads, urls } = downloadsWith('a', 'b', 'c');
	await downloads.refresh();
	expect(await downloads.removeAll()).toBe(false);
	expect(downloads.problem?.kind).toBe('in-use');
	expect(urls()).toEqual(['a']);
});

test('one change at a time', async () => {
	const { downloads, host, of } = downloadsWith('a', 'b');
	const removing = gate();
	host.remove = () => removing.step().then(() => 1);
	const first = downloads.remove(of('b'));
	expect(downloads.status.kind).toBe('removing');
	expect(await downloads.removeAll()).toBe(false);
	removing.open();
	expect(await first).toBe(true);
	expect(downloads.status.kind).toBe('idle');
});
