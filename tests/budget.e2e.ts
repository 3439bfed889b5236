import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { loadPocket } from './page.ts';
import { expect, LONG, test } from './story.ts';

const LARGE = 'Llama-3.1-8B-Instruct-q4f32_1-MLC';
const verdict = (page: Page) => page.locator(`tr[data-variant="${LARGE}"]`).getByTestId('verdict');

async function open(page: Page) {
	await page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));
	await page.goto('models');
	await expect(page.getByTestId('budget')).toBeVisible();
	await page.getByRole('button', { name: 'Set GPU memory' }).click();
}
async function pickGpu(page: Page, name: string) {
	await page
		.getByRole('dialog', { name: 'GPU memory' })
		.getByRole('button', { name: /^GPU / })
		.click();
	const search = page.getByRole('combobox', { name: /^Search by name/ });
	await search.fill(name);
	await search.press('Enter');
	await expect(search).toBeHidden();
}
async function save(page: Page) {
	await page.getByRole('button', { name: 'Save', exact: true }).click();
	await expect(page.getByRole('dialog')).toBeHidden();
}

test(
	'a GPU picked from the list sets the budget and changes the verdict, until it is reset',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		const before = await page.getByTestId('budget').innerText();
		await expect(verdict(page)).toHaveText('blocked');
		await pickGpu(page, 'NVIDIA RTX 3060');
		await expect(page.getByLabel('GPU memory (GiB)')).toHaveValue('8');
		await page.getByLabel('Sold with').selectOption('12 GiB');
		await expect(page.getByLabel('GPU memory (GiB)')).toHaveValue('12');
		await save(page);
		await expect(page.getByTestId('budget')).toHaveText('11.5 GiB');
		await expect(page.getByText('You picked NVIDIA RTX 3060 with 12 GiB')).toBeVisible();
		await expect(verdict(page)).toHaveText('fits');

		await page.reload();
		await expect(page.getByTestId('budget')).toHaveText('11.5 GiB');
		await page.getByRole('button', { name: 'Set GPU memory' }).click();
		await expect(page.getByRole('button', { name: 'GPU NVIDIA RTX 3060' })).toBeVisible();
		await page.getByRole('button', { name: 'Reset' }).click();
		await expect(page.getByTestId('budget')).toHaveText(before);
		await expect(verdict(page)).toHaveText('blocked');
	}
);

test(
	'a name is found as it stands on the box, and a Mac’s GPU gets its part of the memory',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		await pickGpu(page, 'GeForce RTX 4060');
		await expect(page.getByLabel('GPU memory (GiB)')).toHaveValue('8');
		await pickGpu(page, 'Apple M2 Pro');
		await page.getByLabel('Memory of the computer').selectOption('24 GiB');
		await expect(page.getByLabel('GPU memory (GiB)')).toHaveValue('16');
		await page.getByLabel('GPU memory (GiB)').fill('');
		await expect(page.getByRole('alert')).toContainText('how much memory the Apple M2 Pro has');
		await page.getByLabel('GPU memory (GiB)').press('Enter');
		await expect(page.getByRole('dialog')).toBeVisible();
	}
);

test('what other programs take comes off the budget', { tag: LONG }, async ({ page }) => {
	await open(page);
	await page.getByLabel('GPU memory (GiB)').fill('8');
	await page.getByLabel('Reserved for other programs (GiB)').fill('1,5');
	await save(page);
	await expect(page.getByTestId('budget')).toHaveText('6.50 GiB');
});

test('with the threshold off nothing is refused for its size', { tag: LONG }, async ({ page }) => {
	await open(page);
	await expect(verdict(page)).toHaveText('blocked');
	await page.getByLabel('Off').check();
	await save(page);
	await expect(verdict(page)).toHaveText('tight');
});

test(
	'a lower threshold refuses what a higher one lets through',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		await page.getByLabel('GPU memory (GiB)').fill('9');
		await save(page);
		await expect(verdict(page)).not.toHaveText('blocked');
		await page.getByRole('button', { name: 'Set GPU memory' }).click();
		await page.getByRole('slider', { name: 'Safety threshold' }).press('Home');
		await save(page);
		await expect(verdict(page)).toHaveText('blocked');
	}
);

test(
	'the dialog is clean for axe and closes with Escape, keeping nothing',
	{ tag: LONG },
	async ({ page }) => {
		await open(page);
		await page.getByLabel('GPU memory (GiB)').fill('24');
		const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
		expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
		const before = await page.getByTestId('budget').innerText();
		await page.keyboard.press('Escape');
		await expect(page.getByRole('dialog')).toBeHidden();
		await expect(page.getByTestId('budget')).toHaveText(before);
	}
);

test(
	'the chart in the panel shows the load it was not open for',
	{ tag: LONG },
	async ({ page }) => {
		await loadPocket(page);
		await page.getByText('GPU memory over time').click();
		const live = await page.getByTestId('live-bytes').innerText();
		await expect(page.getByRole('img', { name: /^GPU memory over/ })).toHaveAccessibleName(
			new RegExp(`now ${live}`)
		);
		await expect(page.getByRole('listitem').filter({ hasText: /^\s*load/ })).toContainText(live);
	}
);
