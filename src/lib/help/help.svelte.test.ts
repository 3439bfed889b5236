import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { anApp } from '../panel/an-app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { appIn } from '../app/app.fixture.ts';
import { EXPECTED } from './expected.ts';
import Help from './Help.svelte';
import { checkStorage } from './storage-check.ts';

test('help is searched by words, and leads to the pages that it speaks of', async () => {
	const app = await anApp();
	const screen = await render(InApp, { app, View: Help, given: {} });
	const contents = screen.getByRole('navigation', { name: 'Contents' });
	await expect.element(contents.getByRole('link', { name: 'Quick start' })).toBeVisible();
	await expect.element(screen.getByRole('row', { name: /^16\.0 GiB .* GiB .* GiB/ })).toBeVisible();
	await screen.getByRole('searchbox', { name: 'Search the help' }).fill('private window');
	await expect.element(screen.getByRole('status').first()).toHaveTextContent(/^2 of \d+ sections$/);
	await expect.element(contents.getByRole('link', { name: 'Quick start' })).not.toBeInTheDocument();
	const found = screen.getByRole('region', { name: 'The browser’s storage is full' });
	await expect
		.element(found.getByRole('link', { name: 'Downloads, on the Models page' }))
		.toHaveAttribute('href', expect.stringMatching(/\/models$/));
	await screen.getByRole('searchbox', { name: 'Search the help' }).fill('zebra');
	await expect.element(screen.getByText('Nothing matches. Try fewer words.')).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Run self-test' })).toBeVisible();
});

test('the self-test shows a result for each part, and waits for what is being answered', async () => {
	const world = appIn();
	await world.start();
	const { app } = world;
	await app.load();
	const before = app.loader.loaded;
	world.engines.scripts = [];
	const lease = await app.answers.lease('Something else', new AbortController().signal);
	const screen = await render(InApp, { app, View: Help, given: {} });
	await screen.getByRole('button', { name: 'Run self-test' }).click();
	await expect.element(screen.getByText(/^Waiting for the answers/)).toBeVisible();
	expect(app.loader.loaded).toBe(before);
	world.engines.scripts = [
		{
			generate: (_, say) => {
				say(EXPECTED);
				return Promise.resolve({
					finish: 'stop',
					promptTokens: 9,
					completionTokens: 30,
					prefillTokensPerSecond: 1,
					decodeTokensPerSecond: 1,
					timeToFirstTokenMs: 1
				});
			}
		}
	];
	lease.release();
	const result = screen.getByLabelText('Result of the self-test');
	await expect.element(result).toHaveTextContent(/Storage passed\s*This site uses .* of the/);
	await expect.element(result).toHaveTextContent(/Answer passed/);
	await expect.element(result).toHaveTextContent(/Speed passed\s*64\.0 tokens\/s/);
	await expect.element(screen.getByRole('button', { name: 'Copy result' })).toBeVisible();
	expect(app.loader.loaded?.variant).toBe(before?.variant);
	expect(app.loader.loaded?.contextWindow).toBe(before?.contextWindow);
	world.close();
});

test('storage is written, read back and left as it was', async () => {
	const name = `self-test-${crypto.randomUUID()}`;
	const { problems, found } = await checkStorage(name);
	expect(problems).toEqual([]);
	expect(found).toMatch(/^This site uses .* of the .* allows it; the browser/);
	expect(await caches.has(name)).toBe(false);
	await expect
		.poll(async () => (await indexedDB.databases()).some((each) => each.name === name))
		.toBe(false);
});
