import type { Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

const LLAMA = 'Llama-3.2-1B-Instruct-q4f16_1-MLC';

/** Every request from now on that leaves the page's own origin, or fetches a model's files. */
function watch(page: Page): string[] {
	const seen: string[] = [];
	page.context().on('request', (request) => {
		const url = request.url();
		if (!url.startsWith('http://127.0.0.1') || /params_shard/.test(url)) seen.push(url);
	});
	return seen;
}
const suggestion = (page: Page) => page.getByRole('region', { name: 'Suggested by a link' });

test('a link suggests a model, and nothing is chosen or fetched until a person does', async ({
	page
}) => {
	const fetched = watch(page);
	const headroom = new HeadroomPage(page);
	await headroom.open(`./#?model=${LLAMA}`);
	const chosen = page.getByRole('button', { name: /^Load pocket q4f32_1/ });
	await expect(suggestion(page)).toContainText('A link suggests Llama 3.2 1B Instruct q4f16_1');
	await expect(chosen).toBeVisible();
	await expect(page).toHaveURL(/#new$/);
	await expectAccessible(page);
	// Longer than the page waits before it reads ahead for what was chosen.
	await page.waitForTimeout(1_000);
	expect(fetched).toEqual([]);

	await suggestion(page).getByRole('button', { name: 'Dismiss' }).click();
	await expect(suggestion(page)).toHaveCount(0);
	await expect(headroom.composer).toBeFocused();
	await expect(chosen).toBeVisible();
	await page.reload();
	await headroom.ready();
	await expect(suggestion(page)).toHaveCount(0);
	expect(fetched).toEqual([]);
});

test(
	'what a link suggests in an open chat can be chosen, and is not loaded',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.ask('Hello');
		const address = page.url();
		await page.evaluate(() => (location.hash = '#?model=pocket-q0f32'));
		await expect(suggestion(page)).toContainText('pocket q0f32');
		expect(page.url()).toBe(address);
		await expect(headroom.answers).toHaveCount(1);
		await suggestion(page).getByRole('button', { name: 'Choose it' }).click();
		await expect(page.getByRole('button', { name: /^Swap to|^Swap pocket/ })).toBeVisible();
		await expect(page.getByText('pocket q4f32_1 answers.')).toBeVisible();
	}
);

test(
	'a link that names no model here is told so, whatever it says',
	{ tag: LONG },
	async ({ page }) => {
		const fetched = watch(page);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const note = suggestion(page);
		for (const name of [
			'No-Such-Model-q4f16_1-MLC',
			'https://evil.test/resolve/main/',
			'<img src=https://evil.test/x onerror=window.hit=1>',
			'javascript:window.hit=1',
			'Llama\u202E-evil',
			'x'.repeat(5_000)
		]) {
			await page.evaluate((hash) => (location.hash = hash), `#?model=${encodeURIComponent(name)}`);
			await expect(note).toContainText('which is not among the models known here');
			await expect(note).toContainText(name.slice(0, 5));
			expect(await note.innerText()).not.toContain('\u202E');
			await expect(note.locator('img')).toHaveCount(0);
			const [wide, shown] = await page.evaluate(() => [
				document.documentElement.scrollWidth,
				document.documentElement.clientWidth
			]);
			expect(wide).toBeLessThanOrEqual(shown ?? 0);
			await note.getByRole('button', { name: 'Dismiss' }).click();
			await expect(note).toHaveCount(0);
		}
		expect(await page.evaluate(() => Reflect.has(window, 'hit'))).toBe(false);
		expect(fetched).toEqual([]);
		await expect(page.getByRole('button', { name: /^Load pocket q4f32_1/ })).toBeVisible();
	}
);

test(
	'a shared text waits in the composer, reaches no server, and is not sent',
	{ tag: LONG },
	async ({ page, context }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const manifest = (await (await page.request.get('./manifest.webmanifest')).json()) as {
			share_target: { action: string; method: string; params: Record<string, string> };
		};
		const { action, method, params } = manifest.share_target;
		expect(method).toBe('GET');
		const query = new URLSearchParams({
			[params.title ?? '']: 'A title',
			[params.text ?? '']: 'Summarise <b>this</b>\r\nplease',
			[params.url ?? '']: 'https://example.com/a'
		});

		const served: string[] = [];
		context.on('request', (request) => {
			// What the service worker fetches is what leaves the browser.
			if (request.serviceWorker() !== null || !request.isNavigationRequest())
				served.push(request.url());
		});
		await page.goto(`${action}?${query.toString()}`);
		await headroom.ready();
		await expect(headroom.composer).toHaveValue(
			'A title\n\nSummarise <b>this</b>\nplease\n\nhttps://example.com/a'
		);
		await expect(page).toHaveURL(/\/headroom\/#new$/);
		await expect(headroom.answers).toHaveCount(0);
		await expect(page.getByRole('article')).toHaveCount(0);
		expect(served.length).toBeGreaterThan(0);
		expect(served.filter((url) => url.includes('Summarise'))).toEqual([]);
		await page.getByRole('button', { name: 'Send' }).click();
		await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
	}
);
