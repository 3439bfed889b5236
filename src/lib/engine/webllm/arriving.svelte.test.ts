import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tellArrival } from '../../files/arrivals.ts';
import { putFile } from '../../files/cache.ts';
import { Arriving } from './arriving.ts';

const own = Object.getOwnPropertyDescriptors(Cache.prototype);
let arriving: Arriving;
let cache: Cache;
beforeEach(async () => {
	arriving = new Arriving();
	arriving.install();
	cache = await caches.open(`arriving-${crypto.randomUUID()}`);
});
afterEach(() => {
	arriving.end();
	Object.defineProperties(Cache.prototype, own);
});

const SHARD = 'https://hub.test/m/resolve/main/params_shard_0.bin';
const bytesOf = (text: string) => ({ bytes: new TextEncoder().encode(text), type: '' });
/** Whether it is still waited for after some time. */
async function waits(found: Promise<unknown>): Promise<boolean> {
	const later = new Promise((resolve) => setTimeout(resolve, 60, 'waits'));
	return (await Promise.race([found, later])) === 'waits';
}

describe('a file that is still being fetched', () => {
	test('is waited for, and read when it has come', async () => {
		arriving.expect([{ url: SHARD, bytes: 7 }]);
		const found = cache.match(new Request(SHARD));
		expect(await waits(found)).toBe(true);
		await putFile(cache, SHARD, bytesOf('weights'));
		expect(await (await found)?.text()).toBe('weights');
		expect(arriving.awaits(SHARD)).toBe(false);
		// The engine reads it a second time.
		expect(await (await cache.match(SHARD))?.text()).toBe('weights');
	});

	test('that has come before it is asked for is there at once', async () => {
		arriving.expect([{ url: SHARD, bytes: null }]);
		await putFile(cache, SHARD, bytesOf('weights'));
		expect(await (await cache.match(SHARD))?.text()).toBe('weights');
	});

	test('is not what an earlier download left of it', async () => {
		await putFile(cache, SHARD, bytesOf('wei'));
		arriving.expect([{ url: SHARD, bytes: 7 }]);
		const found = cache.match(SHARD);
		// Told of another copy, or too early.
		tellArrival(SHARD);
		expect(await waits(found)).toBe(true);
		await putFile(cache, SHARD, bytesOf('weights'));
		expect(await (await found)?.text()).toBe('weights');
	});

	test('is what there is once all have come, whatever was expected of it', async () => {
		await putFile(cache, SHARD, bytesOf('another'));
		arriving.expect([{ url: SHARD, bytes: 8 }]);
		const found = cache.match(SHARD);
		expect(await waits(found)).toBe(true);
		arriving.end();
		expect(await (await found)?.text()).toBe('another');
	});

	test('is among the keys, so that the engine does not fetch it', async () => {
		await putFile(cache, '/config.json', bytesOf('{}'));
		arriving.expect([{ url: SHARD, bytes: 7 }]);
		const urls = (await cache.keys()).map(({ url }) => url);
		expect(urls).toEqual([new URL('/config.json', location.href).href, SHARD]);
		expect(await cache.keys(SHARD)).toEqual([]);
	});
});

test('what is not expected is there or not, and nothing is expected after the end', async () => {
	expect(await cache.match(SHARD)).toBeUndefined();
	arriving.expect([{ url: SHARD, bytes: 7 }]);
	expect(await cache.match('/another.bin')).toBeUndefined();
	arriving.end();
	expect(await cache.match(SHARD)).toBeUndefined();
	expect(await cache.keys()).toEqual([]);
});
