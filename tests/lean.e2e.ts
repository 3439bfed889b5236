import type { Page } from 'playwright/test';
import { HeadroomPage } from './page.ts';
import { expect, test } from './story.ts';

const QUESTION = 'What is quantization?';

/** Greedy, so that answers can be compared, with the page sampling on the CPU or not. */
async function setSampling(page: Page, when: 'Always' | 'Never') {
	await page.keyboard.press('Control+,');
	const dialog = page.getByRole('dialog', { name: 'Settings' });
	await dialog.getByRole('textbox', { name: 'Temperature' }).fill('0');
	await dialog.getByLabel('Sampling on the CPU').selectOption(when);
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
}

async function answerTo(headroom: HeadroomPage, question: string): Promise<string> {
	const answer = await headroom.ask(question);
	return answer
		.locator('p')
		.allInnerTexts()
		.then((lines) => lines.join('\n'));
}

async function report(page: Page): Promise<string> {
	await page.getByRole('button', { name: 'Report for a fault' }).click();
	const field = page.getByRole('textbox', { name: 'Report' });
	await expect(field).toHaveValue(/maxStorageBufferBindingSize/);
	const text = await field.inputValue();
	await page.keyboard.press('Escape');
	return text;
}

test('sampling on the CPU takes effect at the next load, and answers stay the same', async ({
	page
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await setSampling(page, 'Never');
	const byEngine = await answerTo(headroom, QUESTION);
	expect(byEngine.length).toBeGreaterThan(20);
	await setSampling(page, 'Always');
	expect(await report(page)).toContain('tokens chosen by: the engine');

	await page.reload();
	await headroom.ready();
	await page.getByRole('link', { name: 'New conversation' }).click();
	expect(await answerTo(headroom, QUESTION)).toBe(byEngine);
	const told = await report(page);
	expect(told).toContain('tokens chosen by: the page');
	expect(told).toContain('sampling on the CPU: always');
	expect(told).toMatch(/Loaded pocket-q4f32_1 at \d+, sampling on the CPU/);
});

test.describe('with an engine that is not the expected one', () => {
	test('the engine samples itself where that fits, and the page says so', async ({
		page,
		context
	}) => {
		let changed = 0;
		await context.route('**/*.js', async (route) => {
			const response = await route.fetch();
			const script = await response.text();
			if (script.includes('fargsortProbs') && script.includes('LLMChatPipeline')) changed++;
			await route.fulfill({
				response,
				// Both where it is set and where it is called: a later version's name for the same.
				body: script.includes('LLMChatPipeline')
					? script.replaceAll('fargsortProbs', 'fsortedProbs')
					: script
			});
		});
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await setSampling(page, 'Always');
		expect((await answerTo(headroom, QUESTION)).length).toBeGreaterThan(20);
		expect(changed).toBeGreaterThan(0);
		await expect(
			page.getByText('This version of the engine cannot sample on the CPU.').first()
		).toBeVisible();
		const told = await report(page);
		expect(told).toContain('tokens chosen by: the engine');
		expect(told).toMatch(
			/not on the CPU because: .* field: fargsortProbs expected: a function of the library found: undefined/
		);
	});
});
