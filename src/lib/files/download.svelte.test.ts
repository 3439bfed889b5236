import { contentHash } from '#plan/own/content-hash.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '../rpc/failure.ts';
import { cachedFiles, openCache } from './cache.ts';
import { list, remove, removeAll, tidy, verify } from './disk.ts';
import { distrust, download, inspect, onDisk } from './download.ts';
import { HostedModel, libraryWith } from './hosted-model.fixture.ts';
import { InUse } from './in-use.ts';
import { lookAtConfig, lookAtLibrary } from './look.ts';
import type { DownloadProgress, DownloadPurpose } from './protocol.ts';
import { compiled } from './records.ts';

const KIB = 1024;

beforeEach(async () => {
	await removeAll();
});
afterEach(() => {
	vi.restoreAllMocks();
});

interface Options {
	signal?: AbortSignal;
	purpose?: DownloadPurpose;
	onProgress?: (progress: DownloadProgress) => void;
}
const fetchModel = (model: HostedModel, options: Options = {}) =>
	download(
		model.source,
		options.purpose ?? 'load',
		options.signal ?? new AbortController().signal,
		options.onProgress ?? (() => undefined)
	);

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
	const thrown = await promise.then(
		() => null,
		(error: unknown) => error
	);
	if (!(thrown instanceof Failure)) throw new Error(`Expected a Failure, found ${String(thrown)}.`);
	return thrown;
}

async function cachedShards(model: HostedModel): Promise<string[]> {
	const urls = (await cachedFiles(model.source.baseUrl)).map(({ url }) => url);
	return model.shards.filter((name) => urls.includes(model.source.baseUrl + name));
}

