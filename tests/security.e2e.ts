import { expect, test } from 'playwright/test';
import { HeadroomPage } from './page.ts';

// The preview sends no headers of its own, as GitHub Pages does not.

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
	const requests: string[] = [];
	context.on('request', (request) => requests.push(request.url()));
	await headroom.ask('What is the KV cache?');
	expect(requests).toEqual([]);
	expect(violations).toEqual([]);
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
	// Own port aside, the same machine is another origin: it would answer if it were asked.
	const elsewhere = 'http://localhost:4173/headroom/';
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
