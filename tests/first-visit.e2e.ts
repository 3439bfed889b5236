import { expect, test } from 'playwright/test';

test('a newcomer asks a question and pocket answers it', async ({ page }) => {
	await page.goto('');
	await expect(page.getByTestId('verdict').last()).toHaveText('fits');
	await page.getByRole('button', { name: 'What is quantization?' }).click();
	const answer = page.getByRole('article', { name: 'Answer' });
	await expect(answer).not.toContainText('Reading', { timeout: 40_000 });
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(answer).toContainText('tokens/s');
	await expect(page.getByRole('status').filter({ hasText: 'Loaded.' })).toBeVisible();
});
