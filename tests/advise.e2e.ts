import { expect, test } from 'playwright/test';
import { LONG } from './long.ts';
import { expectAccessibleInEveryLook } from './axe.ts';

test(
	'advice on the built site: a simulated GPU, nothing wrong for axe, nothing scrolls sideways',
	{ tag: LONG },
	async ({ page }) => {
		const refused: string[] = [];
		page.on('console', (message) => {
			if (/Content Security Policy/.test(message.text())) refused.push(message.text());
		});
		await page.goto('advise');
		await page.getByLabel('Family').selectOption('Llama-3.1-8B-Instruct');
		await page.getByRole('button', { name: 'Simulate another GPU' }).click();
		await page.getByRole('combobox', { name: /^Search by name/ }).fill('rtx 4090');
		await page.keyboard.press('Enter');
		await expect(page.getByTestId('advise-budget')).toContainText('23.5 GiB may be used');
		await expectAccessibleInEveryLook(page);
		await page.getByRole('button', { name: 'End simulation' }).click();
		await expect(page.getByTestId('advise-budget')).not.toContainText('23.5 GiB');
		expect(refused).toEqual([]);
	}
);