describe('a download', () => {
	test('brings every file under the URL the engine uses, byte for byte', async () => {
		const model = await HostedModel.make([8 * KIB, 4 * KIB, 12 * KIB]);
		const { downloadBytes } = await fetchModel(model);
		expect(downloadBytes).toBe(model.bytes);
		const cache = await openCache('weights');
		for (const name of [...model.shards, 'tokenizer.json', 'tensor-cache.json']) {
			const body = await (await cache.match(model.source.baseUrl + name))?.arrayBuffer();
			expect(new Uint8Array(body ?? new ArrayBuffer())).toEqual(model.body(name));
		}
		expect(await (await openCache('library')).match(model.source.libraryUrl)).toBeDefined();
	});

	test('asks the network for nothing that is there', async () => {
		const model = await HostedModel.make([8 * KIB, 4 * KIB]);
		await fetchModel(model);
		await fetchModel(model);
		const { asked } = await model.stats();
		expect(new Set(Object.values(asked))).toEqual(new Set([1]));
	});

	test('tells bytes that never exceed the total and end at it', async () => {
		const model = await HostedModel.make([64 * KIB, 64 * KIB, 64 * KIB]);
		await model.order('params_shard_1.bin', { breakAfter: 30 * KIB });
		const told: DownloadProgress[] = [];
		await fetchModel(model, { onProgress: (progress) => told.push(progress) });
		for (const { doneBytes, totalBytes } of told) expect(doneBytes).toBeLessThanOrEqual(totalBytes);
		expect(told.at(-1)).toMatchObject({ doneBytes: model.bytes, totalBytes: model.bytes });
	});

	test('waits out a server that is busy, and says so', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('params_shard_0.bin', { status: 503 }, { status: 503 });
		const waits: number[] = [];
		await fetchModel(model, {
			onProgress: ({ waiting }) => {
				if (waiting && waits.at(-1) !== waiting.attempt) waits.push(waiting.attempt);
				if (waiting) expect(waiting.reason).toContain('503');
			}
		});
		expect(waits).toEqual([1, 2]);
	});

	test('waits as long as the server asks', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('params_shard_0.bin', { status: 429, headers: { 'retry-after': '1' } });
		const startMs = Date.now();
		const untilMs: number[] = [];
		await fetchModel(model, {
			onProgress: ({ waiting }) => {
				if (waiting) untilMs.push(waiting.untilMs);
			}
		});
		expect(untilMs[0]).toBeGreaterThanOrEqual(startMs + 1000);
		expect(Date.now()).toBeGreaterThanOrEqual(untilMs[0] ?? Infinity);
	});

	test('does not wait for a server that asks for an hour', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('params_shard_0.bin', { status: 429, headers: { 'retry-after': '3600' } });
		const failure = await failureOf(fetchModel(model));
		expect(failure).toMatchObject({
			kind: 'network',
			detail: { status: 429, cause: 'rate-limited', file: 'params_shard_0.bin' }
		});
	});

	test('fetches a file again whose connection broke', async () => {
		const model = await HostedModel.make([64 * KIB, 8 * KIB]);
		await model.order('params_shard_0.bin', { breakAfter: 10 * KIB }, { breakAfter: 50 * KIB });
		await fetchModel(model);
		expect(await cachedShards(model)).toEqual(model.shards);
		expect((await model.stats()).asked).toMatchObject({
			'params_shard_0.bin': 3,
			'params_shard_1.bin': 1
		});
	});

	test.for([
		[401, 'refused'],
		[403, 'refused'],
		[404, 'missing']
	] as const)('asks once where the server says %i', async ([status, cause]) => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('params_shard_0.bin', { status });
		const failure = await failureOf(fetchModel(model));
		expect(failure).toMatchObject({ kind: 'network', detail: { status, cause } });
		expect((await model.stats()).asked['params_shard_0.bin']).toBe(1);
	});

	test('gives up in the end, keeps what is complete, and goes on from there', async () => {
		const model = await HostedModel.make(Array<number>(6).fill(8 * KIB));
		await model.order('params_shard_5.bin', ...Array<{ status: number }>(5).fill({ status: 500 }));
		const failure = await failureOf(fetchModel(model));
		expect(failure).toMatchObject({ kind: 'network', detail: { file: 'params_shard_5.bin' } });
		expect(await cachedShards(model)).toEqual(model.shards.slice(0, 5));
		await fetchModel(model);
		const { asked } = await model.stats();
		expect(model.shards.map((name) => asked[name])).toEqual([1, 1, 1, 1, 1, 6]);
	}, 40_000);

	test('keeps complete files when it is aborted, and goes on from there', async () => {
		const model = await HostedModel.make(Array<number>(8).fill(8 * KIB));
		for (const name of model.shards.slice(4)) await model.order(name, { delayMs: 60_000 });
		const controller = new AbortController();
		const running = failureOf(fetchModel(model, { signal: controller.signal }));
		await vi.waitFor(async () => expect(await cachedShards(model)).toHaveLength(4), 10_000);
		// A delay holds for one request: one that was not asked for yet would meet it afterwards.
		await vi.waitFor(async () => {
			const { asked } = await model.stats();
			expect(model.shards.slice(4).map((name) => asked[name])).toEqual([1, 1, 1, 1]);
		}, 10_000);
		controller.abort();
		expect((await running).kind).toBe('cancelled');
		await fetchModel(model);
		const { asked } = await model.stats();
		expect(model.shards.slice(0, 4).map((name) => asked[name])).toEqual([1, 1, 1, 1]);
		expect(await cachedShards(model)).toEqual(model.shards);
	}, 30_000);

	test('fetches a file of the wrong length once more', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('params_shard_0.bin', { cutTo: 4 * KIB });
		await fetchModel(model);
		expect((await model.stats()).asked['params_shard_0.bin']).toBe(2);
	});

	test('fails with the name of a file that came wrong twice, and keeps nothing of it', async () => {
		const model = await HostedModel.make([8 * KIB, 8 * KIB]);
		await model.order('params_shard_1.bin', { cutTo: 100 }, { cutTo: 200 });
		const failure = await failureOf(fetchModel(model));
		expect(failure).toMatchObject({
			kind: 'bad-file',
			detail: { file: 'params_shard_1.bin', expected: '8192 bytes', found: '200 bytes' }
		});
		expect(await cachedShards(model)).not.toContain('params_shard_1.bin');
	});

	test('asks for four files at once at most, however many models are downloaded', async () => {
		const models = await Promise.all(
			[0, 1, 2].map(() => HostedModel.make(Array<number>(8).fill(4 * KIB)))
		);
		for (const model of models)
			for (const name of model.shards) await model.order(name, { delayMs: 40 });
		await models[0]?.stats();
		await Promise.all(models.map((model) => fetchModel(model)));
		expect((await models[0]?.stats())?.most).toBe(4);
	}, 30_000);

	test('shares every file with another download of the same model', async () => {
		const model = await HostedModel.make(Array<number>(6).fill(8 * KIB));
		await inspect(model.source, true, new AbortController().signal);
		for (const name of model.shards) await model.order(name, { delayMs: 30 });
		const results = await Promise.all([fetchModel(model), fetchModel(model, { purpose: 'keep' })]);
		expect(results.map(({ downloadBytes }) => downloadBytes)).toEqual([model.bytes, model.bytes]);
		expect(new Set(Object.values((await model.stats()).asked))).toEqual(new Set([1]));
	});

	test('is refused before the first shard when the disk has too little room', async () => {
		const model = await HostedModel.make([8 * KIB, 8 * KIB]);
		vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 50_000, usage: 40_000 });
		const failure = await failureOf(fetchModel(model));
		expect(failure.kind).toBe('quota');
		expect(failure.detail).toMatchObject({ freeBytes: 10_000 });
		expect(failure.message).toContain('needs 16.');
		expect(failure.detail.neededBytes).toBeGreaterThanOrEqual(16 * KIB);
		expect((await model.stats()).asked['params_shard_0.bin']).toBe(0);
	});

	test('keeps what is complete when the disk is full in the middle', async () => {
		const model = await HostedModel.make([8 * KIB, 8 * KIB, 8 * KIB]);
		await model.order('params_shard_2.bin', { delayMs: 300 });
		const { put } = Cache.prototype as { put: (this: Cache, ...args: unknown[]) => Promise<void> };
		vi.spyOn(Cache.prototype, 'put').mockImplementation(function (this: Cache, ...args) {
			if (args[0] === `${model.source.baseUrl}params_shard_2.bin`)
				return Promise.reject(new DOMException('full', 'QuotaExceededError'));
			return put.apply(this, args);
		});
		const failure = await failureOf(fetchModel(model));
		expect(failure).toMatchObject({ kind: 'quota', detail: { file: 'params_shard_2.bin' } });
		expect(await cachedShards(model)).toEqual(model.shards.slice(0, 2));
	});

	test('leaves nothing of a shard that came in full length and is wrong', async () => {
		const model = await HostedModel.make([64 * KIB, 8 * KIB]);
		await fetchModel(model);
		const url = `${model.source.baseUrl}params_shard_0.bin`;
		await (await openCache('weights')).delete(url);
		await model.order('params_shard_0.bin', { flip: 5 }, { flip: 6 });
		// No hub says what it is: what it was at the first download does.
		const failure = await failureOf(fetchModel(model));
		expect(failure).toMatchObject({ kind: 'bad-file', detail: { file: 'params_shard_0.bin' } });
		expect(await cachedShards(model)).toEqual(['params_shard_1.bin']);
		await fetchModel(model);
		expect(
			(await verify(model.source.baseUrl, new AbortController().signal, () => {})).bad
		).toEqual([]);
	});

	test('replaces a cached shard of the wrong length', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await fetchModel(model);
		const url = `${model.source.baseUrl}params_shard_0.bin`;
		await (await openCache('weights')).put(url, new Response('short'));
		expect((await list())[0]).toMatchObject({ state: 'damaged', missing: ['params_shard_0.bin'] });
		await fetchModel(model);
		expect((await list())[0]).toMatchObject({ state: 'complete', missing: [] });
	});
});

