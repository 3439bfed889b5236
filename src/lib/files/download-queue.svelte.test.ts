import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { spawn } from '../network/spawn.ts';
import { Files } from './client.ts';
import workerUrl from './files.worker.ts?worker&url';
import { removeAll } from './disk.ts';
import { DownloadQueue } from './download-queue.svelte.ts';
import { HostedModel } from './hosted-model.fixture.ts';
import { formerUnfinished, unfinishedDownloads } from './records.ts';

const unfinished = unfinishedDownloads('/');

const KIB = 1024;
let files: Files;
let models: Map<string, HostedModel>;

beforeEach(async () => {
	await removeAll();
	await unfinished.deleteBelow('');
	files = new Files([]);
	models = new Map();
});
afterEach(() => files.end());

const queueOf = (from: Files = files) =>
	new DownloadQueue(from, (variantId) => models.get(variantId)?.source ?? null);

async function add(variantId: string, shards: number): Promise<HostedModel> {
	const model = await HostedModel.make(Array<number>(shards).fill(8 * KIB));
	models.set(variantId, model);
	return model;
}

/** Has every shard from the `from`th on arrive only after a minute; what nobody waits for is asked for three at once at most. */
async function stall(model: HostedModel, from: number) {
	for (const name of model.shards.slice(from)) await model.order(name, { delayMs: 60_000 });
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 });
const asked = async (model: HostedModel) => {
	const { asked } = await model.stats();
	return model.shards.map((name) => asked[name]);
};

test('a model is kept for later without being loaded', async () => {
	const model = await add('one', 3);
	const queue = queueOf();
	await queue.start('one');
	expect(queue.status('one')?.kind).toMatch(/running|queued/);
	await until(() => expect(queue.status('one')).toEqual({ kind: 'complete' }));
	expect(await files.list()).toMatchObject([
		{ baseUrl: model.source.baseUrl, state: 'complete', uses: 0 }
	]);
	expect(await unfinished.entries()).toEqual([]);
});

test('a paused download keeps its complete files and goes on from there', async () => {
	const model = await add('one', 6);
	await stall(model, 3);
	const queue = queueOf();
	await queue.start('one');
	await until(() => {
		const status = queue.status('one');
		expect(status?.kind === 'running' && status.progress?.receivedBytes).toBeGreaterThanOrEqual(
			24 * KIB
		);
	});
	await vi.waitFor(async () => expect((await files.list())[0]?.missing).toHaveLength(3), 15_000);
	await queue.pause('one');
	expect(queue.status('one')).toMatchObject({ kind: 'paused', progress: { waiting: null } });
	await queue.start('one');
	await until(() => expect(queue.status('one')?.kind).toBe('complete'));
	expect((await asked(model)).slice(0, 3)).toEqual([1, 1, 1]);
}, 40_000);

test('downloads go one after the other', async () => {
	const first = await add('one', 2);
	await stall(first, 1);
	await add('two', 2);
	const queue = queueOf();
	await queue.start('one');
	await queue.start('two');
	expect(queue.status('two')).toEqual({ kind: 'queued' });
	await queue.pause('one');
	await until(() => expect(queue.status('two')?.kind).toBe('complete'));
	expect([...queue.entries.keys()]).toEqual(['one', 'two']);
	expect(queue.status('one')?.kind).toBe('paused');
}, 30_000);

test('the next visit goes on with what was running, and leaves alone what was paused', async () => {
	const running = await add('running', 6);
	await stall(running, 4);
	await add('paused', 2);
	const before = queueOf();
	await before.start('paused');
	await before.pause('paused');
	await before.start('running');
	await vi.waitFor(async () => {
		const model = (await files.list()).find(({ baseUrl }) => baseUrl === running.source.baseUrl);
		expect(model?.missing).toHaveLength(2);
	}, 15_000);
	// The tab goes, with its worker.
	files.end();

	files = new Files([]);
	const after = queueOf();
	await after.restore();
	expect(after.status('paused')).toEqual({ kind: 'paused', progress: null });
	await until(() => expect(after.status('running')?.kind).toBe('complete'));
	expect((await asked(running)).slice(0, 4)).toEqual([1, 1, 1, 1]);
}, 40_000);

test('cancelling deletes what had come, and nothing of other models', async () => {
	const kept = await add('kept', 2);
	const dropped = await add('dropped', 6);
	await stall(dropped, 2);
	const queue = queueOf();
	await queue.start('kept');
	await until(() => expect(queue.status('kept')?.kind).toBe('complete'));
	await queue.start('dropped');
	await vi.waitFor(async () => expect(await files.list()).toHaveLength(2), 15_000);
	await queue.cancel('dropped');
	expect(queue.status('dropped')).toBeNull();
	expect((await files.list()).map(({ baseUrl }) => baseUrl)).toEqual([kept.source.baseUrl]);
	expect(await unfinished.entries()).toEqual([]);
}, 30_000);

test('a download that fails says why, lets the next one go, and can be started again', async () => {
	const broken = await add('broken', 2);
	await broken.order('params_shard_1.bin', { cutTo: 9 }, { cutTo: 9 });
	await add('fine', 1);
	const queue = queueOf();
	await queue.start('broken');
	await queue.start('fine');
	await until(() => expect(queue.status('fine')?.kind).toBe('complete'));
	expect(queue.status('broken')).toMatchObject({
		kind: 'failed',
		failure: { kind: 'bad-file', detail: { file: 'params_shard_1.bin' } }
	});
	await queue.start('broken');
	await until(() => expect(queue.status('broken')?.kind).toBe('complete'));
});

