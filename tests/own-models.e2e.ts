import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Locator, Page, Request } from 'playwright/test';
import { expect, LONG, test } from './story.ts';
import { AppPage } from './support/app.ts';
import { COMMIT, Hub } from './support/hub.ts';

test.describe.configure({ timeout: 150_000 });

const NAME = 'Llama-3.2-1B-Instruct-q4f32_1-MLC';
const ID = `mallory/${NAME}@${COMMIT.slice(0, 8)}`;

test('a model is added by its name, planned, loaded, asked and removed with its files', async ({
	page,
	context
}) => {
	const hub = new Hub();
	hub.addModel(NAME, 'q4f32_1', { owner: 'mallory' });
	await hub.start(context);
	const app = new AppPage(page);
	await app.allow([hub.storageHost]);
	await page.goto('models');

	const adder = page.getByRole('region', { name: 'Add a model' });
	const name = adder.getByRole('textbox', { name: 'Name or address' });
	await name.fill('mallory/Nothing');
	await name.press('Enter');
	await expect(adder.getByRole('alert')).toContainText('does not exist, it is private');
	await name.fill(`https://huggingface.co/mallory/${NAME}`);
	await name.press('Enter');
	const found = page.getByTestId('found');
	await expect(found).toContainText(`commit ${COMMIT.slice(0, 12)}`);
	await expect(found).toContainText(
		'Same name as Llama 3.2 1B Instruct in the catalogue, but published by mallory.'
	);
	await expect(found).toContainText('that of pocket q4f32_1: it reads the same tensors');
	await expect(found.getByTestId('verdict')).toHaveText('fits');
	// Looked at, and nothing kept or downloaded.
	expect((await app.cachedUrls()).filter((url) => url.includes('mallory'))).toEqual([]);
	expect(hub.sent.filter((file) => file.endsWith('.bin'))).toEqual([]);

	await found.getByRole('button', { name: 'Add' }).click();
	await adder.getByRole('button', { name: 'Choose it' }).click();
	const row = page.locator(`tr[data-variant="${ID}"]`);
	await expect(row).toContainText('own');
	await expect(row).toContainText('Chosen');

	await page.getByRole('link', { name: 'To the chat' }).click();
	await expect(page.getByTestId('confidence')).not.toHaveText('estimate');
	await app.loadButton().click();
	await app.loaded();
	await app.ask('What is the capital of France?');
	const weights = hub.asked.filter((url) => url.endsWith('.bin'));
	expect(weights.length).toBeGreaterThan(1);
	for (const url of weights) expect(url).toContain(`/mallory/${NAME}/resolve/${COMMIT}/`);

	await page.goto('models');
	const own = page.getByRole('region', { name: 'Your models' });
	await own.getByRole('button', { name: `Remove ${ID} with its files` }).click();
	await expect(own).toBeHidden();
	await expect(row).toHaveCount(0);
	await expect
		.poll(async () => (await app.cachedUrls()).filter((url) => url.includes('mallory')))
		.toEqual([]);
	await hub.stop();
});

