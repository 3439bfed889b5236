import { commands } from 'vitest/browser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReadAhead } from './read-ahead.ts';
import { wrap } from './wrap.ts';

declare module 'vitest/browser' {
	interface BrowserCommands {
		rendererBytes: () => Promise<number | null>;
	}
}

const own = Object.getOwnPropertyDescriptors(Cache.prototype);
const at = (file: string) => `https://hub.test/m/resolve/main/${file}`;
const LIST = at('tensor-cache.json');
let cache: Cache;
let readAhead: ReadAhead;
/** Files that were looked for on disk, in order. */
let looked: string[];
const awaited = new Set<string>();

async function holds(shards: readonly { name: string; nbytes?: number }[]) {
	const records = shards.map(({ name, nbytes = 4 }) => ({ dataPath: name, nbytes }));
	await cache.put(LIST, new Response(JSON.stringify({ records })));
	for (const { name } of shards) await cache.put(at(name), new Response(`of ${name}`));
	looked.length = 0;
}
/** As the engine does it: it looks whether the file is there, and then reads it. */
async function uploads(name: string) {
	await cache.match(new Request(at(name)));
	const found = await cache.match(new Request(at(name)));
	return new TextDecoder().decode(await found?.arrayBuffer());
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 60));

beforeEach(async () => {
	looked = [];
	awaited.clear();
	wrap(
		Cache.prototype,
		'match',
		(own) =>
			function (this: Cache, request, options) {
				looked.push(
					String(request instanceof Request ? request.url : request)
						.split('/')
						.at(-1) ?? ''
				);
				return own.call(this, request, options);
			}
	);
	readAhead = new ReadAhead((url) => awaited.has(url));
	readAhead.install();
	cache = await caches.open(`ahead-${crypto.randomUUID()}`);
});
afterEach(() => void Object.defineProperties(Cache.prototype, own));

test('the next file is read while one is uploaded, and each is looked for once', async () => {
	await holds([{ name: '0.bin' }, { name: '1.bin' }, { name: '2.bin' }]);
	await (await cache.match(LIST))?.json();
	expect(await uploads('0.bin')).toBe('of 0.bin');
	await expect.poll(() => looked).toEqual(['tensor-cache.json', '0.bin', '1.bin']);
	// No further ahead than one.
	await soon();
	expect(looked).toHaveLength(3);
	expect(await uploads('1.bin')).toBe('of 1.bin');
	expect(await uploads('2.bin')).toBe('of 2.bin');
	await soon();
	expect(looked).toEqual(['tensor-cache.json', '0.bin', '1.bin', '2.bin']);
	// A second load reads them again.
	expect(await uploads('0.bin')).toBe('of 0.bin');
});

test('the memory of a file is free as soon as the next one is asked for, or the last one is uploaded', async () => {
	await holds([{ name: '0.bin' }, { name: '1.bin' }]);
	await cache.match(LIST);
	const read = async (name: string) => (await cache.match(at(name)))?.arrayBuffer();
	const first = await read('0.bin');
	expect(first?.byteLength).toBe('of 0.bin'.length);
	const second = await read('1.bin');
	expect(first?.byteLength).toBe(0);
	expect(second?.byteLength).toBe('of 1.bin'.length);
	readAhead.letGo();
	expect(second?.byteLength).toBe(0);
});

test('weights that were read in turn do not stay in memory', async ({ skip }) => {
	const before = await commands.rendererBytes();
	if (before === null) return skip('only Linux tells how much memory the page has');
	const [FILES, BYTES] = [10, 8 * 2 ** 20];
	const names = Array.from({ length: FILES }, (_, i) => `${i}.bin`);
	await holds(names.map((name) => ({ name, nbytes: BYTES })));
	const bytes = new Uint8Array(BYTES).fill(1);
	for (const name of names) await cache.put(at(name), new Response(bytes));
	await cache.match(LIST);
	let most = 0;
	for (const name of names) {
		await (await cache.match(at(name)))?.arrayBuffer();
		most = Math.max(most, Number(await commands.rendererBytes()));
	}
	readAhead.letGo();
	expect(most - before).toBeLessThan((FILES * BYTES) / 2);
});

test('a file that would fill the memory is read when its turn comes', async () => {
	await holds([{ name: '0.bin' }, { name: '1.bin', nbytes: 64 * 2 ** 20 + 1 }]);
	await cache.match(LIST);
	await uploads('0.bin');
	await soon();
	expect(looked).not.toContain('1.bin');
	expect(await uploads('1.bin')).toBe('of 1.bin');
});

test('what is not there is not there, and what is no weights is read as ever', async () => {
	await holds([{ name: '0.bin' }, { name: '1.bin' }]);
	await cache.put(at('tokenizer.json'), new Response('{}'));
	await cache.match(LIST);
	await cache.delete(at('0.bin'));
	expect(await cache.match(at('0.bin'))).toBeUndefined();
	expect(await (await cache.match(at('tokenizer.json')))?.text()).toBe('{}');
	await cache.put(at('0.bin'), new Response('again'));
	expect(await uploads('0.bin')).toBe('again');
});

test('time is counted as waiting only where a file was still being fetched', async () => {
	await holds([{ name: '0.bin' }]);
	await cache.match(LIST);
	await uploads('0.bin');
	expect(readAhead.waitedMs).toBe(0);
	awaited.add(at('late.bin'));
	await cache.match(at('late.bin'));
	expect(readAhead.waitedMs).toBeGreaterThan(0);
});
