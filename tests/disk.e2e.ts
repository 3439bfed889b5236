import type { Locator, Page } from 'playwright/test';
import { expectAccessibleInEveryLook } from './axe.ts';
import { AppPage } from './support/app.ts';
import { abortAfter, flipped, Hub, status } from './support/hub.ts';
import { test as base, expect as plain, LONG } from './story.ts';

// A download in eight files, each hashed and stored, takes its time on a busy machine.
const expect = plain.configure({ timeout: 60_000 });

const NAME = 'SmolLM2 360M Instruct q4f32_1';
const REPO = 'SmolLM2-360M-Instruct-q4f32_1-MLC';
const LIBRARY = 'SmolLM2-360M-Instruct-q4f32_1_cs1k-webgpu.wasm';
const OTHER_NAME = 'SmolLM2 135M Instruct q0f32';
const OTHER = 'SmolLM2-135M-Instruct-q0f32-MLC';
const OTHER_LIBRARY = 'SmolLM2-135M-Instruct-q0f32_cs1k-webgpu.wasm';

/** A hub with two models, and the Models page. */
const test = base.extend<{ hub: Hub; disk: DiskPage }>({
	hub: async ({ context }, use) => {
		const hub = new Hub();
		hub.addModel(REPO, 'q4f32_1');
		hub.addLibrary(LIBRARY, 'q4f32_1');
		hub.addModel(OTHER, 'q0f32');
		hub.addLibrary(OTHER_LIBRARY, 'q0f32');
		await hub.start(context);
		await use(hub);
		await hub.stop();
	},
	disk: async ({ page, hub }, use) => {
		const disk = new DiskPage(page);
		await disk.allow([hub.storageHost]);
		await disk.openModels();
		await use(disk);
	}
});
test.describe.configure({ timeout: 240_000 });

class DiskPage extends AppPage {
	readonly downloads: Locator;
	readonly queue: Locator;

	constructor(page: Page) {
		super(page);
		this.downloads = page.getByRole('region', { name: 'Downloads' });
		this.queue = page.getByRole('list', { name: 'Downloads for later' });
	}

	async openModels() {
		await this.page.goto('models');
		await expect(this.page.getByTestId('budget')).toBeVisible();
	}

	async getForLater(name: string) {
		await this.page.getByRole('searchbox', { name: 'Search' }).fill(name.split(' ', 2).join(' '));
		await this.button(`Download ${name} for later`).click();
	}

	button(name: string | RegExp): Locator {
		return this.page.getByRole('button', { name, exact: true });
	}

	/** Of the queue. */
	entry(name: string): Locator {
		return this.queue.getByRole('listitem').filter({ hasText: name });
	}

	/** Of what lies on the disk. */
	row(name: string): Locator {
		return this.downloads
			.getByRole('listitem')
			.filter({ has: this.page.getByRole('button', { name: `Verify ${name}`, exact: true }) });
	}

	complete(name: string): Promise<void> {
		return expect(this.entry(name)).toContainText('Downloaded, ready to load.');
	}
}

const shardsOf = (hub: Hub) => [...hub.files(REPO).keys()].filter((name) => name.endsWith('.bin'));
const sentOf = (hub: Hub, name: string) =>
	hub.sent.filter((file) => file === `${REPO}/${name}`).length;

/** Has every shard from the `from`th on never arrive. */
const stall = (hub: Hub, from: number) => {
	for (const name of shardsOf(hub).slice(from)) hub.fail(name, () => new Promise(() => {}));
};
const onDisk = async (disk: DiskPage, hub: Hub) => {
	const urls = await disk.cachedUrls();
	return shardsOf(hub).filter((name) =>
		urls.some((url) => url.includes(`/${REPO}/resolve/`) && url.endsWith(`/${name}`))
	);
};