describe('a plan', () => {
	test('is read once, and then again without the network', async () => {
		const model = await HostedModel.make([8 * KIB]);
		const { signal } = new AbortController();
		const first = await inspect(model.source, true, signal);
		await removeCachedBodies();
		const second = await inspect(model.source, true, signal);
		expect(second.facts).toEqual(first.facts);
		const { asked } = await model.stats();
		expect(asked['mlc-chat-config.json']).toBe(1);
		expect(asked['params_shard_0.bin']).toBe(0);
	});

	test('counts what of the download is there', async () => {
		const model = await HostedModel.make([8 * KIB, 16 * KIB]);
		const { signal } = new AbortController();
		const before = await inspect(model.source, true, signal);
		// The tokenizer's length is not known yet.
		expect(before.downloadBytes - before.cachedBytes).toBe(24 * KIB);
		await fetchModel(model);
		const after = await inspect(model.source, true, signal);
		expect(after.cachedBytes).toBe(after.downloadBytes);
	});

	test('of a model that lies whole on disk, and of no other, is had without the network', async () => {
		const model = await HostedModel.make([8 * KIB, 4 * KIB]);
		const { signal } = new AbortController();
		expect(await onDisk(model.source)).toBeNull();
		const { facts } = await inspect(model.source, true, signal);
		expect(await onDisk(model.source)).toBeNull();
		await fetchModel(model);
		const { asked } = await model.stats();
		expect(await onDisk(model.source)).toMatchObject({ facts, cachedBytes: model.bytes });

		const cache = await openCache('weights');
		const shard = `${model.source.baseUrl}params_shard_1.bin`;
		await cache.put(shard, new Response(new Uint8Array(KIB)));
		expect(await onDisk(model.source)).toBeNull();
		await cache.delete(shard);
		expect(await onDisk(model.source)).toBeNull();
		expect((await model.stats()).asked).toEqual(asked);
	});

	test('names the file that is missing', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('mlc-chat-config.json', { status: 404 });
		const failure = await failureOf(inspect(model.source, false, new AbortController().signal));
		expect(failure.detail).toMatchObject({ file: 'mlc-chat-config.json', cause: 'missing' });
	});

	async function removeCachedBodies() {
		for (const name of await caches.keys()) await caches.delete(name);
	}
});

