import type { BrowserContext, Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, test } from './story.ts';

/** The first model stays on its way until `release` is called: what is asked meanwhile waits. */
async function loadHeld(headroom: HeadroomPage, context: BrowserContext) {
	const shard = { asked: 0, release: () => {} };
	const held = new Promise<void>((resolve) => (shard.release = resolve));
	await context.route('**/q0f32/**/params_shard_0.bin', async (route) => {
		shard.asked++;
		await held;
		await route.continue();
	});
	await headroom.open();
	await headroom.load('q0f32');
	await expect.poll(() => shard.asked).toBe(1);
	return shard;
}

async function say(headroom: HeadroomPage, text: string) {
	await headroom.composer.fill(text);
	await headroom.composer.press('Enter');
	await expect(headroom.composer).toHaveValue('');
}

const begin = (page: Page) => page.getByRole('link', { name: 'New conversation' }).click();

test('two conversations are asked and a third one opened: all are answered in their own', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	const shard = await loadHeld(headroom, context);
	await say(headroom, 'What is VRAM?');
	await begin(page);
	await say(headroom, 'What is the KV cache?');
	await expect(page.getByRole('status', { name: 'Queue' })).toContainText('1 running, 1 waiting');
	await begin(page);
	await headroom.composer.fill('half a thought');
	const first = headroom.list.filter({ hasText: 'VRAM' });
	const second = headroom.list.filter({ hasText: 'KV cache' });
	await expect(first.getByRole('img', { name: 'Being answered' })).toBeVisible();
	await expect(second.getByRole('img', { name: 'Waiting for an answer' })).toBeVisible();
	const panel = page.locator('#panel');
	await expect(
		panel.getByRole('heading', { name: 'Requests: 1 running, 1 waiting' })
	).toBeVisible();
	await expectAccessible(page);

	// The page of models is no reason to stop either.
	await page.getByRole('link', { name: 'Models', exact: true }).first().click();
	await expect(page).toHaveURL(/models/);
	shard.release();
	await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
	await expect(second.getByRole('img', { name: 'Unread answer' })).toBeVisible({ timeout: 60_000 });
	await expect(first.getByRole('img', { name: 'Unread answer' })).toBeVisible();
	for (const link of [first, second]) {
		await link.click();
		await expect(headroom.answers).toHaveCount(1);
		await expect(headroom.answers.first()).toContainText('tokens/s');
		await expect(headroom.answers.first()).toContainText(/\w{4}/);
		await expect(link.getByRole('img')).toHaveCount(0);
	}
	await begin(page);
	await expect(headroom.composer).toHaveValue('half a thought');
	await page.reload();
	await begin(page);
	await expect(headroom.composer).toHaveValue('half a thought');
});

test('of five messages in a row one is withdrawn, and the others are answered in order', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	const shard = await loadHeld(headroom, context);
	const messages = ['What is VRAM?', 'Why?', 'Never mind', 'Thank you', 'What is quantization?'];
	for (const message of messages) await say(headroom, message);
	await expect(page.getByRole('status', { name: 'Queue' })).toContainText('1 running, 4 waiting');
	const questions = page.getByRole('article', { name: 'You' });
	await expect(questions).toHaveText(
		messages.map((message) => new RegExp(`^\\s*${message.replace('?', '\\?')}`))
	);
	await questions.nth(2).getByRole('button', { name: 'Withdraw' }).click();
	await expect(questions).toHaveCount(4);
	await questions.nth(1).getByRole('button', { name: 'Edit' }).click();
	const edit = page.getByRole('textbox', { name: 'Edit the question' });
	await edit.fill('Why is a model blocked?');
	await edit.press('Enter');
	await expect(page.getByRole('status', { name: 'Queue' })).toContainText('1 running, 3 waiting');
	await expectAccessible(page);
	shard.release();
	await expect(headroom.answers).toHaveCount(4, { timeout: 60_000 });
	await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 60_000 });
	const shown = page.getByRole('article');
	await expect(shown).toHaveCount(8);
	const kinds = await shown.evaluateAll((all) =>
		all.map((each) => each.getAttribute('aria-label'))
	);
	expect(kinds).toEqual(Array(4).fill(['You', 'Answer']).flat());
	await expect(questions).toHaveText([
		/VRAM/,
		/Why is a model blocked/,
		/Thank you/,
		/quantization/
	]);
	await expect(page.getByRole('status', { name: 'Queue' })).toHaveCount(0);
});

test('the death of the tab costs a running answer two seconds and a waiting question nothing', async ({
	page,
	context
}) => {
	const headroom = new HeadroomPage(page);
	await headroom.open();
	// An answer that goes on and on.
	await page.keyboard.press('Control+,');
	const settings = page.getByRole('dialog', { name: 'Settings' });
	await settings.getByRole('textbox', { name: 'Temperature' }).fill('0');
	await settings.getByRole('textbox', { name: 'Presence penalty' }).fill('-2');
	await settings.getByRole('textbox', { name: 'Repetition penalty' }).fill('0.5');
	await page.keyboard.press('Escape');
	await say(headroom, 'What is quantization?');
	await expect(headroom.answers.first()).toContainText(/\w{4}/, { timeout: 30_000 });
	await say(headroom, 'And why?');
	const written = await headroom.answers.first().locator('.body').innerText();
	await begin(page);
	await say(headroom, 'What is VRAM?');
	await page.waitForTimeout(2_000);
	const session = await context.newCDPSession(page);
	const gone = page.waitForEvent('crash');
	void session.send('Page.crash').catch(() => undefined);
	await gone;
	await page.close();

	const next = await context.newPage();
	const after = new HeadroomPage(next);
	await after.open();
	await after.list.filter({ hasText: 'What is VRAM?' }).click();
	await expect(next.getByText('Not answered yet.')).toBeVisible();
	await after.list.filter({ hasText: 'What is quantization?' }).click();
	await expect(next.getByRole('article', { name: 'You' })).toHaveCount(2);
	const kept = await after.answers.first().locator('.body').innerText();
	expect(kept.length).toBeGreaterThanOrEqual(written.length);
	expect(kept.startsWith(written.slice(0, 20))).toBe(true);
});
