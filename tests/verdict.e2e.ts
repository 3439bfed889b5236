import { expect, test } from 'playwright/test';
import { HeadroomPage } from './page.ts';

test('what does not fit is blocked before a byte of it is downloaded, with offers that do fit', async ({
	page,
	context
}) => {
	const weights: string[] = [];
	context.on('request', (request) => {
		if (request.url().includes('params_shard') && !request.url().includes('/pocket/'))
			weights.push(request.url());
	});
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.getByRole('button', { name: /^Family/ }).click();
	await page.getByRole('searchbox', { name: 'Search by name' }).fill('llama 3.1 8b instruct');
	await page
		.locator('dialog')
		.getByRole('button', { name: /Llama 3.1 8B/ })
		.first()
		.click();
	await expect(headroom.verdict).toHaveText('blocked');
	await expect(page.getByRole('button', { name: /^Load Llama/ })).toBeDisabled();
	await expect(page.getByText(/may be used here/).first()).toBeVisible();
	const offers = page.getByRole('heading', { name: 'What would help' }).locator('..');
	await expect(offers.getByRole('button').first()).toContainText('Say what your GPU has');

	// A block disappears with its cause.
	await headroom.declareGib('24');
	await expect(headroom.verdict).toHaveText('fits');
	expect(weights).toEqual([]);
});

test('an f16 quantization is refused on a GPU without shader-f16, whatever the budget', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.declareGib('64');
	await headroom.quantization.selectOption('pocket-q4f16_1');
	await expect(headroom.verdict).toHaveText('blocked');
	await expect(page.getByText(/shader-f16/).first()).toBeVisible();
	await expect(page.getByRole('button', { name: /once anyway/ })).toHaveCount(0);
});

test('a block by the budget can be overridden once', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.declareGib('0.501');
	await expect(headroom.verdict).toHaveText('blocked');
	await page.getByRole('button', { name: /Load it once anyway/ }).click();
	await headroom.loaded();
	await page.getByRole('button', { name: 'Unload' }).click();
	await expect(page.getByRole('button', { name: /^Load pocket/ })).toBeDisabled();
});