test('two quantizations of one model stand in one family, and one is swapped for the other in the list', async ({
	page,
	context
}) => {
	const FINE = NAME.replace('q4f32_1', 'q0f32');
	const FINE_ID = `mallory/${FINE}@${COMMIT.slice(0, 8)}`;
	const hub = new Hub();
	hub.addModel(NAME, 'q4f32_1', { owner: 'mallory' });
	hub.addModel(FINE, 'q0f32', { owner: 'mallory' });
	await hub.start(context);
	const app = new AppPage(page);
	await app.allow([hub.storageHost]);
	await page.goto('models');

	const adder = page.getByRole('region', { name: 'Add a model' });
	const name = adder.getByRole('textbox', { name: 'Name or address' });
	for (const each of [NAME, FINE]) {
		await name.fill(`mallory/${each}`);
		await name.press('Enter');
		await page.getByTestId('found').getByRole('button', { name: 'Add' }).click();
		await expect(adder.getByRole('button', { name: 'Choose it' })).toBeVisible();
	}
	await page.getByRole('link', { name: 'To the chat' }).click();

	await app.choose('Llama 3.2 1B Instruct (mallory)', ID);
	await expect(app.quantization.getByRole('option')).toHaveText([/^q0f32 · /, /^q4f32_1 · /]);
	await app.loadChosen();
	await app.ask('What is the capital of France?');
	await app.quantization.selectOption(FINE_ID);
	await app.loadButton().click();
	await expect(page.getByText('Llama 3.2 1B Instruct (mallory) q0f32 answers')).toBeVisible();
	const answer = await app.ask('What is VRAM?');
	await expect(answer).toContainText('Llama 3.2 1B Instruct (mallory) q0f32');
	const weights = hub.asked.filter((url) => url.endsWith('.bin'));
	expect(weights.some((url) => url.includes(`/mallory/${FINE}/resolve/${COMMIT}/`))).toBe(true);

	// The family stays when one of them goes.
	await page.goto('models');
	const own = page.getByRole('region', { name: 'Your models' });
	await own.getByRole('button', { name: `Remove ${ID} with its files` }).click();
	await expect(page.locator(`tr[data-variant="${ID}"]`)).toHaveCount(0);
	await expect(page.locator(`tr[data-variant="${FINE_ID}"]`)).toContainText('Chosen');
	await page.getByRole('link', { name: 'To the chat' }).click();
	await expect(app.quantization.getByRole('option')).toHaveText([/^q0f32 · /]);
	await hub.stop();
});

test(
	'a gated model comes with a token, which no redirect, address, log, export or report carries on',
	{ tag: LONG },
	async ({ page, context }) => {
		const TOKEN = 'hf_nobodyElseMayHaveThis';
		const hub = new Hub();
		hub.addModel(NAME, 'q4f32_1', { owner: 'alice', token: TOKEN });
		await hub.start(context);
		const said: string[] = [];
		page.on('console', (message) => said.push(message.text()));
		const app = new AppPage(page);
		await app.allow([hub.storageHost]);
		await page.goto('models');

		const adder = page.getByRole('region', { name: 'Add a model' });
		const name = adder.getByRole('textbox', { name: 'Name or address' });
		await name.fill(`alice/${NAME}`);
		await name.press('Enter');
		const alert = adder.getByRole('alert');
		await expect(alert.getByRole('link', { name: 'Accept the licence' })).toHaveAttribute(
			'href',
			`https://huggingface.co/alice/${NAME}`
		);
		await alert.getByLabel('Read token').fill(TOKEN);
		await alert.getByRole('button', { name: 'Use and try again' }).click();
		const found = page.getByTestId('found');
		await found.getByRole('button', { name: 'Add' }).click();
		await adder.getByRole('button', { name: 'Choose it' }).click();
		await page.getByRole('link', { name: 'To the chat' }).click();
		await expect(page.getByTestId('confidence')).not.toHaveText('estimate');
		await app.loadButton().click();
		await app.loaded();

		await page.getByRole('button', { name: 'Report a problem' }).click();
		const report = page.getByRole('textbox', { name: 'Report' });
		await expect(report).toHaveValue(/alice/);
		expect(await report.inputValue()).not.toContain(TOKEN);
		await page.keyboard.press('Escape');
		await page.keyboard.press('Control+,');
		const [file] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('dialog', { name: 'Settings' }).getByRole('button', { name: 'Export' }).click()
		]);
		const exported = await readFile(await file.path(), 'utf8');
		expect(exported).toContain(`alice/${NAME}@${COMMIT}`);
		expect(exported).not.toContain(TOKEN);
		await page.keyboard.press('Escape');

		// The hub asked for it, and redirected to a host that never saw it.
		expect(hub.tokens.has(`Bearer ${TOKEN}`)).toBe(true);
		expect(hub.sent.length).toBeGreaterThan(5);
		expect(hub.storageHeaders.filter((headers) => headers.includes(TOKEN))).toEqual([]);
		expect([...hub.asked, ...said].filter((text) => text.includes(TOKEN))).toEqual([]);

		// Its first load was followed by a check.
		await page.getByRole('link', { name: 'Models', exact: true }).first().click();
		await expect(page.getByRole('region', { name: 'Your models' })).toContainText(
			'self-check passed'
		);
		await expect(page.getByRole('region', { name: 'Downloads' })).toContainText(
			'Llama 3.2 1B Instruct (alice) q4f32_1'
		);
		await expect(page.getByText('Something in this page failed')).toHaveCount(0);
		await hub.stop();
	}
);