describe('the disk', () => {
	test('lists a model with its size, state and last use', async () => {
		const model = await HostedModel.make([8 * KIB, 8 * KIB]);
		const { signal } = new AbortController();
		await inspect(model.source, true, signal);
		expect((await list())[0]).toMatchObject({ state: 'plan', uses: 0, lastUsedAt: null });
		await fetchModel(model, { purpose: 'keep' });
		expect((await list())[0]).toMatchObject({ state: 'complete', uses: 0, bytes: model.bytes });
		await fetchModel(model);
		const [used] = await list();
		expect(used).toMatchObject({ uses: 1, libraryUrl: model.source.libraryUrl });
		expect(used?.fetchedAt).toBeLessThanOrEqual(used?.lastUsedAt ?? 0);
		expect(used?.lastUsedAt).toBeGreaterThan(0);
		await (await openCache('weights')).delete(`${model.source.baseUrl}params_shard_1.bin`);
		expect((await list())[0]).toMatchObject({
			state: 'partial',
			missing: ['params_shard_1.bin']
		});
	});

	test('forgets a model whole, and its library with the last model that uses it', async () => {
		const one = await HostedModel.make([8 * KIB]);
		const two = await HostedModel.make([8 * KIB], one.source.libraryUrl);
		await fetchModel(one);
		await fetchModel(two);
		await compiled.set(one.source.libraryUrl, { version: 1, pipelines: [] });
		const library = async () => (await cachedFiles(one.source.libraryUrl)).length;
		const freed = (await list()).find(({ baseUrl }) => baseUrl === two.source.baseUrl)?.freedBytes;
		expect(await remove(two.source.baseUrl)).toBe(freed);
		expect(await cachedFiles(two.source.baseUrl)).toEqual([]);
		expect(await library()).toBe(1);
		expect(await compiled.get(one.source.libraryUrl)).not.toBeNull();
		await remove(one.source.baseUrl);
		expect(await library()).toBe(0);
		expect(await compiled.get(one.source.libraryUrl)).toBeNull();
		expect(await list()).toEqual([]);
	});

	test('finds a shard that has changed on the disk, deletes it, and downloads it again', async () => {
		const model = await HostedModel.make([8 * KIB, 8 * KIB]);
		await fetchModel(model);
		const { signal } = new AbortController();
		const clean = await verify(model.source.baseUrl, signal, () => undefined);
		expect(clean).toMatchObject({ bad: [], unknown: [], checked: 6 });
		const url = `${model.source.baseUrl}params_shard_1.bin`;
		const wrong = model.body('params_shard_1.bin').slice();
		wrong[77] = (wrong[77] ?? 0) ^ 1;
		await (await openCache('weights')).put(url, new Response(wrong));
		const found = await verify(model.source.baseUrl, signal, () => undefined);
		expect(found.bad.map(({ file }) => file)).toEqual(['params_shard_1.bin']);
		expect((await list())[0]?.state).toBe('partial');
		await fetchModel(model);
		expect((await verify(model.source.baseUrl, signal, () => undefined)).bad).toEqual([]);
	});

	test('drops what an older build of the site left, and nothing else', async () => {
		const old = await HostedModel.make([8 * KIB]);
		const current = await HostedModel.make([8 * KIB]);
		await fetchModel(old);
		await fetchModel(current);
		const folder = new URL('../../', current.source.baseUrl).href;
		expect(await tidy(new URL('../', folder).href, folder)).toBe(5);
		expect((await list()).map(({ baseUrl, state }) => [baseUrl, state])).toEqual([
			[current.source.baseUrl, 'complete']
		]);
	});
});