test(
	'a model is got for later while another one is chatting, paused, and gone on with',
	{ tag: LONG },
	async ({ disk, hub }) => {
		stall(hub, 3);
		await disk.getForLater(NAME);
		await expect.poll(() => onDisk(disk, hub)).toEqual(shardsOf(hub).slice(0, 3));
		await expect(disk.entry(NAME)).toContainText(/\d KiB of \d/);

		await disk.page.getByRole('link', { name: 'To the chat' }).click();
		await expect(await disk.ask('Hello')).toContainText('pocket q4f32_1');
		await disk.page.getByRole('link', { name: 'Models' }).first().click();

		await disk.button(`Pause ${NAME}`).click();
		await expect(disk.entry(NAME)).toContainText(/Paused at \d+ KiB of \d/);
		hub.mend();
		await disk.button(`Resume ${NAME}`).click();
		await disk.complete(NAME);
		await expect(disk.row(NAME)).toContainText('never loaded');
		await expect(disk.row(NAME)).toContainText('complete');
		for (const name of shardsOf(hub).slice(0, 3)) expect(sentOf(hub, name)).toBe(1);
	}
);

test('rate and time left are told while bytes arrive', { tag: LONG }, async ({ disk, hub }) => {
	hub.rate = 40_000;
	await disk.getForLater(NAME);
	await expect(disk.entry(NAME)).toContainText(/KiB of .*, .*\/s, \d+ s left/);
	await disk.complete(NAME);
});

test(
	'a download outlives a reload and the network, and goes on by itself',
	{ tag: LONG },
	async ({ disk, hub }) => {
		stall(hub, 3);
		await disk.getForLater(NAME);
		await expect.poll(() => onDisk(disk, hub)).toEqual(shardsOf(hub).slice(0, 3));
		hub.unplugged = true;
		hub.mend();
		await disk.page.reload();
		await expect(disk.entry(NAME)).toContainText(/Waiting to try again/);
		hub.unplugged = false;
		await disk.complete(NAME);
		for (const name of shardsOf(hub).slice(0, 3)) expect(sentOf(hub, name)).toBe(1);
	}
);

test('cancelling deletes what had come', { tag: LONG }, async ({ disk, hub }) => {
	stall(hub, 3);
	await disk.getForLater(NAME);
	await expect.poll(() => onDisk(disk, hub)).toHaveLength(3);
	await disk.button(`Cancel ${NAME}`).click();
	await expect(disk.queue).toBeHidden();
	await expect
		.poll(async () => (await disk.cachedUrls()).filter((url) => url.includes(REPO)))
		.toEqual([]);
});

test(
	'a host that is busy is waited for in sight, and a shard that stays wrong ends it by name',
	{ tag: LONG },
	async ({ disk, hub }) => {
		hub.fail('params_shard_0.bin', status(429, { 'retry-after': '4' }));
		for (const name of shardsOf(hub).slice(1)) hub.fail(name, status(503), abortAfter(100));
		hub.fail('params_shard_2.bin', flipped, flipped);
		await disk.getForLater(NAME);
		await expect(disk.entry(NAME)).toContainText(/Waiting to try again/);
		await expect(disk.entry(NAME)).toContainText(/params_shard_2\.bin: expected SHA-256/);
		await expect(disk.entry(NAME).getByRole('alert')).toContainText('The broken file was deleted');
		hub.mend();
		await disk.button(`Try ${NAME} again`).click();
		await disk.complete(NAME);
	}
);

test(
	'Verify finds what has changed on the disk, and the rest is fetched once more',
	{ tag: LONG },
	async ({ disk, hub }) => {
		await disk.getForLater(NAME);
		await disk.complete(NAME);
		await disk.page.evaluate(async () => {
			const cache = await caches.open('webllm/model');
			const key = (await cache.keys()).find(({ url }) => url.endsWith('params_shard_1.bin'));
			const body = new Uint8Array((await (await cache.match(key ?? ''))?.arrayBuffer()) ?? []);
			body[9] = (body[9] ?? 0) ^ 1;
			await cache.put(key ?? '', new Response(body));
		});
		await disk.button(`Verify ${NAME}`).click();
		await expect(disk.downloads.getByText('Wrong and deleted: params_shard_1.bin.')).toBeVisible();
		await expect(disk.row(NAME)).toContainText('1 file missing');
		await disk.button(`Download the rest of ${NAME}`).click();
		await disk.complete(NAME);
		await disk.button(`Verify ${NAME}`).click();
		await expect(disk.downloads.getByText('Nothing is wrong.')).toBeVisible();
		expect(sentOf(hub, 'params_shard_1.bin')).toBe(2);
		expect(sentOf(hub, 'params_shard_0.bin')).toBe(1);
	}
);

