import type { BrowserContext, Locator } from 'playwright/test';
import { HeadroomPage } from './page.ts';
import { expect, test, LONG } from './story.ts';

// The server sends no headers of its own here, as GitHub Pages does not.

test('the engine chats under the page’s policy, and nothing leaves while it does', async ({
	page,
	context
}) => {
	const violations: string[] = [];
	page.on('console', (message) => {
		if (/Content Security Policy|TrustedHTML|TrustedScript/i.test(message.text()))
			violations.push(message.text());
	});
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('What is WebGPU?');
	// The next load's worker imports the engine from this site once all is quiet.
	const engines = () => page.workers().filter((worker) => worker.url().includes('engine.worker'));
	await expect.poll(engines).toHaveLength(2);
	await page.waitForTimeout(1_500);
	const requests: string[] = [];
	context.on('request', (request) => requests.push(request.url()));
	await headroom.ask('What is the KV cache?');
	expect(requests).toEqual([]);
	expect(violations).toEqual([]);
});

test('the policy is what it is said to be, also after SvelteKit has announced a page', async ({
	page
}) => {
	const violations: string[] = [];
	page.on('console', (message) => {
		if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
	});
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.getByRole('link', { name: 'Models', exact: true }).click();
	const announcer = page.locator('#svelte-announcer');
	await expect(announcer).toHaveText('Models · Headroom');
	expect(await announcer.evaluate((element) => element.clientWidth)).toBeLessThanOrEqual(1);
	expect(violations).toEqual([]);
	const policy = await page
		.locator('meta[http-equiv=content-security-policy]')
		.getAttribute('content');
	const directives = (policy ?? '').split(';').map((each) => each.trim());
	expect(directives.map((each) => each.replace(/ 'sha256-[\w+/]+=*'/, ' HASH')).sort()).toEqual(
		[
			"base-uri 'none'",
			"connect-src 'self'",
			"default-src 'none'",
			"font-src 'self'",
			"form-action 'none'",
			"img-src 'self' data: blob:",
			"manifest-src 'self'",
			"require-trusted-types-for 'script'",
			"script-src 'self' 'wasm-unsafe-eval' HASH",
			"style-src 'self'",
			'trusted-types svelte-trusted-html sveltekit-trusted-url headroom-worker',
			"worker-src 'self'"
		].sort()
	);
});

test('neither the page nor its workers can reach a host that is not on the list', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.ask('Hello');
	const reach = (url: string) =>
		fetch(url, { mode: 'no-cors' }).then(
			() => 'reached',
			() => 'refused'
		);
	// The same machine by another name is another origin: it would answer if it were asked.
	const elsewhere = page.url().replace('127.0.0.1', 'localhost');
	expect(await page.evaluate(reach, elsewhere)).toBe('refused');
	const workers = page.workers().filter((worker) => worker.url().includes('.worker'));
	expect(workers.length).toBeGreaterThanOrEqual(2);
	for (const worker of workers) {
		expect(await worker.evaluate(reach, elsewhere)).toBe('refused');
		expect(await worker.evaluate(reach, 'https://example.com/')).toBe('refused');
		expect(await worker.evaluate(reach, new URL('icon.svg', page.url()).href)).toBe('reached');
	}
});

test('the worker that fetches models may reach the hub', async ({ page, context }) => {
	await context.route('https://huggingface.co/**', (route) =>
		route.fulfill({ body: 'there', headers: { 'access-control-allow-origin': '*' } })
	);
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const files = () => page.workers().find((worker) => worker.url().includes('files.worker'));
	await expect.poll(files).toBeDefined();
	const reach = () =>
		fetch('https://huggingface.co/x').then(
			(response) => response.text(),
			() => 'refused'
		);
	expect(await files()?.evaluate(reach)).toBe('there');
});

/**
 * What the worker of files gets of foreign URLs after a change of the settings, which ends the one before; another
 * one starts when a variant is chosen that was not read yet.
 */
async function reachedAfter(
	headroom: HeadroomPage,
	change: (dialog: Locator) => Promise<void>,
	variantId: string,
	...urls: string[]
): Promise<string[]> {
	const { page } = headroom;
	const files = () => page.workers().find((worker) => worker.url().includes('files.worker'));
	await expect.poll(files).toBeDefined();
	// On a first visit the page waits for its guard only so long; what starts from here on is bound.
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	const before = files();
	await page.keyboard.press('Control+,');
	await change(page.getByRole('dialog', { name: 'Settings' }));
	await expect.poll(() => before && page.workers().includes(before)).toBe(false);
	await page.keyboard.press('Escape');
	await headroom.quantization.selectOption(variantId);
	await expect.poll(files).toBeDefined();
	const found = await files()?.evaluate(
		(urls) =>
			Promise.all(
				urls.map((url) =>
					fetch(url).then(
						(response) => response.text(),
						() => 'refused'
					)
				)
			),
		urls
	);
	return found ?? [];
}