/** A folder on this computer, with a model as it is converted into. */
function aFolder(): string {
	const [hash = ''] = readdirSync('static/pocket');
	const folder = join(mkdtempSync(join(tmpdir(), 'headroom-own-')), 'my-poet-q4f32_1-MLC');
	cpSync(join('static/pocket', hash, 'q4f32_1/resolve/main'), folder, { recursive: true });
	return folder;
}

test(
	'a folder is picked or dropped, checked, copied, loaded and asked; nothing of it comes from a network',
	{ tag: LONG },
	async ({ page }) => {
		const folder = aFolder();
		const app = new AppPage(page);
		await page.goto('models');
		const adder = page.getByRole('region', { name: 'Add a model' });
		const found = page.getByTestId('found');
		await expect(adder.getByRole('button', { name: 'Folder…' })).toBeEnabled();

		await adder.getByLabel('Folder of a model').setInputFiles(folder);
		await expect(found).toContainText('my-poet-q4f32_1-MLC');
		await found.getByRole('button', { name: 'Cancel' }).click();
		await expect(found).toBeHidden();

		await drop(page, adder, folder);
		await expect(found).toContainText('that of pocket q4f32_1: it reads the same tensors');
		await expect(found.getByTestId('verdict')).toHaveText('fits');
		// Until then the hub was asked how the catalogue's models of this architecture are built.
		const asked: string[] = [];
		const listen = (request: Request) => void asked.push(request.url());
		page.context().on('request', listen);
		await found.getByRole('button', { name: 'Add' }).click();
		await adder.getByRole('button', { name: 'Choose it' }).click();
		await expect(page.getByRole('region', { name: 'Your models' })).toContainText(
			'my-poet-q4f32_1-MLC'
		);
		// What was copied is all it needs.
		rmSync(dirname(folder), { recursive: true });
		await page.getByRole('link', { name: 'To the chat' }).click();
		await app.loadButton().click();
		await app.loaded();
		await app.ask('What is the capital of France?');
		const { origin } = new URL(page.url());
		page.context().off('request', listen);
		expect(asked.filter((url) => new URL(url).origin !== origin)).toEqual([]);
	}
);

test(
	'a folder with a flipped byte is refused where it is copied, and nothing of it stays',
	{ tag: LONG },
	async ({ page }) => {
		const folder = aFolder();
		const shard = join(folder, 'params_shard_0.bin');
		const bytes = readFileSync(shard);
		bytes[100] = (bytes[100] ?? 0) ^ 1;
		writeFileSync(shard, bytes);
		const app = new AppPage(page);
		await page.goto('models');
		const adder = page.getByRole('region', { name: 'Add a model' });
		await expect(adder.getByRole('button', { name: 'Folder…' })).toBeEnabled();
		await adder.getByLabel('Folder of a model').setInputFiles(folder);
		await page.getByTestId('found').getByRole('button', { name: 'Add' }).click();
		await expect(adder.getByRole('alert')).toContainText('params_shard_0.bin');
		expect((await app.cachedUrls()).filter((url) => url.includes('.invalid'))).toEqual([]);
	}
);

/** Drops a folder as a file manager does. */
async function drop(page: Page, onto: Locator, folder: string) {
	const box = await onto.boundingBox();
	if (!box) throw new Error('There is no place to drop it.');
	const session = await page.context().newCDPSession(page);
	const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
	const data = { items: [], files: [folder], dragOperationsMask: 1 };
	for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
		await session.send('Input.dispatchDragEvent', { type, ...at, data });
	await session.detach();
}
