import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

test('a newcomer asks a question in one click and pocket answers it', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await expect(headroom.verdict).toHaveText('fits');
	await page.getByRole('button', { name: 'What is quantization?' }).click();
	await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
	await expect(headroom.answers).toContainText('first token');
	await headroom.loaded();
});

test(
	'a first visit is shown from its top, says what the page needs and suggests what fits',
	{ tag: LONG },
	async ({ page }) => {
		await page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const needs = page.getByRole('region', { name: 'What this page needs' });
		await expect(needs.getByRole('term')).toHaveText([/Browser/, /GPU/, /GPU memory/]);
		await expect(page.getByRole('heading', { level: 1 })).toBeInViewport({ ratio: 1 });
		await expectAccessible(page);

		const suggestion = page.getByRole('region', { name: 'Best fit' });
		const choose = suggestion.getByRole('button', { name: /^Choose / });
		const name = (await choose.innerText()).replace(/^Choose (.*), .*$/, '$1');
		await choose.click();
		await expect(page.getByRole('button', { name: `Load ${name}` })).toBeEnabled();
		await expect(headroom.verdict).toHaveText('fits');
		await expect(headroom.composer).toBeFocused();
		await expect(suggestion).toHaveCount(0);
		await expect(needs).toHaveCount(0);
		// What was chosen once is not explained again.
		await page.reload();
		await expect(page.getByRole('button', { name: 'What is quantization?' })).toBeVisible();
		await expect(needs).toHaveCount(0);
	}
);

test('conversation and choice are there after a reload', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const answer = await headroom.ask('What is a context window?');
	const text = await answer.locator('p').first().innerText();
	await headroom.quantization.selectOption({ index: 0 });
	const chosen = await headroom.quantization.inputValue();
	await page.reload();
	await expect(headroom.answers).toContainText(text);
	await expect(page.getByText('What is a context window?').last()).toBeVisible();
	await expect(headroom.quantization).toHaveValue(chosen);
});

test('what is sent while the page starts is sent once it has started', async ({ page }) => {
	await page.addInitScript(() => {
		const { gpu } = navigator;
		const ask = gpu.requestAdapter.bind(gpu);
		const later = new Promise((resolve) => addEventListener('gpu-may-answer', resolve));
		gpu.requestAdapter = async (options) => {
			await later;
			return ask(options);
		};
	});
	const headroom = new HeadroomPage(page);
	await page.goto('./');
	await headroom.composer.fill('What is quanti');
	await headroom.composer.press('Enter');
	const told = page.getByText('Sent as soon as the page has started.');
	await expect(told).toBeVisible();
	await expect(headroom.composer).toHaveValue('What is quanti');
	// Who types on has not finished.
	await headroom.composer.pressSequentially('zation?');
	await expect(told).toBeHidden();
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(told).toBeVisible();
	await page.evaluate(() => dispatchEvent(new Event('gpu-may-answer')));
	await expect(page.getByRole('article').first()).toHaveText(/What is quantization\?/);
	await expect(headroom.composer).toHaveValue('');
	await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
});

test('what is typed before the page’s script has come is taken over, and sent if Enter was pressed', async ({
	browser,
	baseURL
}) => {
	// A worker that keeps the site would have the script at hand.
	const context = await browser.newContext({
		...(baseURL && { baseURL }),
		serviceWorkers: 'block'
	});
	const page = await context.newPage();
	const { composer } = new HeadroomPage(page);
	const visit = async () => {
		let come = () => {};
		const comes = new Promise<void>((resolve) => (come = resolve));
		await page.unrouteAll();
		await page.route(/\/_app\/.*\.js$/, async (route) => {
			await comes;
			await route.continue();
		});
		await page.goto('./', { waitUntil: 'commit' });
		await expect(composer).toHaveAttribute('data-early');
		await composer.click();
		return async () => {
			come();
			await expect(composer).not.toHaveAttribute('data-early');
		};
	};

	const start = await visit();
	await page.keyboard.type('What is quantiza?');
	await page.keyboard.press('ArrowLeft');
	await start();
	await page.keyboard.type('tion');
	await expect(composer).toHaveValue('What is quantization?');

	// A draft that was kept would come before what is typed next.
	await composer.fill('');
	await expect(page.getByTestId('total')).toBeVisible();
	const startAgain = await visit();
	await page.keyboard.type('Why?');
	await page.keyboard.press('Enter');
	await startAgain();
	await expect(page.getByRole('article', { name: 'You' })).toHaveText(/Why\?/);
	await expect(composer).toHaveValue('');

	await page.getByRole('button', { name: 'Stop' }).click();
	await page.keyboard.press('Control+,');
	await page.getByLabel('Enter key').selectOption('newline');
	await page.keyboard.press('Escape');
	const startThird = await visit();
	await page.keyboard.type('One line');
	await page.keyboard.press('Enter');
	await startThird();
	await expect(composer).toHaveValue('One line\n');
	await context.close();
});

test('the bar follows the context window at once', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const total = page.getByTestId('total');
	const before = await total.innerText();
	await page.getByRole('button', { name: /Largest that fits/ }).click();
	await expect(total).not.toHaveText(before);
	await page.getByRole('slider', { name: 'Context window' }).press('Home');
	await expect(page.getByText('512 tokens').first()).toBeVisible();
});

test('stopping keeps what was already written', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.answerOnAndOn();
	await headroom.composer.fill('What is quantization?');
	await page.getByRole('button', { name: 'Send' }).click();
	const answer = headroom.answers.first();
	await expect(answer).toContainText(/\w{4}/, { timeout: 30_000 });
	// At once: a click waits for two still frames, and the window may be full by then.
	await page.getByRole('button', { name: 'Stop' }).dispatchEvent('click');
	await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
	await expect(answer).toContainText(/\w{4}/);
	await expect(answer).toContainText('Stopped');
	// The engine is not left locked.
	await headroom.composer.fill('Thank you');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(headroom.answers.nth(1)).toContainText(/\w{4}/, { timeout: 30_000 });
	await page
		.getByRole('button', { name: 'Stop' })
		.dispatchEvent('click', {}, { timeout: 2_000 })
		// It may have come to its end by itself.
		.catch(() => undefined);
	await expect(headroom.answers.nth(1)).toContainText('tokens/s');
});