test('a complete model is downloaded again from nothing', { tag: LONG }, async ({ disk, hub }) => {
	await disk.getForLater(NAME);
	await disk.complete(NAME);
	await disk.button(`Download ${NAME} again`).click();
	await expect.poll(() => sentOf(hub, 'params_shard_0.bin')).toBe(2);
	await disk.complete(NAME);
	await expect(disk.row(NAME)).toContainText('complete');
});

test(
	'above the limit the least recently used is proposed, and goes only when the person says so',
	{ tag: LONG },
	async ({ disk }) => {
		await disk.getForLater(NAME);
		await disk.complete(NAME);
		await disk.getForLater(OTHER_NAME);
		await disk.complete(OTHER_NAME);
		await disk.page.getByRole('checkbox', { name: 'Limit disk use' }).check();
		const proposal = disk.downloads.getByRole('group');
		await expect(proposal).toBeHidden();
		// Both take some 2 MiB.
		await disk.page.getByLabel('Limit in GiB').fill('0.0015');
		await disk.page.getByLabel('Limit in GiB').press('Tab');
		await expect(proposal).toContainText(/more than your limit/);
		await expect(proposal.getByRole('checkbox', { name: NAME })).toBeChecked();
		await expect(proposal.getByRole('checkbox', { name: OTHER_NAME })).not.toBeChecked();
		await proposal.getByRole('button', { name: 'Keep them all' }).click();
		await expect(proposal).toBeHidden();
		expect((await disk.cachedUrls()).filter((url) => url.includes(REPO))).not.toEqual([]);

		await disk.page.getByLabel('Limit in GiB').fill('0.0016');
		await disk.page.getByLabel('Limit in GiB').press('Tab');
		await proposal.getByRole('button', { name: /^Delete \d, frees/ }).click();
		await expect(disk.row(NAME)).toBeHidden();
		await expect(disk.row(OTHER_NAME)).toContainText('complete');
		expect((await disk.cachedUrls()).filter((url) => url.includes(REPO))).toEqual([]);
	}
);

test(
	'“keep only what I use” proposes what is not complete, never what is loaded',
	{ tag: LONG },
	async ({ disk, hub }) => {
		stall(hub, 2);
		await disk.getForLater(NAME);
		await expect.poll(() => onDisk(disk, hub)).toHaveLength(2);
		await disk.button(`Pause ${NAME}`).click();
		await disk.page.getByRole('link', { name: 'To the chat' }).click();
		await disk.loadButton('Load pocket q4f32_1').click();
		await disk.loaded();
		await disk.page.getByRole('link', { name: 'Models' }).first().click();
		await disk.button('Remove unused models').click();
		const proposal = disk.downloads.getByRole('group');
		// Paused is still being downloaded.
		await expect(proposal).toContainText('it is all in use');
		await proposal.getByRole('button', { name: 'Close' }).click();
		await expect(disk.row('pocket q4f32_1')).toContainText('in use');
		await expect(disk.row('pocket q4f32_1')).toContainText('loaded once');
	}
);

