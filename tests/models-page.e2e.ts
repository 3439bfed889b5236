import type { Page } from 'playwright/test';
import { expectAccessibleInEveryLook } from './axe.ts';
import { loadPocket } from './page.ts';
import { expect, LONG, test } from './story.ts';

const row = (page: Page, id: string) => page.locator(`tr[data-variant="${id}"]`);
const shown = async (page: Page) => {
	const text = await page.getByTestId('count').innerText();
	return Number(text.split(' ')[0]);
};
/** Of every row shown, bytes as they stand there. */
async function sizes(page: Page): Promise<number[]> {
	const units = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
	const texts = await page.locator('tbody td.size').allTextContents();
	return texts.map((text) => {
		const match = /([\d.]+) (bytes|KiB|MiB|GiB)/.exec(text);
		return match ? Number(match[1]) * units[match[2] as keyof typeof units] : NaN;
	});
}
async function open(page: Page) {
	await page.goto('models');
	await expect(page.getByTestId('budget')).toBeVisible();
}
/** No request leaves the machine: what the catalogue's hosts answer is up to the test. */
const outside = (page: Page) =>
	page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));

test.beforeEach(({ page }) => outside(page));

test('the table is filtered by words and sorted by its headings, by keyboard too', async ({
	page
}) => {
	await open(page);
	const all = await shown(page);
	await page.getByRole('searchbox', { name: 'Search' }).fill('llama 3.2');
	await expect.poll(() => shown(page)).toBeLessThan(all);
	for (const name of await page.getByRole('rowheader').allTextContents())
		expect(name).toContain('Llama 3.2');

	const heading = page.getByRole('columnheader', { name: 'GPU memory' });
	await heading.getByRole('button').focus();
	await page.keyboard.press('Enter');
	await expect(heading).toHaveAttribute('aria-sort', 'ascending');
	const ascending = await sizes(page);
	expect(ascending.length).toBeGreaterThan(2);
	expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
	await page.keyboard.press('Enter');
	await expect(heading).toHaveAttribute('aria-sort', 'descending');
	expect(await sizes(page)).toEqual(ascending.toReversed());
});

test(
	'sizes follow the context window, and a model stays at its own maximum',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		const llama = row(page, 'Llama-3.2-1B-Instruct-q4f32_1-MLC').locator('.size');
		await expect(llama).toContainText('at 4,096');
		// Not what is rendered: rows out of sight are not.
		const size = async () => (await llama.textContent())?.split(' at ')[0]?.trim();
		const before = await size();
		expect(before).toMatch(/GiB$/);
		await page.getByLabel('Context window').selectOption({ label: '16,384 tokens' });
		await expect(llama).toContainText('at 16,384');
		expect(await size()).not.toBe(before);
		await expect(row(page, 'pocket-q4f32_1').locator('.size')).toContainText('at 2,048');
	}
);

test(
	'“fits here” follows the declared budget, and forgetting it brings the old list back',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		await page.getByLabel('Verdict').selectOption('fits here');
		const before = await shown(page);
		await page.getByRole('button', { name: 'Set GPU memory' }).click();
		await page.getByLabel('GPU memory (GiB)').fill('1');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect(page.getByTestId('budget')).toHaveText('512 MiB');
		await expect.poll(() => shown(page)).toBeLessThan(before);
		for (const verdict of await page.locator('tbody').getByTestId('verdict').allInnerTexts())
			expect(verdict).toBe('fits');

		await page.getByRole('button', { name: 'Set GPU memory' }).click();
		await page.getByRole('button', { name: 'Reset' }).click();
		await expect.poll(() => shown(page)).toBe(before);
	}
);

test('checking the rows shown makes their plans exact', { tag: LONG }, async ({ page }) => {
	await open(page);
	await page.getByRole('searchbox', { name: 'Search' }).fill('pocket');
	await expect(page.getByTestId('count')).toHaveText(/^4 of/);
	await page.getByRole('button', { name: /^Check \d exactly/ }).click();
	for (const quantization of ['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32']) {
		const confidence = row(page, `pocket-${quantization}`).locator('.confidence');
		await expect(confidence).toHaveText('exact');
	}
	await expect(page.getByRole('button', { name: /^Check \d exactly/ })).toHaveCount(0);
});

