import { chromium, expect, type Page, type TestInfo } from 'playwright/test';
import { chromiumArgs } from '../../scripts/browsers.mjs';
import { test, told } from './table.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Everything that needs no GPU: conversations are written, found, renamed and kept; models can be looked through. */
async function worksWithout(page: Page) {
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
	await page.getByLabel('Quantization').selectOption('pocket-q0f32');
	await page.getByRole('button', { name: /^Family/ }).click();
	const families = page.getByRole('dialog', { name: 'Choose a family' });
	await families.getByRole('combobox').fill('llama 3.2 1b');
	await expect(families.getByRole('option', { name: /Llama 3.2 1B/ }).first()).toBeVisible();
	await families.getByRole('button', { name: 'Close' }).click();
	await expect(families).toBeHidden();
	await page.getByRole('button', { name: 'Report a problem' }).click();
	await expect(page.getByRole('textbox', { name: 'Report' })).toHaveValue(/Headroom report/);
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog', { name: 'Report' })).toBeHidden();
}

async function visit(
	url: string,
	args: string[],
	info: TestInfo,
	says: RegExp,
	does: RegExp,
	then: (page: Page) => Promise<void> = () => Promise.resolve()
) {
	const browser = await chromium.launch({ executablePath, args });
	const page = await browser.newPage();
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(error.message));
	const startedAt = Date.now();
	await page.goto(url);
	const panel = page.getByRole('complementary', { name: 'Model panel' });
	await expect(panel).toContainText(says);
	const recoveryMs = Date.now() - startedAt;
	await expect(panel).toContainText(does);
	await expect(page.getByRole('button', { name: /^Load pocket/ })).toBeDisabled();
	await worksWithout(page);
	expect(errors).toEqual([]);
	await then(page);
	await browser.close();
	told(info, 'says which, and what to do', recoveryMs);
}

test('without: the page was not opened over https', async ({ baseURL }, info) => {
	const url = new URL(baseURL ?? '');
	url.hostname = 'insecure.test';
	await visit(
		url.href,
		[...chromiumArgs, '--host-resolver-rules=MAP insecure.test 127.0.0.1'],
		info,
		/only to pages opened over https/,
		/Open this page with https/,
		async (page) => {
			await page.getByRole('link', { name: 'New conversation' }).first().click();
			await page.reload();
			await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
			// The report falls back to text that can be selected: there is no clipboard either.
			await page.getByRole('button', { name: 'Report a problem' }).click();
			await expect(page.getByRole('textbox', { name: 'Report' })).toHaveValue(
				/secure context: false/
			);
		}
	);
});

test('without: the browser has no WebGPU', async ({ baseURL }, info) => {
	await visit(
		baseURL ?? '',
		['--disable-blink-features=WebGPU', '--disable-features=WebGPU'],
		info,
		/WebGPU switched off|has no WebGPU|found no GPU/,
		/chrome:\/\/flags|Update/
	);
});

test('without: the browser finds no GPU', async ({ baseURL }, info) => {
	await visit(
		baseURL ?? '',
		['--enable-unsafe-webgpu', '--disable-gpu', '--disable-software-rasterizer'],
		info,
		/found no GPU it can use/,
		/chrome:\/\/gpu/
	);
});
