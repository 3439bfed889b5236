import { expect, test, type Page } from 'playwright/test';
import { LONG } from './long.ts';
import { HeadroomPage } from './page.ts';

/** Paths that are kept of the site itself. */
const kept = (page: Page) =>
	page.evaluate(async () => {
		const name = (await caches.keys()).find((each) => each.startsWith('headroom-shell '));
		const requests = name === undefined ? [] : await (await caches.open(name)).keys();
		return requests.map(({ url }) => new URL(url).pathname.replace('/headroom/', ''));
	});

test('after a first visit the site and a loaded model work with the network off', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('Hello');
	await expect.poll(() => kept(page)).toContain('models');
	// What the browser itself happens to keep of a visit is no promise.
	await (await context.newCDPSession(page)).send('Network.clearBrowserCache');
	await context.setOffline(true);
	await page.reload();
	await expect(
		page.getByTestId('confidence').filter({ hasText: /^(?:exact|measured)/ })
	).toBeAttached();
	await expect(await headroom.ask('What is quantization?')).toContainText('pocket q4f32_1');
	await page.getByRole('link', { name: 'Models', exact: true }).click();
	await expect(page.getByRole('table').first()).toBeVisible();
});

test(
	'a host that hides its own files and knows no names without an ending is enough',
	{ tag: LONG },
	async ({ page, context }) => {
		const missing: string[] = [];
		for (const path of ['**/headroom/models', '**/headroom/_headers'])
			await context.route(path, (route) => {
				missing.push(new URL(route.request().url()).pathname);
				return route.fulfill({ status: 404 });
			});
		await new HeadroomPage(page).open();
		await expect.poll(() => missing).toEqual(['/headroom/models']);
		await expect.poll(() => kept(page)).toContain('icon.svg');
		expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
		expect(page.workers().every((worker) => worker.url().includes('.worker'))).toBe(true);
	}
);

test('a page reloaded past its service worker is guarded again before a worker starts', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.addInitScript(() => {
		Object.assign(window, { guardedFromTheStart: navigator.serviceWorker.controller !== null });
	});
	const session = await context.newCDPSession(page);
	await session.send('Page.reload', { ignoreCache: true });
	await page.waitForEvent('load');
	await headroom.ready();
	expect(await page.evaluate('guardedFromTheStart')).toBe(false);
	const files = page.workers().find((worker) => worker.url().includes('files.worker'));
	// The same machine by another name: what would answer, were the worker allowed to ask.
	const elsewhere = page.url().replace('127.0.0.1', 'localhost');
	const asked = await files?.evaluate(
		(url) =>
			fetch(url, { mode: 'no-cors' }).then(
				() => 'reached',
				() => 'refused'
			),
		elsewhere
	);
	expect(asked).toBe('refused');
});

for (const { name, part } of [
	{ name: 'the first script', part: '**/_app/immutable/entry/*.js' },
	{ name: 'a part that is fetched later', part: '**/_app/immutable/chunks/*.js' }
])
	test(`a first visit without ${name} says so`, async ({ browser }) => {
		const context = await browser.newContext({ serviceWorkers: 'block' });
		const page = await context.newPage();
		let asked = 0;
		await page.route(part, (route) => {
			asked++;
			return route.abort();
		});
		await page.goto('');
		await expect(page.getByRole('alert')).toContainText('could not be loaded');
		expect(asked).toBeGreaterThan(0);
		await context.close();
	});
