import { expectAccessibleInEveryLook } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

test(
	'without a network, help is reached from the menu and searched, and the self-test passes',
	{ tag: LONG },
	async ({ page, context }) => {
		test.setTimeout(180_000);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.load('q4f32_1');
		await headroom.loaded();
		await expect(page.getByTestId('host-memory')).toContainText(
			/engine heap [\d.]+ [KM]iB after loading/
		);
		// What is kept for offline use comes after the first visit has begun.
		await expect
			.poll(() =>
				page.evaluate(async () => {
					const name = (await caches.keys()).find((each) => each.startsWith('headroom-shell '));
					const kept = name === undefined ? [] : await (await caches.open(name)).keys();
					return kept.some(({ url }) => url.endsWith('/help'));
				})
			)
			.toBe(true);
		await context.setOffline(true);
		await page.locator('summary:visible', { hasText: 'More' }).click();
		await page.getByRole('link', { name: 'Help', exact: true }).click();
		await expect(page.getByRole('heading', { name: 'Quick start' })).toBeVisible();
		await page.getByRole('button', { name: 'Run self-test' }).click();
		const result = page.getByLabel('Result of the self-test');
		await expect(result).toContainText(/Speed (?:limited|passed)/, { timeout: 90_000 });
		await expect(result).toContainText(/Storage passed/);
		await expect(result).toContainText(/Answer passed\s*pocket-q4f32_1 answers as expected/);
		await expect(page.getByRole('button', { name: 'Copy result' })).toBeVisible({
			timeout: 60_000
		});

		await page.reload();
		await page.goto(`${page.url().split('#')[0]}#out-of-memory`);
		await expect(page.getByRole('region', { name: 'The GPU ran out of memory' })).toBeInViewport();
		await expectAccessibleInEveryLook(page);
		await page.getByRole('searchbox', { name: 'Search the help' }).fill('private window');
		await expect(page.getByRole('heading', { name: 'Quick start' })).toBeHidden();
	}
);
