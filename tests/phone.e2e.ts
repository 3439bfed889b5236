import { expect, test } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { LONG } from './long.ts';
import { HeadroomPage } from './page.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

test(
	'on a phone the list is a drawer that gives the focus back, and nothing is cut off',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await expectAccessible(page);
		await page.getByRole('button', { name: 'What is quantization?' }).tap();
		await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
		await expectAccessible(page);

		const toggle = page.getByRole('button', { name: 'Conversations' });
		await toggle.tap();
		const drawer = page.getByRole('complementary', { name: 'Conversations' });
		await expect(drawer).toBeVisible();
		await expect(drawer).toBeFocused();
		await expectAccessible(page);
		await page.keyboard.press('Escape');
		await expect(drawer).toBeHidden();
		await expect(toggle).toBeFocused();

		await toggle.tap();
		// Beside the drawer.
		await page.touchscreen.tap(375, 400);
		await expect(drawer).toBeHidden();

		await toggle.tap();
		await page.getByRole('link', { name: 'New conversation' }).tap();
		await expect(drawer).toBeHidden();
		await expect(headroom.answers).toHaveCount(0);

		await page.getByRole('button', { name: /pocket/ }).tap();
		await expect(page.getByRole('complementary', { name: 'Model panel' })).toBeVisible();
		await expectAccessible(page);

		const [wide, shown] = await page.evaluate(() => [
			document.documentElement.scrollWidth,
			document.documentElement.clientWidth
		]);
		expect(wide).toBeLessThanOrEqual(shown ?? 0);
		const viewport = await page.locator('meta[name=viewport]').getAttribute('content');
		expect(viewport).not.toMatch(/user-scalable|maximum-scale/);
	}
);

test('the settings fill a small screen and can be closed', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.getByRole('button', { name: 'Conversations' }).tap();
	await page.getByRole('button', { name: 'Settings' }).tap();
	await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
	await expectAccessible(page);
	await page.getByRole('button', { name: 'Close' }).tap();
	await expect(page.getByRole('button', { name: 'Settings' })).toBeFocused();
});