describe('a model that the engine failed on', () => {
	const names = async (model: HostedModel) =>
		(await cachedFiles())
			.map(({ url }) => url)
			.filter((url) => url.startsWith(model.source.baseUrl) || url === model.source.libraryUrl)
			.map((url) => url.split('/').at(-1));
	const overwrite = async (kind: 'config' | 'library' | 'weights', url: string, body: BodyInit) =>
		(await openCache(kind)).put(url, new Response(body));

	test('loses no file that is as it should be', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await fetchModel(model);
		const before = await names(model);
		expect(before).toHaveLength(5);
		await distrust(model.source);
		expect(await names(model)).toEqual(before);
	});

	test('loses the file that is not what came, and only that', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await fetchModel(model);
		await overwrite(
			'weights',
			`${model.source.baseUrl}tokenizer.json`,
			'{"model":{"type":"BPE","vocab":{"b":0}}}'
		);
		await distrust(model.source);
		expect(await names(model)).not.toContain('tokenizer.json');
		expect(await names(model)).toHaveLength(4);
		await fetchModel(model);
		expect((await model.stats()).asked['tokenizer.json']).toBe(2);
	});

	test('loses a library that no engine could run, although it came so', async () => {
		const model = await HostedModel.make([8 * KIB]);
		const metadata = new TextEncoder().encode('{"model_type":"llama","params":[]}');
		const body = new Uint8Array([
			...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
			...[0, 2 + metadata.length, 1, 0x78],
			...metadata
		]);
		await fetch(model.source.libraryUrl, { method: 'PUT', body });
		await fetchModel(model);
		expect(await names(model)).toContain('library.wasm');
		await distrust(model.source);
		expect(await names(model)).not.toContain('library.wasm');
		expect(await names(model)).toHaveLength(4);
	});
});

