import type { BrowserContext, Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';
import { hearWords, holdReading, loadedEngine, watchEngines, type Word } from './support/engine.ts';
import { storedConversations } from './support/stored.ts';

/** q0f32 stays on its way until `release` is called. */
async function holdShard(context: BrowserContext) {
	const shard = { asked: 0, release: () => {} };
	const held = new Promise<void>((resolve) => (shard.release = resolve));
	await context.route('**/q0f32/**/params_shard_0.bin', async (route) => {
		shard.asked++;
		await held;
		await route.continue();
	});
	return shard;
}

/** The first model stays on its way until `release` is called: what is asked meanwhile waits. */
async function loadHeld(headroom: HeadroomPage, context: BrowserContext) {
	const shard = await holdShard(context);
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

test(
	'two conversations are asked and a third one opened: all are answered in their own',
	{ tag: LONG },
	async ({ page, context }) => {
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
		await expect(second.getByRole('img', { name: 'Unread answer' })).toBeVisible({
			timeout: 60_000
		});
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
	}
);

test(
	'of five messages in a row one is withdrawn, and the others are answered in order',
	{ tag: LONG },
	async ({ page, context }) => {
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
	}
);

test('a swap comes between two queued answers, and a third conversation is open: both are whole, each by its own model', async ({
	page,
	context
}) => {
	const engines = watchEngines(page);
	const headroom = new HeadroomPage(page);
	await headroom.open();
	await engines.watched();
	await page.getByRole('button', { name: 'Load pocket q4f32_1' }).click();
	await headroom.loaded();
	const reading = await holdReading(await loadedEngine(page));
	const shard = await holdShard(context);
	await say(headroom, 'What is VRAM?');
	await begin(page);
	await say(headroom, 'What is the KV cache?');
	await begin(page);
	await headroom.composer.fill('half a thought');
	await headroom.load('q0f32');
	await expect.poll(() => shard.asked).toBe(1);
	await expect(page.getByRole('status', { name: 'Queue' })).toContainText('1 running, 1 waiting');
	const first = headroom.list.filter({ hasText: 'VRAM' });
	const second = headroom.list.filter({ hasText: 'KV cache' });

	await reading.goOn();
	await expect(first.getByRole('img', { name: 'Unread answer' })).toBeVisible();
	await expect(second.getByRole('img', { name: 'Being answered' })).toBeVisible();
	shard.release();
	await headroom.loaded();
	await expect(page.getByText('pocket q0f32 answers')).toBeVisible();
	await expect(second.getByRole('img', { name: 'Unread answer' })).toBeVisible();
	await expect(page.getByRole('status', { name: 'Queue' })).toHaveCount(0);
	await expect(headroom.composer).toHaveValue('half a thought');
	await expect(headroom.answers).toHaveCount(0);

	const answers = [
		{ link: first, question: 'What is VRAM?', by: 'pocket q4f32_1' },
		{ link: second, question: 'What is the KV cache?', by: 'pocket q0f32' }
	];
	const whole = async () => {
		const texts: string[] = [];
		for (const { link, question, by } of answers) {
			await link.click();
			await expect(page.getByRole('article', { name: 'You' })).toHaveText([
				new RegExp(`^\\s*${question.replace('?', '\\?')}`)
			]);
			await expect(headroom.answers).toHaveCount(1);
			const answer = headroom.answers.first();
			await expect(answer).toContainText(by);
			await expect(answer).toContainText('tokens/s');
			await expect(answer).not.toContainText(/Stopped\.|Cut off/);
			const text = await answer.locator('.body').innerText();
			expect(text).toMatch(/\w{4}/);
			texts.push(text);
		}
		return texts;
	};
	const texts = await whole();
	// And on the disk.
	const stored = (await storedConversations(page)).map((messages) =>
		messages.map(({ role, answer }) => [role, answer?.finish])
	);
	expect(stored).toEqual(
		Array(2).fill([
			['user', undefined],
			['assistant', 'stop']
		])
	);
	await page.reload();
	await headroom.ready();
	expect(await whole()).toEqual(texts);
});

for (const place of ['shown', 'not shown'] as const)
	test(
		`the death of the tab costs an answer that is ${place} two seconds at most, and what waits nothing`,
		{ tag: LONG },
		async ({ page, context }, info) => {
			const engines = watchEngines(page);
			const headroom = new HeadroomPage(page);
			await headroom.open();
			await engines.watched();
			await headroom.answerOnAndOn();
			await page.getByRole('button', { name: 'Load pocket q4f32_1' }).click();
			await headroom.loaded();
			const words = await hearWords(page, await loadedEngine(page));

			await say(headroom, 'What is quantization?');
			await say(headroom, 'And why?');
			await begin(page);
			await say(headroom, 'What is VRAM?');
			if (place === 'shown') await headroom.list.filter({ hasText: 'quantization' }).click();
			await expect.poll(() => words.length).toBeGreaterThan(0);
			await page.waitForTimeout(Math.max(0, KILL_MS - (Date.now() - (words[0]?.atMs ?? 0))));
			const killedAtMs = Date.now();
			await kill(page, context);

			const next = await context.newPage();
			const after = new HeadroomPage(next);
			await after.open();
			await after.list.filter({ hasText: 'What is VRAM?' }).click();
			await expect(next.getByText('Not answered yet.')).toBeVisible();
			await after.list.filter({ hasText: 'What is quantization?' }).click();
			await expect(next.getByRole('article', { name: 'You' })).toHaveCount(2);
			await expect(after.answers.first()).toContainText('Cut off: the page was closed');

			const stored = (await storedConversations(next)).flat();
			expect(stored.filter(({ role }) => role === 'user')).toHaveLength(3);
			const [kept, ...others] = stored.filter(({ role }) => role === 'assistant');
			expect(others, 'only one was being answered').toEqual([]);
			const said = words.map(({ text }) => text).join('');
			expect(said.startsWith(kept?.text ?? '?'), 'what was kept is what was said').toBe(true);
			const lostMs = Math.max(0, killedAtMs - firstLost(words, kept?.text ?? ''));
			const lostChars = said.length - (kept?.text.length ?? 0);
			info.annotations.push({
				type: 'lost',
				description: `${lostMs} ms, ${lostChars} of ${said.length} characters`
			});
			expect(lostMs, `${lostChars} of ${said.length} characters were lost`).toBeLessThanOrEqual(
				2_000
			);
			// Else there was nothing to lose.
			expect(said.length).toBeGreaterThan(lostChars);
		}
	);

/** Just before the second time that a running answer would be saved: when most of it is in danger. */
const KILL_MS = 2_900;

/** Kills the process of the page. */
async function kill(page: Page, context: BrowserContext) {
	const session = await context.newCDPSession(page);
	const gone = page.waitForEvent('crash');
	void session.send('Page.crash').catch(() => undefined);
	await gone;
	await page.close();
}

/** When the first of the words came that are not in what was kept; Infinity: all are. */
function firstLost(words: readonly Word[], kept: string): number {
	let chars = 0;
	return words.find(({ text }) => (chars += text.length) > kept.length)?.atMs ?? Infinity;
}
