import { realGpu } from '../scripts/browsers.mjs';
import { HeadroomPage } from './page.ts';
import { expect, test, LONG } from './story.ts';

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
	await headroom.chooseFamily('llama 3.1 8b instruct');
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
	test.skip(realGpu, 'this GPU has shader-f16');
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.declareGib('64');
	await headroom.quantization.selectOption('pocket-q4f16_1');
	await expect(headroom.verdict).toHaveText('blocked');
	await expect(page.getByText(/shader-f16/).first()).toBeVisible();
	await expect(page.getByRole('button', { name: /once anyway/ })).toHaveCount(0);
});

test('a block by the budget can be overridden once', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.declareGib('0.501');
	await expect(headroom.verdict).toHaveText('blocked');
	await page.getByRole('button', { name: /Load it once anyway/ }).click();
	await headroom.loaded();
	await page.getByRole('button', { name: 'Unload' }).click();
	await expect(page.getByRole('button', { name: /^Load pocket/ })).toBeDisabled();
});

test('a person with a 4 GB GPU finds the best model that fits from the first page', async ({
	page
}) => {
	await page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.declareGib('4');
	await page.locator('#panel').getByRole('button', { name: 'Best fit' }).click();
	const best = page.getByRole('dialog', { name: 'Best fit' });
	await expect(best).toContainText('within the 3.50 GiB that may be used');
	for (const priority of ['quality', 'balanced', 'speed']) {
		await best.getByLabel('Priority').selectOption(priority);
		await expect(best.getByRole('button', { name: /^Choose / })).not.toContainText('pocket');
	}
	const choose = best.getByRole('button', { name: /^Choose / });
	const name = (await choose.innerText()).replace(/^Choose (.*), .*$/, '$1');
	await choose.click();
	await expect(page.getByRole('dialog')).toBeHidden();
	await expect(headroom.verdict).toHaveText('fits');
	await expect(page.getByRole('button', { name: `Load ${name}` })).toBeEnabled();

	// What the plan rests on is said beside it.
	await expect(page.locator('#panel')).toContainText('The catalogue declares');
});

test('the profile of a family says what it can do and what each quantization saves', async ({
	page
}) => {
	await page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.chooseFamily('qwen3 0.6b thinking');
	await page.getByText('About Qwen3 0.6B').click();
	const about = page.getByRole('group').filter({ hasText: 'About Qwen3 0.6B' });
	await expect(about.getByRole('definition')).toHaveText([
		/not read yet/,
		'0.6 billion',
		'yes',
		'no'
	]);
	await expect(about.getByRole('row', { name: /^q0f32/ })).toHaveText(/≈ 2.24 GiB\s*–/);
	await expect(about.getByRole('row', { name: /^q4f16_1/ })).toHaveText(/MiB\s*86%/);
});

test('the slider says where the verdict turns, and finds the largest window that fits', async ({
	page
}) => {
	await page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.declareGib('7');
	await headroom.chooseFamily('llama 3.1 8b instruct');
	await expect(headroom.verdict).toHaveText('blocked');
	await expect(page.getByText(/^Tight at best, blocked above [\d,]+\.$/)).toBeVisible();

	// The upper bound of what the catalogue declares fits at smaller windows only.
	await headroom.declareGib('9.5');
	await expect(headroom.verdict).toHaveText('may fit');
	await expect(page.getByText(/^Fits up to [\d,]+, tight above\.$/)).toBeVisible();
	await page.getByRole('button', { name: /^Largest that fits/ }).click();
	await expect(headroom.verdict).toHaveText('fits');
	// One step on, the verdict is another one.
	await page.getByRole('slider', { name: 'Context window' }).press('ArrowRight');
	await expect(headroom.verdict).toHaveText('may fit');
});