describe('at once', () => {
	test('a load does not wait behind a download for later that waits for its server', async () => {
		const model = await HostedModel.make([8 * KIB, 8 * KIB]);
		await model.order('params_shard_1.bin', { status: 503, headers: { 'retry-after': '600' } });
		const cancel = new AbortController();
		const waiting = new Promise<void>((resolve) => {
			void fetchModel(model, {
				purpose: 'keep',
				signal: cancel.signal,
				onProgress: (progress) => progress.waiting && resolve()
			}).catch(() => undefined);
		});
		await waiting;
		// As another tab would.
		await fetchModel(model);
		expect(await cachedShards(model)).toEqual(model.shards);
		cancel.abort();
	});

	test('two loads of one model both count as a use, and the date of its download stays', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await Promise.all([
			fetchModel(model),
			fetchModel(model),
			inspect(model.source, true, new AbortController().signal)
		]);
		const [found] = await list();
		expect(found).toMatchObject({ uses: 2 });
		expect(found?.fetchedAt).not.toBeNull();
		expect(found?.lastUsedAt).not.toBeNull();
	});

	test('a reading without the library that ends last does not take it away', async () => {
		const model = await HostedModel.make([8 * KIB]);
		await model.order('mlc-chat-config.json', { delayMs: 300 });
		const signal = new AbortController().signal;
		await Promise.all([inspect(model.source, false, signal), inspect(model.source, true, signal)]);
		await inspect(model.source, false, signal);
		const { facts } = await inspect(model.source, true, signal);
		expect(facts.library).toBeDefined();
		expect((await model.stats()).asked['../../library.wasm'] ?? 1).toBe(1);
	});
});

describe('deleting a model that is in use', () => {
	test('is refused, one by one and all together, which deletes the others', async () => {
		const [used, other] = [await HostedModel.make([8 * KIB]), await HostedModel.make([8 * KIB])];
		await fetchModel(used);
		await fetchModel(other);
		const inUse = new InUse();
		await inUse.hold(used.source.baseUrl, new AbortController().signal);
		try {
			expect((await failureOf(remove(used.source.baseUrl))).kind).toBe('in-use');
			expect(await cachedShards(used)).toEqual(used.shards);
			expect((await failureOf(removeAll())).kind).toBe('in-use');
			expect((await list()).map(({ baseUrl }) => baseUrl)).toEqual([used.source.baseUrl]);
			expect(await tidy(new URL('../../../', used.source.baseUrl).href, other.source.baseUrl)).toBe(
				0
			);
		} finally {
			inUse.keepOnly([]);
		}
		await expect.poll(() => remove(used.source.baseUrl).catch(() => 0)).toBeGreaterThan(0);
	});
});

describe('a model that has no commit', () => {
	const read = (model: HostedModel, hash: string) =>
		inspect({ ...model.source, contentHash: hash }, false, new AbortController().signal);
	const text = (model: HostedModel, file: string) => new TextDecoder().decode(model.body(file));

	test('is held to what was looked at', async () => {
		const model = await HostedModel.make([1024]);
		const hash = await contentHash(
			text(model, 'mlc-chat-config.json'),
			text(model, 'tensor-cache.json')
		);
		expect((await read(model, hash)).facts.manifest?.shards).toHaveLength(1);
		// Not even by what was stored of an earlier reading.
		for (let again = 0; again < 2; again++)
			await expect(read(model, 'a'.repeat(40))).rejects.toMatchObject({
				kind: 'bad-file',
				detail: { reason: 'replaced', file: 'mlc-chat-config.json' }
			});
		expect(await cachedFiles(model.source.baseUrl)).toEqual([]);
	});
});

test('what a model was compiled with is looked at on the disk first', async () => {
	const model = await HostedModel.make([1024]);
	await fetchModel(model);
	const { signal } = new AbortController();
	const before = await model.stats();
	const { baseUrl, libraryUrl } = model.source;
	expect(JSON.parse(await lookAtConfig(`${baseUrl}mlc-chat-config.json`, signal))).toMatchObject({
		model_type: 'llama'
	});
	expect((await model.stats()).asked).toEqual(before.asked);

	await model.replaceLibrary(libraryWith({ model_type: 'gemma', params: [] }));
	const type = async (fresh: boolean) =>
		(JSON.parse((await lookAtLibrary(libraryUrl, fresh, signal)).metadata) as object)[
			'model_type' as never
		];
	expect(await type(false)).toBe('llama');
	expect(await type(true)).toBe('gemma');
});
