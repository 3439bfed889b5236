import type { Page } from 'playwright/test';
import {
	newerQwenMetadata,
	QWEN_VOCABULARY
} from '../packages/plan/src/memory/newer-libraries.fixture.ts';
import { wasmAround } from '../packages/plan/src/memory/worked-example.fixture.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';
import { AppPage } from './support/app.ts';
import { Hub } from './support/hub.ts';

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
	await page.getByRole('button', { name: 'Report a problem' }).click();
	const field = page.getByRole('textbox', { name: 'Report' });
	await expect(field).toHaveValue(/maxStorageBufferBindingSize/);
	const text = await field.inputValue();
	await page.keyboard.press('Escape');
	return text;
}

test(
	'sampling on the CPU takes effect at the next load, and answers stay the same',
	{ tag: LONG },
	async ({ page }) => {
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
	}
);

test.describe('with an engine that is not the expected one', () => {
	// Its script is changed, and would be kept for the stories that follow.
	test.use({ ownProfile: true });

	test(
		'the engine samples itself where that fits, and the page says so',
		{ tag: LONG },
		async ({ page, context }) => {
			let changed = 0;
			await context.route('**/workers/**/*.js', async (route) => {
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
		}
	);
});

const REPO = 'Qwen2.5-0.5B-Instruct-q4f32_1-MLC';

test('a model that only fits without the buffers for sampling is planned so, and the plan says what that saves', async ({
	page,
	context
}) => {
	const hub = new Hub();
	hub.addModel(REPO, 'q4f32_1');
	const config = hub.files(REPO).get('mlc-chat-config.json')?.toString() ?? '';
	hub.replace(
		REPO,
		'mlc-chat-config.json',
		Buffer.from(JSON.stringify({ ...(JSON.parse(config) as object), vocab_size: QWEN_VOCABULARY }))
	);
	await hub.start(context);
	// A library of the newer kind, compiled for a batch of 128: six buffers, 445 MiB.
	const metadata = newerQwenMetadata('q4f32_1');
	const library = wasmAround(
		JSON.stringify({
			...metadata,
			memory_usage: { ...metadata.memory_usage, argsort_probs: 0, sample_with_top_p: 0 }
		}),
		['TVMFFIWasmSafeCall']
	);
	await context.route('https://raw.githubusercontent.com/**', (route) =>
		route.fulfill({
			headers: { 'access-control-allow-origin': '*' },
			contentType: 'application/wasm',
			body: Buffer.from(library)
		})
	);
	try {
		const app = new AppPage(page);
		await app.allow([hub.storageHost]);
		await app.open();
		await app.choose('Qwen2.5 0.5B Instruct', REPO);
		const headroom = new HeadroomPage(page);
		await headroom.declareGib('1');
		const panel = page.locator('#panel');
		const saves = panel.getByText(
			/^Tokens will be chosen on the CPU, which saves 445 MiB of GPU memory\.$/
		);
		await expect(headroom.verdict).toHaveText('fits');
		await expect(saves).toBeVisible();

		await setSampling(page, 'Never');
		await expect(headroom.verdict).toHaveText('blocked');
		await expect(saves).toHaveCount(0);
		await setSampling(page, 'Always');
		await expect(headroom.verdict).toHaveText('fits');
		await expect(saves).toBeVisible();
	} finally {
		await hub.stop();
	}
});
