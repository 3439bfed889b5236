import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

test(
	'another answer is written beside the first, and one can step between them',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const first = await headroom.ask('What is quantization?');
		const text = await first.locator('.body').innerText();
		await first.getByRole('button', { name: 'Regenerate' }).click();
		await expect(headroom.answers.getByText('2/2')).toBeVisible({ timeout: 40_000 });
		await expect(headroom.composer).toBeFocused();
		await expectAccessible(page);

		await page.getByRole('button', { name: 'Previous version' }).click();
		await expect(headroom.answers.locator('.body')).toHaveText(text);
		await expect(headroom.answers.getByText('1/2')).toBeVisible();
		// The button that was pressed is gone with its answer; the one in its place has the focus.
		await expect(page.getByRole('button', { name: 'Previous version' })).toBeFocused();
	}
);

test(
	'a question asked in other words begins a branch, and the old one can be returned to',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.bring(['What is VRAM?', 'Memory.', 'What is the KV cache?', 'Kept keys.']);
		const question = page.getByRole('article', { name: 'You' }).first();
		await question.getByRole('button', { name: 'Edit' }).click();
		const field = page.getByRole('textbox', { name: 'Edit the question' });
		await expect(field).toBeFocused();
		await field.fill('What is a context window?');
		await expectAccessible(page);
		await field.press('Enter');
		await expect(headroom.answers).toContainText(/tokens\/s/, { timeout: 40_000 });

		await page.getByRole('button', { name: 'Previous version' }).click();
		await expect(headroom.answers).toHaveCount(2);
		await expect(page.getByText('What is the KV cache?').first()).toBeVisible();

		// What is shown is what a reload shows.
		await page.reload();
		await expect(headroom.answers).toHaveCount(2);
	}
);

test('Escape leaves a question as it was', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.bring(['Hello', 'Good day.']);
	await headroom.composer.press('ArrowUp');
	const field = page.getByRole('textbox', { name: 'Edit the question' });
	await field.fill('Something else');
	await field.press('Escape');
	await expect(field).toHaveCount(0);
	await expect(page.getByRole('article', { name: 'You' })).toHaveText(/Hello/);
	await expect(page.getByText('1/2')).toHaveCount(0);
});

test('a deleted turn comes back with undo', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.bring(['What is VRAM?', 'Memory.', 'Hello', 'Good day.']);
	await headroom.answers.last().getByRole('button', { name: 'Delete turn' }).click();
	await expect(headroom.answers).toHaveCount(1);
	const undo = page.getByRole('button', { name: 'Undo' });
	await expect(undo).toBeFocused();
	await expectAccessible(page);
	await undo.click();
	await expect(headroom.answers).toHaveCount(2);
	await expect(headroom.composer).toBeFocused();
});

test('an answer that was cut is continued in its place', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.composer.fill('What is quantization?');
	await page.getByRole('button', { name: 'System prompt and sampling' }).click();
	await page.getByRole('textbox', { name: 'Max. output tokens' }).fill('6');
	await page.getByRole('button', { name: 'Close' }).click();
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(headroom.answers).toContainText('Ended by the length limit', { timeout: 40_000 });
	const before = await headroom.answers.locator('.body').innerText();
	await page.getByRole('button', { name: 'Continue' }).click();
	await expect(async () => {
		const after = await headroom.answers.locator('.body').innerText();
		expect(after.length).toBeGreaterThan(before.length);
		expect(after.startsWith(before)).toBe(true);
	}).toPass({ timeout: 40_000 });
	await expect(headroom.answers).toHaveCount(1);
});

test('a passage is quoted into the next message', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await headroom.bring(['Hello', 'Good day.']);
	await page.getByRole('article', { name: 'You' }).getByRole('button', { name: 'Quote' }).click();
	await expect(headroom.composer).toBeFocused();
	await expect(headroom.composer).toHaveValue('> Hello\n\n');
});
