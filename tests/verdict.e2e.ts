import { HeadroomPage } from './page.ts';
import { expect, test, LONG } from './story.ts';

// Which verdict is shown, why, and what is offered: src/lib/panel/verdict.svelte.test.ts.

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
