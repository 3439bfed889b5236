import type { Page } from 'playwright/test';
import { expectAccessibleInEveryLook } from './axe.ts';
import { HeadroomPage, loadPocket } from './page.ts';
import { expect, LONG, test } from './story.ts';

const column = (page: Page, name: string) =>
	page.getByRole('article', { name, exact: true }).filter({ hasNotText: 'Being' });

test(
	'two variants answer the question of a message side by side, and a blind pick counts',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(300_000);
		await loadPocket(page);
		const headroom = new HeadroomPage(page);
		const answer = await headroom.ask('What is quantization?');
		await answer.getByRole('link', { name: 'Compare quantizations on this question' }).click();

		await expect(page.getByRole('textbox', { name: 'Question' })).toHaveValue(
			'What is quantization?'
		);
		// The other two need an adapter with 16-bit floats.
		for (const name of [/^q4f16_1/, /^q0f16/])
			await page.getByRole('checkbox', { name }).first().uncheck();
		await page.getByLabel('Max. output tokens').selectOption('64');
		await page.getByRole('button', { name: 'Compare 2 answers' }).click();
		await page.getByRole('button', { name: 'Download and compare' }).click();
		for (const name of ['pocket q4f32_1', 'pocket q0f32'])
			await expect(column(page, name)).toContainText(/Tokens\/s\s*\d/, { timeout: 120_000 });
		await expect(page.getByTestId('difference')).toHaveText(/^(?:Marked|All answers)/);
		await expect(page.getByRole('button', { name: 'Compare 2 answers' })).toBeVisible();

		// A reload finds the answers, and the form as it was.
		await page.goto('compare');
		await expect(column(page, 'pocket q0f32')).toContainText(/Tokens\/s\s*\d/);
		await expectAccessibleInEveryLook(page);

		await page.getByRole('checkbox', { name: /^Blind/ }).check();
		await page.getByRole('button', { name: 'Compare 2 answers' }).click();
		await expect(page.getByRole('article', { name: 'A', exact: true })).toBeVisible();
		await expect(page.getByRole('button', { name: 'A is better' })).toBeVisible({
			timeout: 120_000
		});
		const answers = page.getByRole('region', { name: 'Answers' });
		await expect(answers).not.toContainText(/q\d|Tokens\/s/);
		await expectAccessibleInEveryLook(page);
		await page.getByRole('button', { name: 'A is better' }).click();
		await expect(answers).toContainText(/Tokens\/s/);
		await expect(page.getByText('Your pick', { exact: true })).toBeVisible();
		const picks = page.getByRole('region', { name: 'Your picks' });
		await expect(picks).toContainText(/pocket q0f32 against pocket q4f32_1: (?:1 : 0|0 : 1)/);

		await page.reload();
		await expect(picks).toContainText(/1 : 0|0 : 1/);
		await picks.getByRole('button', { name: 'Clear picks' }).click();
		await expect(picks).toBeHidden();
		// What had been loaded came back.
		await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
		await expect(headroom.answers.first()).toBeVisible();
	}
);
