import { test, type Page } from 'playwright/test';
import { HeadroomPage } from './page.ts';
const OUT = process.env.SHOTS ?? '/tmp/chat/shots';
const sizes = [[390, 844], [768, 1024], [1280, 800], [1920, 1080]] as const;
async function shoot(page: Page, name: string, widths: readonly number[] = [390, 768, 1280, 1920], prepare?: () => Promise<void>) {
	for (const [width, height] of sizes) {
		if (!widths.includes(width)) continue;
		await page.setViewportSize({ width, height });
		await prepare?.();
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.emulateMedia({ colorScheme });
			await page.waitForTimeout(250);
			await page.screenshot({ path: `${OUT}/${name}-${width}-${colorScheme}.png` });
		}
	}
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.emulateMedia({ colorScheme: 'light' });
}
const rich = `## What fits

Some **words** about \`quantization\`, with a [link](https://example.com/docs) and $E = mc^2$ inline.

\`\`\`ts
export function weightBytes(parameters: number, bits: number): number {
	return Math.ceil((parameters * bits) / 8); // a comment that goes on for quite a while, so that it is wider than the column
}
\`\`\`

| quantization | weights | KV cache | activations | runtime | verdict | remark |
|---|--:|--:|--:|--:|:-:|---|
| q4f16_1 | 620 MiB | 120 MiB | 80 MiB | 12 MiB | fits | the smallest that is offered here |
| q0f32 | 4.6 GiB | 240 MiB | 160 MiB | 12 MiB | blocked | far too large |

$$
\\text{KV} = \\sum_{l=1}^{L} 2 \\cdot \\frac{h_{kv} \\cdot d}{b} \\cdot n
$$

1. First, *choose* a family.
2. Then a window:
   - [x] 4k
   - [ ] 128k

> A quote, and ![a picture](https://evil.test/x.png)
`;
test('shots', async ({ page }) => {
	test.setTimeout(580_000);
	const headroom = new HeadroomPage(page);
	await page.setViewportSize({ width: 1280, height: 800 });
	await headroom.open();
	await shoot(page, '01-first');
	await headroom.ask('What is quantization?');
	await headroom.ask('Does anything leave my machine?');
	await shoot(page, '02-chat');
	await page.keyboard.press('Control+,');
	await shoot(page, '03-settings', [390, 1280]);
	await page.getByRole('dialog').getByText('Airplane').scrollIntoViewIfNeeded();
	await shoot(page, '03-settings-end', [390, 1280], () => page.getByText('Reset to defaults').scrollIntoViewIfNeeded());
	await page.keyboard.press('Escape');
	await page.keyboard.press('Alt+s');
	await shoot(page, '04-conversation', [390, 1280]);
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await shoot(page, '05-shortcuts', [390, 1280]);
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: /^More for/ }).first().click();
	await shoot(page, '06-menu', [1280]);
	await page.keyboard.press('Escape');
	const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
	await page.getByLabel('Files to add').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') });
	await page.getByRole('img', { name: 'photo.png' }).waitFor();
	await shoot(page, '07-image');
	await page.getByRole('button', { name: 'Remove photo.png' }).click();
	await headroom.composer.fill('word '.repeat(4000));
	await headroom.composer.press('Enter');
	await page.getByRole('alert').first().waitFor();
	await shoot(page, '08-too-long', [390, 1280, 1920]);
	const answer = { variantId: 'Qwen3-0.6B-q4f16_1-MLC', familyName: 'Qwen3 0.6B', quantization: 'q4f16_1', finish: 'stop', promptTokens: 100, completionTokens: 321, prefillTokensPerSecond: 300, decodeTokensPerSecond: 41.2, timeToFirstTokenMs: 412, thinkingMs: 3412 };
	await page.getByLabel('Conversations to import').setInputFiles({ name: 'rich.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ format: 'headroom', version: 1, conversations: [{ version: 1, id: 'rich', title: 'A rich answer with a long title that has to be cut somewhere', createdAt: 1, updatedAt: 1, leaf: 'a', messages: [
		{ id: 'q', parent: null, role: 'user', text: 'Tell me everything, with code, a table and maths.', createdAt: 1 },
		{ id: 'a', parent: 'q', role: 'assistant', text: rich, thinking: 'First I think about **what** was asked.\n\n- then more', answer, createdAt: 1 }] }] })) });
	await headroom.list.filter({ hasText: 'A rich answer' }).click();
	await headroom.answers.first().waitFor();
	await page.waitForTimeout(1500);
	await shoot(page, '09-rich-end');
	await shoot(page, '10-rich', undefined, async () => { await page.getByRole('region', { name: 'Conversation' }).evaluate((e) => (e.scrollTop = 0)); });
	await page.setViewportSize({ width: 390, height: 844 });
	await page.getByRole('button', { name: 'Conversations' }).click();
	await shoot(page, '11-drawer', [390]);
	await page.goto('./#?model=Llama-3.2-1B-Instruct-q4f16_1-MLC');
	await page.getByRole('region', { name: 'Suggested by a link' }).waitFor();
	await shoot(page, '12-suggested', [390, 1280]);
	// 200 % zoom, forced colours
	await page.setViewportSize({ width: 640, height: 512 });
	for (const forced of ['none', 'active'] as const) {
		await page.emulateMedia({ forcedColors: forced, reducedMotion: 'reduce', colorScheme: 'light' });
		await page.waitForTimeout(250);
		await page.screenshot({ path: `${OUT}/20-zoom-chat-${forced}.png` });
		await page.getByRole('button', { name: /pocket/ }).first().click();
		await page.waitForTimeout(250);
		await page.screenshot({ path: `${OUT}/21-zoom-panel-${forced}.png` });
		await page.keyboard.press('Escape');
		await page.keyboard.press('Control+,');
		await page.getByRole('dialog').waitFor();
		await page.waitForTimeout(250);
		await page.screenshot({ path: `${OUT}/22-zoom-settings-${forced}.png` });
		await page.keyboard.press('Escape');
	}
	await page.setViewportSize({ width: 1280, height: 800 });
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ forcedColors: 'active', colorScheme });
		await page.waitForTimeout(250);
		await page.screenshot({ path: `${OUT}/23-forced-${colorScheme}.png` });
	}
	await page.getByRole('link', { name: 'Models', exact: true }).click();
	await page.waitForTimeout(1500);
	await page.screenshot({ path: `${OUT}/24-forced-models.png` });
	await page.setViewportSize({ width: 640, height: 512 });
	await page.screenshot({ path: `${OUT}/25-zoom-models-forced.png` });
	await page.emulateMedia({ forcedColors: 'none' });
	await page.screenshot({ path: `${OUT}/25-zoom-models.png` });
});