test('a server that asks to wait is waited for in sight', async () => {
	const model = await add('one', 1);
	await model.order('params_shard_0.bin', { status: 429, headers: { 'retry-after': '2' } });
	const queue = queueOf();
	await queue.start('one');
	await until(() => {
		const status = queue.status('one');
		expect(status?.kind === 'running' && status.progress?.waiting).toMatchObject({
			attempt: 1,
			reason: expect.stringContaining('slow down') as string
		});
	});
	await until(() => expect(queue.status('one')?.kind).toBe('complete'));
});

test('a variant that the catalogue no longer has is forgotten', async () => {
	await unfinished.set('gone', { version: 1, paused: false, at: 1 });
	const queue = queueOf();
	await queue.restore();
	expect([...queue.entries]).toEqual([]);
	expect(await unfinished.entries()).toEqual([]);
});

test('what is held back fetches nothing, and goes on from there when it may', async () => {
	const model = await add('one', 6);
	await stall(model, 4);
	const queue = queueOf();
	await queue.start('one');
	await vi.waitFor(async () => expect((await files.list())[0]?.missing).toHaveLength(2), 15_000);
	await queue.hold(true);
	expect(queue.status('one')).toEqual({ kind: 'queued' });
	// As airplane mode does.
	files.end();
	const before = await asked(model);
	await add('two', 1);
	await queue.start('two');
	expect(queue.status('two')).toEqual({ kind: 'queued' });
	expect(await asked(model)).toEqual(before);
	await queue.hold(false);
	await until(() => expect(queue.status('two')).toEqual({ kind: 'complete' }));
	expect(queue.status('one')).toEqual({ kind: 'complete' });
	expect((await asked(model)).slice(0, 4)).toEqual([1, 1, 1, 1]);
}, 40_000);

test('a second tab waits, and does not start what the first one pauses or finishes', async () => {
	const model = await add('one', 6);
	await stall(model, 4);
	await add('two', 1);
	const first = queueOf();
	await first.start('one');
	await first.start('two');
	await until(() => expect(first.status('one')?.kind).toBe('running'));
	const otherFiles = new Files([]);
	const second = queueOf(otherFiles);
	await second.restore();
	expect([...second.entries.values()].map(({ kind }) => kind)).toEqual(['queued', 'queued']);
	await first.pause('one');
	await until(() => expect(first.status('two')?.kind).toBe('complete'));
	await until(() => expect(second.status('one')?.kind).toBe('paused'));
	await until(() => expect(second.status('two')?.kind).not.toBe('queued'));
	expect((await models.get('two')?.stats())?.asked['params_shard_0.bin']).toBe(1);
	otherFiles.end();
}, 40_000);

test('a load takes the download over at once, and it goes on when the load is done with it', async () => {
	const model = await add('one', 2);
	// Ten minutes, as far as the download is concerned.
	await model.order('params_shard_1.bin', { status: 503, headers: { 'retry-after': '600' } });
	const queue = queueOf();
	await queue.start('one');
	await until(() => {
		const status = queue.status('one');
		expect(status?.kind === 'running' && status.progress?.waiting).toBeTruthy();
	});
	const back = await queue.giveWay('one');
	expect(queue.status('one')).toEqual({ kind: 'queued' });
	await files.download(model.source);
	expect(queue.status('one')).toEqual({ kind: 'queued' });
	back();
	back();
	await until(() => expect(queue.status('one')).toEqual({ kind: 'complete' }));
});

test('while a load fetches one model, the others of the queue go on', async () => {
	await add('one', 1);
	await add('two', 1);
	const queue = queueOf();
	const back = await queue.giveWay('one');
	await queue.start('one');
	await queue.start('two');
	await until(() => expect(queue.status('two')).toEqual({ kind: 'complete' }));
	expect(queue.status('one')).toEqual({ kind: 'queued' });
	back();
	await until(() => expect(queue.status('one')).toEqual({ kind: 'complete' }));
});

test('a host that is added does not stop a download', async () => {
	const model = await add('one', 4);
	await stall(model, 2);
	// The tests' own server does not know a worker by a URL that names hosts.
	files = new Files([], () => spawn(workerUrl, 'headroom-files', []));
	const queue = queueOf();
	await queue.start('one');
	await vi.waitFor(async () => expect((await files.list())[0]?.missing).toHaveLength(2), 15_000);
	files.allow(['other.test']);
	await until(() => expect(queue.status('one')).toEqual({ kind: 'complete' }));
	expect((await asked(model)).slice(0, 2)).toEqual([1, 1]);
}, 30_000);

test('what was asked for under the name of earlier versions is taken over, as far as it is ours', async () => {
	await add('one', 1);
	await formerUnfinished.set('one', { version: 1, paused: true, at: 1 });
	await formerUnfinished.set('not-ours', { version: 1, paused: true, at: 2 });
	const queue = queueOf();
	await queue.restore();
	expect([...queue.entries]).toEqual([['one', { kind: 'paused', progress: null }]]);
	expect((await formerUnfinished.entries()).map(([variantId]) => variantId)).toEqual(['not-ours']);
	await formerUnfinished.deleteBelow('');
});

test('two deployments below one origin keep a queue each', async () => {
	await add('one', 1);
	const here = new DownloadQueue(files, (id) => models.get(id)?.source ?? null, { path: '/here/' });
	const there = new DownloadQueue(files, () => null, { path: '/there/' });
	await here.start('one');
	await here.pause('one');
	await there.restore();
	expect([...there.entries]).toEqual([]);
	const again = new DownloadQueue(files, (id) => models.get(id)?.source ?? null, {
		path: '/here/'
	});
	await again.restore();
	expect(again.status('one')?.kind).toBe('paused');
	await again.cancel('one');
});