/** Two hosts that answer if they are asked; returns what they were asked. */
async function foreign(context: BrowserContext): Promise<string[]> {
	const asked: string[] = [];
	for (const host of ['https://huggingface.co/**', 'https://models.example.org/**'])
		await context.route(host, (route) => {
			asked.push(route.request().url());
			return route.fulfill({ body: 'there', headers: { 'access-control-allow-origin': '*' } });
		});
	return asked;
}
const HUB = 'https://huggingface.co/x';
const OWN = 'https://models.example.org/x';

test('in offline mode no worker reaches a foreign host', async ({ page, context }) => {
	const asked = await foreign(context);
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const airplane = (dialog: Locator) =>
		dialog.getByRole('checkbox', { name: /^Offline mode/ }).click();
	expect(await reachedAfter(headroom, airplane, 'pocket-q0f32', HUB)).toEqual(['refused']);
	expect(asked).toEqual([]);
	expect(await reachedAfter(headroom, airplane, 'pocket-q4f16_1', HUB)).toEqual(['there']);
});

test(
	'a host of one’s own is reached once it was added, and only as long',
	{ tag: LONG },
	async ({ page, context }) => {
		const asked = await foreign(context);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const add = async (dialog: Locator) => {
			const field = dialog.getByRole('textbox', { name: 'Additional model hosts' });
			await field.fill('http://models.example.org');
			await field.press('Enter');
			await expect(dialog.getByText('Only https: what comes another way')).toBeVisible();
			await field.fill('https://models.example.org');
			await field.press('Enter');
			await expect(dialog.getByRole('list', { name: 'Hosts added' })).toContainText(
				'models.example.org'
			);
		};
		const remove = (dialog: Locator) =>
			dialog.getByRole('button', { name: 'Remove models.example.org' }).click();
		expect(await reachedAfter(headroom, add, 'pocket-q0f32', OWN, HUB)).toEqual(['there', 'there']);
		expect(await reachedAfter(headroom, remove, 'pocket-q4f16_1', OWN, HUB)).toEqual([
			'refused',
			'there'
		]);
		expect(asked.filter((url) => url === OWN)).toHaveLength(1);
	}
);

test(
	'a chat full of hostile output asks for nothing, runs nothing and goes on',
	{ tag: LONG },
	async ({ page, context }) => {
		const hostile = [
			'![x](https://evil.test/a.png) <img src=https://evil.test/b onerror="window.hit=1">',
			'<script>window.hit=1</script><style>@import "https://evil.test/c.css";</style>',
			'<link rel=preconnect href=https://evil.test> <iframe src=https://evil.test/d></iframe>',
			'[x](javascript:window.hit=1) <svg onload="window.hit=1"><image href="https://evil.test/e"/></svg>',
			'$\\includegraphics{https://evil.test/f}$ <video src=https://evil.test/g autoplay></video>',
			'```html\n<img src=https://evil.test/h onerror=window.hit=1>\n```'
		];
		const messages = hostile.flatMap((text, i) => [
			{ id: `q${i}`, parent: i === 0 ? null : `a${i - 1}`, role: 'user', text, createdAt: 1 },
			{ id: `a${i}`, parent: `q${i}`, role: 'assistant', text, createdAt: 1 }
		]);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.ask('Hello');
		const left: string[] = [];
		const own = new URL('./_app/immutable/', page.url()).href;
		// The browser shows it in the tab, and asks for it when it likes.
		const icon = new URL('./icon.svg', page.url()).href;
		context.on('request', (request) => {
			// Highlighting and formulas arrive with the first that needs them, out of the page's own cache.
			const url = request.url();
			if (!url.startsWith(own) && url !== icon) left.push(url);
		});
		await page.getByLabel('Conversations to import').setInputFiles({
			name: 'hostile.json',
			mimeType: 'application/json',
			buffer: Buffer.from(
				JSON.stringify({
					format: 'headroom',
					version: 1,
					conversations: [
						{
							version: 1,
							id: 'hostile',
							title: '<img src=https://evil.test/t onerror=window.hit=1>',
							createdAt: 1,
							updatedAt: 1,
							messages,
							leaf: `a${hostile.length - 1}`
						}
					]
				})
			)
		});
		await headroom.list.filter({ hasText: '<img src' }).click();
		await expect(headroom.answers).toHaveCount(hostile.length);
		await headroom.ask('What is the KV cache?');
		await page.getByRole('button', { name: 'Regenerate' }).last().click();
		await expect(page.getByRole('group', { name: 'Versions' })).toContainText('2/2');
		await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 40_000 });
		expect(left).toEqual([]);
		expect(await page.evaluate(() => Reflect.has(window, 'hit'))).toBe(false);
		expect(await page.locator('article img, article iframe, article script').count()).toBe(0);
	}
);