test(
	'what could be deleted is offered with sizes when the disk is full in the middle',
	{ tag: LONG },
	async ({ disk, hub }) => {
		await disk.getForLater(OTHER_NAME);
		await disk.complete(OTHER_NAME);
		// The page's own check beforehand passes: what comes in the middle is another program's doing.
		await disk.limitDisk(300_000);
		await disk.getForLater(NAME);
		const entry = disk.entry(NAME);
		await expect(entry).toContainText(/room/);
		await expect(entry.getByRole('checkbox', { name: OTHER_NAME })).toBeChecked();
		await entry.getByRole('button', { name: /^Delete \d, frees/ }).click();
		await expect(entry).toContainText('Deleted. Try again');
		const kept = await onDisk(disk, hub);
		await disk.limitDisk(null);
		await disk.button(`Try ${NAME} again`).click();
		await disk.complete(NAME);
		for (const name of kept) expect(sentOf(hub, name)).toBe(1);
	}
);

test.describe('in a browser that was never asked', () => {
	test.use({ ownProfile: true });
	test(
		'the browser is asked to keep the files at the first download, and its answer is shown',
		{ tag: LONG },
		async ({ disk }) => {
			await expect(disk.downloads).toContainText('asked to keep the files at the first download');
			await disk.getForLater(NAME);
			await disk.complete(NAME);
			await expect(disk.downloads).toContainText(/asked on .*did not promise|Persistent/);
		}
	);
});

test('stored records of any shape leave the page whole', { tag: LONG }, async ({ disk }) => {
	// Then the page has made its database.
	await expect(disk.downloads).toContainText(/No model files are on disk|Total/);
	await disk.page.evaluate(
		() =>
			new Promise<void>((resolve, reject) => {
				const opening = indexedDB.open('headroom-files');
				opening.onerror = () => reject(opening.error ?? new Error('no records'));
				opening.onsuccess = () => {
					const writing = opening.result.transaction('records', 'readwrite');
					const records = writing.objectStore('records');
					const url = 'https://huggingface.co/mlc-ai/x/resolve/main/';
					records.put({ version: 1, paused: '<img src=x>', at: 'then' }, 'download pocket-q4f32_1');
					records.put({ version: 1, paused: true, at: 1 }, 'download <script>');
					records.put({ version: 1, paused: '', at: {} }, 'queued /headroom/ pocket-q4f32_1');
					records.put({ version: 1, paused: true, at: 1 }, 'queued /headroom/ <script>');
					records.put({ version: 1, askedUrl: 7, uses: -1 }, `model ${url}`);
					records.put('yes', 'persistence answer');
					writing.oncomplete = () => {
						opening.result.close();
						resolve();
					};
				};
			})
	);
	await disk.page.evaluate(async () => {
		const cache = await caches.open('webllm/model');
		const url = 'https://huggingface.co/mlc-ai/x/resolve/main/tensor-cache.json';
		await cache.put(url, new Response('{"records":[{"dataPath":"../../up"}]}'));
	});
	await disk.page.reload();
	await expect(disk.downloads).toContainText('No longer in the catalogue');
	await expect(disk.downloads).toContainText('damaged: tensor-cache.json');
	await expect(disk.queue).toBeHidden();
	await disk.button('Delete all').click();
	await expect(disk.downloads).toContainText('No model files are on disk.');
});

test(
	'nothing is wrong for axe with downloads of every state, wide and narrow, light and dark',
	{ tag: LONG },
	async ({ disk, hub }) => {
		const { page } = disk;
		await disk.getForLater(OTHER_NAME);
		await disk.complete(OTHER_NAME);
		stall(hub, 3);
		await disk.getForLater(NAME);
		await expect.poll(() => onDisk(disk, hub)).toHaveLength(3);
		await page.getByRole('checkbox', { name: 'Limit disk use' }).check();
		await page.getByLabel('Limit in GiB').fill('0.001');
		await page.getByLabel('Limit in GiB').press('Tab');
		await expect(disk.downloads.getByRole('group')).toBeVisible();
		await expectAccessibleInEveryLook(page, async (look) => {
			const path = test.info().outputPath(`downloads-${look}.png`);
			await disk.downloads.screenshot({ path });
		});
	}
);
