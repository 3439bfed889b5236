import { readFile } from 'node:fs/promises';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

test(
	'a setting holds from the next answer on, and nothing is loaded for it',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await headroom.ask('Hello');
		const asked: string[] = [];
		page.on('request', (request) => asked.push(request.url()));
		await page.keyboard.press('Control+,');
		const dialog = page.getByRole('dialog', { name: 'Settings' });
		await dialog.getByRole('textbox', { name: 'Max. output tokens' }).fill('3');
		await dialog.getByRole('textbox', { name: 'Temperature' }).fill('0,2');
		await expectAccessible(page);
		await page.keyboard.press('Escape');
		await expect(dialog).toHaveCount(0);
		await expect(headroom.composer).toBeFocused();
		await headroom.composer.fill('What is VRAM?');
		await headroom.composer.press('Enter');
		await expect(headroom.answers.nth(1)).toContainText('Ended by the length limit', {
			timeout: 40_000
		});
		expect(asked.filter((url) => /params_shard|\.wasm/.test(url))).toEqual([]);
		await page.reload();
		await headroom.ready();
		await page.keyboard.press('Control+,');
		await expect(dialog.getByRole('textbox', { name: 'Temperature' })).toHaveValue('0.2');
	}
);

test('a number out of range is said and not kept', { tag: LONG }, async ({ page }) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await page.getByRole('button', { name: 'Settings' }).click();
	const dialog = page.getByRole('dialog', { name: 'Settings' });
	const field = dialog.getByRole('textbox', { name: 'Temperature' });
	await field.fill('7');
	await expect(field).toHaveAttribute('aria-invalid', 'true');
	await expect(dialog.getByText('A number from 0 to 2.')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('button', { name: 'Settings' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(field).toHaveValue('0.7');
});

test(
	'settings travel in a file, and a reset can be undone',
	{ tag: LONG },
	async ({ page, browser }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.keyboard.press('Control+,');
		const dialog = page.getByRole('dialog', { name: 'Settings' });
		await dialog.getByRole('textbox', { name: 'Seed' }).fill('42');
		await dialog.getByRole('radio', { name: 'Dark' }).check();
		await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
		await expectAccessible(page);
		const [file] = await Promise.all([
			page.waitForEvent('download'),
			dialog.getByRole('button', { name: 'Export' }).click()
		]);
		const path = await file.path();
		expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ format: 'headroom-settings' });

		await dialog.getByRole('button', { name: 'Reset to defaults' }).click();
		await expect(dialog.getByRole('textbox', { name: 'Seed' })).toHaveValue('');
		await dialog.getByRole('button', { name: 'Undo' }).click();
		await expect(dialog.getByRole('textbox', { name: 'Seed' })).toHaveValue('42');

		const elsewhere = await browser.newContext();
		const other = await elsewhere.newPage();
		await new HeadroomPage(other).open(page.url().split('#')[0]);
		await other.keyboard.press('Control+,');
		const there = other.getByRole('dialog', { name: 'Settings' });
		await there.getByLabel('Settings to import').setInputFiles(path);
		await expect(there.getByRole('textbox', { name: 'Seed' })).toHaveValue('42');
		await expect(other.locator('html')).toHaveAttribute('data-theme', 'dark');
		await there.getByLabel('Settings to import').setInputFiles({
			name: 'x.json',
			mimeType: 'application/json',
			buffer: Buffer.from('{}')
		});
		await expect(there.getByText('This is not a settings file: another format.')).toBeVisible();
		await elsewhere.close();
	}
);

test(
	'a conversation has its own system prompt and choices, and a prompt can be kept as a preset',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = new HeadroomPage(page);
		await headroom.open();
		await page.keyboard.press('Alt+s');
		const dialog = page.getByRole('dialog', { name: 'This conversation' });
		await dialog.getByRole('textbox', { name: 'System prompt' }).fill('Answer in one sentence.');
		await dialog.getByRole('textbox', { name: 'Save as preset' }).fill('Short');
		await dialog.getByRole('button', { name: 'Keep' }).click();
		await dialog.getByRole('combobox', { name: 'Response format' }).selectOption('schema');
		await dialog.getByRole('textbox', { name: 'JSON Schema' }).fill('{"type": "text"}');
		await expect(dialog.getByText('the schema has the type "text"')).toBeVisible();
		await expectAccessible(page);
		await dialog.getByRole('textbox', { name: 'JSON Schema' }).fill('{"type": "object"}');
		await expect(dialog.getByText('Valid schema.')).toBeVisible();
		await dialog.getByRole('combobox', { name: 'Response format' }).selectOption('off');
		await dialog.getByRole('button', { name: 'Close' }).click();
		await headroom.ask('Hello');

		await page.getByRole('link', { name: 'New conversation' }).click();
		await page.keyboard.press('Alt+s');
		await expect(dialog.getByRole('textbox', { name: 'System prompt' })).toHaveValue('');
		await dialog.getByRole('combobox', { name: 'Preset' }).selectOption('Short');
		await expect(dialog.getByRole('textbox', { name: 'System prompt' })).toHaveValue(
			'Answer in one sentence.'
		);
	}
);
