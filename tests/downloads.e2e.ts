import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { shadersIn } from '../src/lib/engine/webllm/library-shaders.ts';
import { AppPage } from './support/app.ts';
import { abortAfter, COMMIT, flipped, Hub, pocketFolder, status } from './support/hub.ts';
import { test as base, expect, LONG } from './story.ts';

const FAMILY = 'SmolLM2 360M Instruct';
const REPO = 'SmolLM2-360M-Instruct-q4f32_1-MLC';
const LIBRARY = 'SmolLM2-360M-Instruct-q4f32_1_cs1k-webgpu.wasm';

/** A hub with one model, and the page with that model chosen. */
const test = base.extend<{ hub: Hub; app: AppPage }>({
	hub: async ({ context }, use) => {
		const hub = new Hub();
		hub.addModel(REPO, 'q4f32_1');
		hub.addLibrary(LIBRARY, 'q4f32_1');
		await hub.start(context);
		await use(hub);
		await hub.stop();
	},
	app: async ({ page, hub }, use) => {
		const app = new AppPage(page);
		await app.allow([hub.storageHost]);
		await app.open();
		await use(app);
	}
});
test.describe.configure({ timeout: 120_000 });

const shardsOf = (hub: Hub) => [...hub.files(REPO).keys()].filter((name) => name.endsWith('.bin'));
const sentOf = (hub: Hub, name: string) =>
	hub.sent.filter((file) => file === `${REPO}/${name}`).length;

test('weights are on the GPU, and shaders compiled, while the last of them still comes', async ({
	app,
	hub,
	context,
	page
}) => {
	let release = () => {};
	const held = new Promise<void>((resolve) => (release = resolve));
	await app.choose(FAMILY, REPO);
	const last = shardsOf(hub).at(-1);
	expect(last).toBeDefined();
	await context.route(`**/${last}`, async (route) => {
		await held;
		await route.fallback();
	});
	await app.loadButton().click();
	// The meter counts what is on the GPU.
	await expect(app.live).not.toHaveText('0 bytes');
	await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
	await expect(page.getByRole('status').filter({ hasText: 'Downloading' }).first()).toBeVisible();
	release();
	await app.loaded();

	// What was compiled meanwhile is what the engine then asked for: both are told by the same code.
	const asked = await compiledFor(page, LIBRARY);
	const found = shadersIn(readFileSync(`${pocketFolder()}/pocket-q4f32_1.wasm`));
	expect(found.length).toBeGreaterThan(10);
	expect(asked.map(asText).toSorted()).toEqual(found.map(asText).toSorted());
});

const asText = (spec: unknown) => JSON.stringify(spec);

/** The pipelines that were stored of a library's load. */
const compiledFor = (page: Page, library: string) =>
	page.evaluate(
		(library) =>
			new Promise<unknown[]>((resolve, reject) => {
				const opening = indexedDB.open('headroom-files');
				opening.onerror = () => reject(opening.error ?? new Error('no records'));
				opening.onsuccess = () => {
					const records = opening.result.transaction('records').objectStore('records');
					const reading = records.openCursor();
					reading.onsuccess = () => {
						const cursor = reading.result;
						if (!cursor) return reject(new Error(`nothing of ${library}`));
						const key = typeof cursor.key === 'string' ? cursor.key : '';
						if (!key.startsWith('compiled ') || !key.endsWith(library)) return cursor.continue();
						opening.result.close();
						resolve((cursor.value as { pipelines: unknown[] }).pipelines);
					};
				};
			}),
		library
	);

