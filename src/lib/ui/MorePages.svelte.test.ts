import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import SiteNav from './SiteNav.svelte';

test('every page is in the navigation, in a menu that opens, closes and fits a phone', async () => {
	await page.viewport(390, 800);
	const screen = await render(SiteNav);
	const more = screen.getByText('More', { exact: true });
	const help = screen.getByRole('link', { name: 'Help' });
	await expect.element(more).toBeVisible();
	await expect.element(help).not.toBeInTheDocument();
	await more.click();
	for (const name of ['Measure', 'Compare', 'Advice', 'Automatic swaps', 'For programs', 'Help'])
		await expect.element(screen.getByRole('link', { name })).toBeVisible();
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	const { left, right } = help.element().getBoundingClientRect();
	expect(left).toBeGreaterThanOrEqual(0);
	expect(right).toBeLessThanOrEqual(390);
	await userEvent.keyboard('{Escape}');
	await expect.element(help).not.toBeInTheDocument();
	expect(document.activeElement?.localName).toBe('summary');
	await more.click();
	await expect.element(help).toBeVisible();
	document.body.click();
	await expect.element(help).not.toBeInTheDocument();
	await page.viewport(1280, 800);
});
