import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { importFile } from '../src/lib/chat/exchange/import.ts';
import { HeadroomPage, loadPocket } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** Tokens of the last prompt, as they were kept with its answer. */
async function lastPromptTokens(page: Page): Promise<number | null | undefined> {
	const saving = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Export all' }).click();
	const read = await importFile(
		new File([await readFile(await (await saving).path(), 'utf8')], 'export.json')
	);
	return read.conversations[0]?.messages.at(-1)?.answer?.promptTokens;
}

test(
	'answers are counted: in the panel, beside memory and on the Models page, until they are cleared',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(120_000);
		const headroom = new HeadroomPage(page);
		await loadPocket(page);
		const line = page.locator('#panel').getByTestId('answers');
		await expect(line).toContainText('Speed not measured yet');
		await headroom.ask('What is memory?');
		await headroom.composer.fill('What is a GPU?');
		const taken = page.getByText(/^Takes [\d,]+ tokens with the conversation/);
		await expect(taken).toContainText('first word within');
		const [, counted = ''] = /^Takes ([\d,]+)/.exec((await taken.textContent()) ?? '') ?? [];
		await headroom.ask('What is a GPU?');
		// As the engine counted the same prompt.
		expect(Number(counted.replace(',', ''))).toBe(await lastPromptTokens(page));
		const measured = /^2 answers, \d+(\.\d)? tokens\/s/;
		await expect(line).toHaveText(measured);
		await page.reload();
		await headroom.ready();
		await expect(line).toHaveText(measured);
		// The other quantizations have estimates, marked as such.
		await expect(headroom.quantization.locator('option', { hasText: 'q4f32_1' })).toHaveText(
			/ · \d+(\.\d)? tok\/s$/
		);
		await expect(headroom.quantization.locator('option', { hasText: 'q4f16_1' })).toHaveText(
			/ · ≈ \d+(\.\d)? tok\/s$/
		);

		await page.getByRole('link', { name: 'Models' }).first().click();
		const cell = (quantization: string, column: string) =>
			page.locator(`tbody tr[data-variant="pocket-${quantization}"] .${column}`);
		await expect(cell('q4f32_1', 'answers')).toHaveText(/^2/);
		await expect(cell('q4f32_1', 'speed')).toHaveText(/^\d+(\.\d)?/);
		await expect(cell('q4f16_1', 'speed')).toHaveText(/^≈ \d+(\.\d)?/);
		await page.getByRole('button', { name: 'Tokens/s' }).click();
		await page.getByRole('button', { name: 'Tokens/s' }).click();
		await expect(page.locator('tbody tr').first()).toHaveAttribute('data-variant', /^pocket-/);
		const statistics = page.getByRole('region', { name: 'Statistics' });
		await expect(statistics.getByRole('listitem')).toContainText('2 answers');
		await statistics.getByRole('button', { name: 'Clear statistics' }).click();
		await expect(statistics).toContainText('Nothing yet');
		await expect(cell('q4f32_1', 'answers')).toHaveText('–');

		// What was cleared is not filled again from the conversations.
		await page.reload();
		await expect(statistics).toContainText('Nothing yet');
		await page.getByRole('link', { name: 'To the chat' }).click();
		await expect(line).toContainText('Speed not measured yet');
	}
);

test(
	'the first figures come from the conversations that are kept, and it says so',
	{ tag: LONG },
	async ({ page }) => {
		test.setTimeout(120_000);
		const headroom = new HeadroomPage(page);
		await loadPocket(page);
		await headroom.ask('What is memory?');
		// Kept, figures and all, before anything is taken away.
		await page.reload();
		await headroom.ready();
		await expect(headroom.answers.last()).toContainText('tokens/s');
		// As a page of an earlier version leaves it: conversations, and nothing counted.
		await page.evaluate(async () => {
			for (const { name } of await indexedDB.databases()) {
				if (!name?.startsWith('headroom-settings')) continue;
				const database = await new Promise<IDBDatabase>((resolve) => {
					const opening = indexedDB.open(name);
					opening.onsuccess = () => resolve(opening.result);
				});
				const change = database.transaction('values', 'readwrite');
				change.objectStore('values').delete('statistics');
				await new Promise((resolve) => (change.oncomplete = resolve));
				database.close();
			}
		});
		await page.reload();
		await headroom.ready();
		await expect(page.locator('#panel').getByTestId('answers')).toHaveText(
			/^1 answer, .*tokens\/s.* \(from 1 kept answer\)$/
		);
	}
);