test(
	'main is pinned to a commit once, and stays so when main moves on',
	{ tag: LONG },
	async ({ app, hub }) => {
		await app.choose(FAMILY, REPO);
		await app.loadChosen();
		const resolved = hub.asked.filter((url) => url.includes('/resolve/'));
		expect(resolved.length).toBeGreaterThan(5);
		for (const url of resolved) expect(url).toContain(`/${REPO}/resolve/${COMMIT}/`);

		hub.commit = COMMIT.replace('6', '7');
		const asked = hub.asked.length;
		await app.page.reload();
		// Only its config says that the model holds fewer tokens than its record asks for.
		await expect(app.page.getByText(/^2,048 tokens$/).first()).toBeVisible();
		await app.loadChosen();
		expect(hub.asked.slice(asked)).toEqual([]);
	}
);

test(
	'a load asked for before the config was read takes the window that the model holds',
	{ tag: LONG },
	async ({ app, context }) => {
		let release = () => {};
		const held = new Promise<void>((resolve) => (release = resolve));
		await context.route('**/mlc-chat-config.json', async (route) => {
			await held;
			await route.fallback();
		});
		await app.choose(FAMILY, REPO, { planned: false });
		// All that the catalogue knows.
		const window = app.page.getByRole('slider', { name: 'Context window' });
		await expect(window).toHaveAttribute('aria-valuetext', /^4,096 tokens/);
		await app.loadButton().click();
		await expect(app.page.getByRole('button', { name: 'Cancel' })).toBeVisible();
		release();
		await app.loaded();
		await expect(window).toHaveAttribute('aria-valuetext', /^2,048 tokens/);
		await expect(app.alert).toBeHidden();
	}
);

test(
	'a hub that does not tell its commit can still be loaded from',
	{ tag: LONG },
	async ({ app, hub }) => {
		hub.api = 'down';
		await app.choose(FAMILY, REPO);
		await app.loadChosen();
		expect(
			hub.asked.filter((url) => url.includes(`/${REPO}/resolve/main/`)).length
		).toBeGreaterThan(5);
	}
);

test('a shard that came wrong is known by its hash and fetched once more', async ({ app, hub }) => {
	hub.fail('params_shard_2.bin', flipped);
	await app.choose(FAMILY, REPO);
	await app.loadChosen();
	expect(sentOf(hub, 'params_shard_2.bin')).toBe(2);
	expect(sentOf(hub, 'params_shard_1.bin')).toBe(1);
});

test(
	'a shard that is wrong again ends the load with its name, and is not kept',
	{ tag: LONG },
	async ({ app, hub }) => {
		hub.fail('params_shard_2.bin', flipped, flipped);
		await app.choose(FAMILY, REPO);
		await app.loadButton().click();
		await expect(app.alert).toContainText('params_shard_2.bin');
		await expect(app.alert).toContainText(/expected SHA-256 [0-9a-f]{12}…, found SHA-256/);
		await expect(app.live).toHaveText('0 bytes');
		const cached = await app.cachedUrls();
		expect(cached.filter((url) => url.endsWith('params_shard_2.bin'))).toEqual([]);
		await app.loadChosen();
	}
);

test('broken connections and a busy host are waited out', { tag: LONG }, async ({ app, hub }) => {
	hub.fail('params_shard_0.bin', abortAfter(1000), status(502));
	hub.fail('params_shard_3.bin', status(503), abortAfter(0));
	await app.choose(FAMILY, REPO);
	await app.loadChosen();
	expect(sentOf(hub, 'params_shard_0.bin')).toBe(3);
	expect(sentOf(hub, 'params_shard_3.bin')).toBe(3);
});

test('a host that asks to slow down is obeyed, in sight', { tag: LONG }, async ({ app, hub }) => {
	for (const name of shardsOf(hub)) hub.fail(name, status(429, { 'retry-after': '8' }));
	await app.choose(FAMILY, REPO);
	await app.loadButton().click();
	await expect(app.page.getByText(/Waiting to try again: .* asks to slow down/)).toBeVisible();
	await app.loaded();
});

