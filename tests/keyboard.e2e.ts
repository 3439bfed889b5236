import type { Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** Presses Tab until what has the focus answers to the name. */
async function tabTo(page: Page, name: RegExp) {
	for (let presses = 0; presses < 60; presses++) {
		const focused = await page.evaluate(() => {
			const element = document.activeElement;
			return element?.getAttribute('aria-label') ?? element?.textContent.trim() ?? '';
		});
		if (name.test(focused)) return;
		await page.keyboard.press('Tab');
	}
	throw new Error(`Tab does not lead to ${String(name)}`);
}

const nothingFocused = (page: Page) =>
	page.evaluate(() => document.activeElement === document.body);

test('a whole visit without a mouse', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.keyboard.press('?');
	const list = page.getByRole('dialog', { name: 'Shortcuts' });
	await expect(list).toContainText('Search conversations');
	await expectAccessible(page);
	await page.keyboard.press('Escape');
	await expect(list).toHaveCount(0);
	await expect(headroom.composer).toBeFocused();

	await page.keyboard.type('What is VRAM?');
	await page.keyboard.press('Enter');
	await expect(headroom.answers).toContainText('tokens/s', { timeout: 40_000 });
	await expect(headroom.composer).toBeFocused();
	// While typing it is a letter like any other.
	await page.keyboard.type('?');
	await expect(list).toHaveCount(0);
	await expect(headroom.composer).toHaveValue('?');
	await headroom.composer.fill('');

	await page.keyboard.press('Alt+r');
	await expect(headroom.answers.getByText('2/2')).toBeVisible({ timeout: 40_000 });
	await page.keyboard.press('ArrowUp');
	await expect(page.getByRole('textbox', { name: 'Edit the question' })).toBeFocused();
	await page.keyboard.press('Escape');
	expect(await nothingFocused(page)).toBe(false);

	await tabTo(page, /^Delete turn$/);
	await page.keyboard.press('Enter');
	await expect(headroom.answers).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(headroom.answers).toHaveCount(1);
	await expect(headroom.composer).toBeFocused();

	await page.keyboard.press('Control+k');
	await page.keyboard.type('vram');
	await expect(page.getByRole('list', { name: 'Found' })).toBeVisible();
	await page.keyboard.press('Tab');
	await expect(page.getByRole('list', { name: 'Found' }).getByRole('link').first()).toBeFocused();
	await page.keyboard.press('Control+Shift+o');
	await expect(page).toHaveURL(/#new$/);
	await expect(headroom.composer).toBeFocused();
});

test(
	'a family and a GPU are chosen by keyboard, and the pickers keep to the page’s policy',
	{ tag: LONG },
	async ({ page }) => {
		await page.context().route(/^https:\/\//, (route) => route.fulfill({ status: 404, body: '' }));
		await page.addInitScript(() => {
			const violations: string[] = [];
			Object.assign(globalThis, { violations });
			document.addEventListener('securitypolicyviolation', ({ violatedDirective, sample }) =>
				violations.push(`${violatedDirective}: ${sample}`)
			);
		});
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.getByRole('button', { name: /^Family/ }).focus();
		// Typing on the closed picker starts the search, before its script is there.
		await page.keyboard.type('qwen3 0.6');
		const families = page.getByRole('dialog', { name: 'Choose a family' });
		await expect(families.getByRole('combobox')).toHaveValue('qwen3 0.6');
		await expect(families.getByRole('option')).toHaveCount(1);
		await expectAccessible(page);
		await page.keyboard.press('Enter');
		await expect(families).toHaveCount(0);
		await expect(page.getByRole('button', { name: /^Family Qwen3 0.6B/ })).toBeFocused();

		await tabTo(page, /^Set GPU memory$/);
		await page.keyboard.press('Enter');
		await expect(page.getByRole('button', { name: /^GPU / })).toBeFocused();
		await page.keyboard.press('ArrowDown');
		const gpus = page.getByRole('dialog', { name: 'Choose your GPU' });
		await expect(gpus.getByRole('combobox')).toBeFocused();
		await page.keyboard.type('geforce rtx 4060');
		await expectAccessible(page);
		await page.keyboard.press('Enter');
		await expect(page.getByRole('textbox', { name: 'GPU memory (GiB)' })).toHaveValue('8');
		await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
		await expect(page.getByRole('dialog')).toHaveCount(0);
		await expect(page.locator('#panel')).toContainText('You picked NVIDIA RTX 4060 with 8 GiB');
		const violations = await page.evaluate(
			() => (globalThis as unknown as { violations: string[] }).violations
		);
		expect(violations).toEqual([]);
	}
);

test('an answer is read out in sentences, not in tokens', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.evaluate(() => {
		const said: string[] = [];
		Object.assign(globalThis, { said });
		const region = document.querySelector('p[role=status][aria-live=polite]');
		if (!region) throw new Error('There is no live region.');
		new MutationObserver(() => said.push(region.textContent.trim())).observe(region, {
			childList: true,
			characterData: true,
			subtree: true
		});
	});
	const answer = await headroom.ask('What is quantization?');
	const text = await answer.locator('.body').innerText();
	const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
	const heard = said.filter((each) => each !== '' && text.includes(each.slice(0, 20)));
	expect(heard.length).toBeGreaterThan(0);
	expect(heard.length).toBeLessThan(8);
	for (const each of heard.slice(0, -1)) expect(each).toMatch(/[.!?:…]["')]*$/);
});
