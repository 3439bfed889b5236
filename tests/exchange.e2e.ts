import { readFile } from 'node:fs/promises';
import { strToU8, zipSync } from 'fflate';
import type { Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, test, LONG } from './story.ts';

async function saved(page: Page, press: () => Promise<void>) {
	const [download] = await Promise.all([page.waitForEvent('download'), press()]);
	return { name: download.suggestedFilename(), path: await download.path() };
}

test(
	'what is exported can be imported on a fresh profile, branches and all',
	{ tag: LONG },
	async ({ page, browser }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.bring(['What is VRAM?', 'Memory.']);
		const text = await headroom.answers.locator('.body').innerText();
		await headroom.answers.getByRole('button', { name: 'Regenerate' }).click();
		await expect(headroom.answers.getByText('2/2')).toBeVisible({ timeout: 40_000 });
		const json = await saved(page, () => headroom.act('What is VRAM?', 'Export as JSON'));
		expect(json.name).toBe('What-is-VRAM.json');
		const markdown = await saved(page, () => headroom.act('What is VRAM?', 'Export as Markdown'));
		expect(await readFile(markdown.path, 'utf8')).toContain('# What is VRAM?');

		const elsewhere = await browser.newContext();
		const other = await elsewhere.newPage();
		const fresh = new HeadroomPage(other);
		await fresh.open(page.url().split('#')[0]);
		await other.getByLabel('Conversations to import').setInputFiles(json.path);
		await expect(other.getByRole('status', { name: 'Import' })).toContainText(
			'Imported 1 conversation with 3 messages from Headroom.'
		);
		await expectAccessible(other);
		await fresh.list.filter({ hasText: 'What is VRAM?' }).click();
		await other.getByRole('button', { name: 'Previous version' }).click();
		await expect(fresh.answers.locator('.body')).toHaveText(text);

		// The same file again replaces nothing.
		await other.getByLabel('Conversations to import').setInputFiles(json.path);
		await expect(fresh.list.filter({ hasText: 'What is VRAM? (copy)' })).toBeVisible();
		await elsewhere.close();
	}
);

test(
	'an archive is imported, and what was left out of it is counted',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const lines = await readFile('src/lib/chat/exchange/samples/llama-cpp-lines.jsonl');
		await page.getByLabel('Conversations to import').setInputFiles({
			name: 'conversations.zip',
			mimeType: 'application/zip',
			buffer: Buffer.from(zipSync({ 'tides.jsonl': lines, 'cut.jsonl': strToU8('{"type":') }))
		});
		const report = page.getByRole('status', { name: 'Import' });
		await expect(report).toContainText(
			'Imported in part from llama.cpp: 1 conversation with 3 messages.'
		);
		await expect(report).toContainText('Left out: 1 conversation and 1 detail.');
		await expect(report).toContainText('cut.jsonl: This file is not JSON.');
		await expectAccessible(page);
		await headroom.list.filter({ hasText: 'Tides' }).click();
		const answer = headroom.answers.last();
		await expect(answer.locator('.body')).toHaveText('At 14:05.');
		await answer.getByText('Tool: tide_table').first().click();
		await expect(answer.getByText('"port": "Dover"')).toBeVisible();
	}
);

test('a file that is no export is refused with what was expected', async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.getByLabel('Conversations to import').setInputFiles({
		name: 'notes.json',
		mimeType: 'application/json',
		buffer: Buffer.from('{"notes": []}')
	});
	await expect(page.getByRole('status', { name: 'Import' })).toContainText(
		'notes.json: This file is not a chat export that is known here. Expected an export of ChatGPT, Headroom'
	);
});

test('dropped files go where they belong', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	const drop = async (name: string, type: string, text: string) => {
		const data = await page.evaluateHandle(
			([name, type, text]) => {
				const transfer = new DataTransfer();
				transfer.items.add(new File([text ?? ''], name ?? '', { type: type ?? '' }));
				return transfer;
			},
			[name, type, text]
		);
		await page.dispatchEvent('main', 'drop', { dataTransfer: data });
	};
	await drop('prompt.txt', 'text/plain', 'Explain quantization.');
	await expect(headroom.composer).toHaveValue('Explain quantization.');
	await expect(headroom.composer).toBeFocused();
	await drop('chat.json', 'application/json', '[{"conv": {}, "messages": []}]');
	await expect(page.getByRole('status', { name: 'Import' })).toContainText('llama.cpp');
	await drop('main.rs', '', 'fn main() {}');
	await expect(headroom.composer).toHaveValue('Explain quantization.\n\nfn main() {}');
	await drop('song.mp3', 'audio/mpeg', 'ID3\0');
	await expect(page.getByText('song.mp3 is neither an image nor a text.')).toBeVisible();
});
