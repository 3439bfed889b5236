import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { expectAccessibleInEveryLook } from './axe.ts';
import { loadPocket } from './page.ts';
import { expect, test, LONG } from './story.ts';

const row = (page: Page, id: string) => page.locator(`tr[data-variant="${id}"]`);
const TWO = ['pocket-q4f32_1', 'pocket-q0f32'];

/** Opens the page by a link that preselects, which starts nothing. */
async function open(page: Page, variantIds: readonly string[]) {
	await page.goto(`measure?variants=${variantIds.join(',')}`);
	await expect(page.getByTestId('chosen')).toContainText('pocket');
}
const measure = (page: Page) => page.getByRole('button', { name: /^Measure \d/ }).click();
const agree = (page: Page) => page.getByRole('button', { name: 'Download and measure' }).click();

interface Exported {
	schema: string;
	version: number;
	complete: boolean;
	results: { model_filename: string; n_prompt: number; n_gen: number; samples_ts: number[] }[];
}

test(
	'two variants are measured in one run that survives a reload, and the result is exported',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(360_000);
		await open(page, TWO);
		await measure(page);
		await expect(page.getByText(/^2 variants to measure\. To download: /)).toBeVisible();
		await agree(page);
		await expect(row(page, 'pocket-q4f32_1').locator('td').first()).toHaveText(/±/, {
			timeout: 120_000
		});
		await expect(row(page, 'pocket-q0f32')).toContainText('Being measured');

		await page.reload();
		await expect(page.getByText('A run was interrupted: 1 of 2 variants done.')).toBeVisible();
		await expect(row(page, 'pocket-q0f32')).toContainText('Waiting');
		await page.getByRole('button', { name: 'Resume', exact: true }).click();
		await expect(row(page, 'pocket-q0f32').locator('td').first()).toHaveText(/±/, {
			timeout: 120_000
		});
		await expect(page.getByRole('button', { name: 'Measure 2 variants' })).toBeEnabled();

		const faster = page.getByRole('cell', { name: /×\d+\.\d\d/ });
		await expect(faster).toHaveText([/×1\.00/, /×\d+\.\d\d/]);
		await expect(page.locator('td').filter({ hasText: 'best' }).first()).toBeVisible();

		await page.getByLabel('Export as').selectOption('JSON');
		const [saved] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('button', { name: 'Save' }).click()
		]);
		const exported = JSON.parse(await readFile(await saved.path(), 'utf8')) as Exported;
		expect(exported).toMatchObject({ schema: 'headroom-measure', version: 1, complete: true });
		expect(
			exported.results.map((each) => [each.model_filename, each.n_prompt, each.n_gen])
		).toEqual(
			TWO.flatMap((id) => [
				[id, 512, 0],
				[id, 0, 128]
			])
		);
		for (const { samples_ts } of exported.results) {
			expect(samples_ts).toHaveLength(3);
			for (const rate of samples_ts) expect(rate).toBeGreaterThan(0);
		}

		await page.getByRole('button', { name: 'Delete what was downloaded only for this' }).click();
		const cached = () =>
			page.evaluate(async () =>
				(await (await caches.open('webllm/model')).keys()).map(({ url }) => url)
			);
		// The first one is chosen for the chat.
		await expect
			.poll(async () => (await cached()).some((url) => url.includes('q0f32')))
			.toBe(false);

		await expectAccessibleInEveryLook(page);
	}
);

test(
	'a variant that cannot be downloaded gets a row that says so, and what was loaded comes back',
	{ tag: LONG },
	async ({ page, context }) => {
		test.setTimeout(300_000);
		await loadPocket(page);
		await context.route('**/q0f32/**/params_shard_0.bin', (route) => route.abort());
		await page.locator('summary', { hasText: 'More' }).first().click();
		await page.getByRole('link', { name: 'Measure', exact: true }).first().click();
		await page
			.getByRole('checkbox', { name: /^q0f32/ })
			.first()
			.check();
		await measure(page);
		await agree(page);
		await expect(row(page, 'pocket-q0f32')).toContainText('params_shard_0.bin', {
			timeout: 120_000
		});
		await expect(row(page, 'pocket-q4f32_1').locator('td').first()).toHaveText(/±/, {
			timeout: 120_000
		});
		await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
		await expect(page.getByText('pocket q4f32_1 answers')).toBeVisible({ timeout: 60_000 });
	}
);