test(
	'a check that fails says which file it was, and the others go on',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		await page.getByRole('searchbox', { name: 'Search' }).fill('SmolLM2 135M');
		await page.getByRole('button', { name: /^Check \d+ exactly/ }).click();
		await expect(page.getByText(/^0 read, \d+ failed\.$/)).toBeVisible();
		const confidence = page.locator('tbody .confidence').first();
		await expect(confidence).toContainText(/\.(json|wasm) failed/);
	}
);

test(
	'a check is cancelled, at most four models being read at once',
	{ tag: LONG },
	async ({ page }) => {
		// Never answered.
		await page.context().route(/^https:\/\//, () => {});
		await open(page);
		await page.getByRole('searchbox', { name: 'Search' }).fill('qwen');
		await page.getByRole('button', { name: /^Check \d+ exactly/ }).click();
		await expect(page.getByText(/^0 of \d+ read$/)).toBeVisible();
		const reading = page.locator('tbody .confidence', { hasText: 'reading' });
		await expect(reading).toHaveCount(4);
		await page.getByRole('button', { name: 'Cancel' }).click();
		await expect(page.getByText('Cancelled.')).toBeVisible();
		await expect(reading).toHaveCount(0);
		await expect(page.locator('tbody .failure')).toHaveCount(0);
	}
);

test('a model chosen here is the one in the chat', { tag: LONG }, async ({ page }) => {
	await open(page);
	await page.getByRole('button', { name: 'Choose pocket q0f32' }).click();
	await expect(page.getByLabel('Chosen model')).toContainText('pocket q0f32');
	await page.getByRole('link', { name: 'To the chat' }).click();
	await expect(page.getByRole('button', { name: 'Load pocket q0f32' })).toBeVisible();
});

test(
	'a deleted download is gone from the disk, and what was measured stays until it is forgotten',
	{ tag: LONG },
	async ({ page }) => {
		await loadPocket(page);
		await page.getByRole('link', { name: 'Models' }).first().click();
		const cached = () =>
			page.evaluate(async () => {
				const urls: string[] = [];
				for (const name of await caches.keys())
					if (name.startsWith('webllm/'))
						for (const { url } of await (await caches.open(name)).keys()) urls.push(url);
				return urls;
			});
		await page.getByRole('checkbox', { name: 'Downloaded' }).check();
		await expect(page.getByTestId('count')).toHaveText(/^1 of/);
		await expect(row(page, 'pocket-q4f32_1').locator('.confidence')).toHaveText('measured');
		expect((await cached()).some((url) => url.endsWith('pocket-q4f32_1.wasm'))).toBe(true);
		expect(await page.getByTestId('disk-total').innerText()).toMatch(/KiB|MiB/);

		await page.getByRole('button', { name: 'Verify pocket q4f32_1' }).click();
		await expect(page.getByText('Nothing is wrong.')).toBeVisible();
		await page.getByRole('button', { name: 'Delete pocket q4f32_1 from disk' }).click();
		await expect(page.getByText('No model files are on disk.')).toBeVisible();
		expect(await cached()).toEqual([]);
		await expect(page.getByTestId('count')).toHaveText(/^0 of/);

		await page.getByRole('checkbox', { name: 'Downloaded' }).uncheck();
		const measured = page.getByRole('region', { name: 'Measurements' });
		await expect(measured.getByRole('listitem')).toContainText('pocket q4f32_1');
		await measured.getByRole('button', { name: 'Clear' }).click();
		await expect(measured).toContainText('Nothing yet.');
		await expect(row(page, 'pocket-q4f32_1').locator('.confidence')).toHaveText('exact');
	}
);

test(
	'nothing is wrong for axe and nothing scrolls sideways, wide and narrow, light and dark',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(120_000);
		await open(page);
		await page.setViewportSize({ width: 360, height: 800 });
		await expect(page.getByTestId('count')).toHaveText(/^1\d\d of/);
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
		// All rows are alike; axe takes minutes over every one of them on a slow machine.
		await page.getByRole('searchbox', { name: 'Search' }).fill('qwen3 1.7b');
		await expect(page.getByTestId('count')).toHaveText(/^2 of/);
		await expectAccessibleInEveryLook(page);
	}
);