test(
	'a page that is reloaded in the middle goes on from the last complete shard',
	{ tag: LONG },
	async ({ app, hub }) => {
		await app.choose(FAMILY, REPO);
		const late = shardsOf(hub).slice(3);
		for (const name of late) hub.fail(name, () => new Promise(() => {}));
		await app.loadButton().click();
		await expect.poll(() => onDisk(app, hub)).toEqual(shardsOf(hub).slice(0, 3));
		hub.mend();
		await app.page.reload();
		// Only its config says that the model holds fewer tokens than its record asks for.
		await expect(app.page.getByText(/^2,048 tokens$/).first()).toBeVisible();
		await app.loadChosen();
		for (const name of shardsOf(hub).slice(0, 3)) expect(sentOf(hub, name)).toBe(1);
	}
);

test('no more than four files are asked for at once', { tag: LONG }, async ({ app, hub }) => {
	hub.rate = 200_000;
	await app.choose(FAMILY, REPO);
	await app.loadChosen();
	expect(hub.busy.most).toBeGreaterThan(1);
	expect(hub.busy.most).toBeLessThanOrEqual(4);
});

test(
	'a model that is complete loads without any network',
	{ tag: LONG },
	async ({ app, hub, context }) => {
		await app.choose(FAMILY, REPO);
		await app.loadChosen();
		const asked = hub.asked.length;
		// What the browser itself happens to keep of a visit is no promise.
		await (await context.newCDPSession(app.page)).send('Network.clearBrowserCache');
		await context.setOffline(true);
		await app.page.reload();
		// Only its config says that the model holds fewer tokens than its record asks for.
		await expect(app.page.getByText(/^2,048 tokens$/).first()).toBeVisible();
		await app.loadChosen();
		const answer = await app.ask('Hello');
		await expect(answer).toContainText(`${FAMILY} q4f32_1`);
		expect(hub.asked.slice(asked)).toEqual([]);
	}
);

test(
	'a disk that fills up in the middle keeps what is complete, and the load goes on with room',
	{ tag: LONG },
	async ({ app, hub }) => {
		await app.choose(FAMILY, REPO);
		await app.limitDisk(250_000);
		await app.loadButton().click();
		await expect(app.alert).toContainText(/no room left for params_shard_\d\.bin/);
		await expect(app.alert).toContainText(/Delete downloads/);
		// What of pocket was read for its plan; what is complete of this model itself is not offered.
		await expect(app.alert.getByRole('button', { name: /^Delete 1, frees/ })).toBeVisible();
		const kept = await onDisk(app, hub);
		expect(kept.length).toBeGreaterThan(0);
		expect(kept.length).toBeLessThan(shardsOf(hub).length);
		await app.limitDisk(null);
		await app.loadChosen();
		for (const name of kept) expect(sentOf(hub, name)).toBe(1);
	}
);

test('what only the files show to be too large is refused before its weights are downloaded', async ({
	app,
	hub
}) => {
	const file = 'tensor-cache.json';
	const manifest = JSON.parse(String(hub.files(REPO).get(file))) as { records: unknown[] };
	const nbytes = 2 ** 31;
	const tensor = { name: 'model.huge', shape: [nbytes / 4], dtype: 'float32', format: 'raw' };
	manifest.records.push({
		dataPath: 'params_shard_99.bin',
		format: 'raw-shard',
		nbytes,
		records: [{ ...tensor, nbytes, byteOffset: 0 }]
	});
	hub.replace(REPO, file, Buffer.from(JSON.stringify(manifest)));
	hub.hold();
	await app.choose(FAMILY, REPO, { planned: false });
	await app.loadButton().click();
	hub.release();
	await expect(app.alert).toContainText('model.huge');
	expect(hub.sent.filter((file) => file.endsWith('.bin'))).toEqual([]);
});

async function onDisk(app: AppPage, hub: Hub): Promise<string[]> {
	const urls = await app.cachedUrls();
	return shardsOf(hub).filter((name) =>
		urls.some((url) => url.endsWith(`${REPO}/resolve/${COMMIT}/${name}`))
	);
}
