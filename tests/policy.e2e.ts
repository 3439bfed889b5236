import type { Page } from 'playwright/test';
import { expectAccessible } from './axe.ts';
import { arm } from './faults/strike.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';
import { loadedEngine, watchEngines } from './support/engine.ts';

const MODES = {
	suggest: /^Suggest/,
	automatic: /^Automatic/
} as const;

/** Opens the page of the policy and back, as a person does: nothing is loaded again by that. */
async function setMode(page: Page, mode: keyof typeof MODES) {
	const panel = page.locator('#panel');
	await panel.getByText('For my GPU', { exact: true }).click();
	await panel.getByRole('link', { name: 'Automatic swaps' }).click();
	await page.getByRole('radio', { name: MODES[mode] }).check();
	await page.getByRole('link', { name: 'Chat', exact: true }).click();
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
}

async function openDecisions(page: Page) {
	const panel = page.locator('#panel');
	await panel.getByText('For my GPU', { exact: true }).click();
	await panel.getByRole('link', { name: 'Automatic swaps' }).click();
	return page.getByRole('list', { name: 'Decisions' });
}

/** Both variants are whole on disk, and the finer one is loaded. */
async function withBoth(page: Page) {
	const headroom = new HeadroomPage(page);
	await page.clock.install();
	const first = watchEngines(page);
	await headroom.open();
	await first.watched();
	const second = watchEngines(page);
	await headroom.load('q4f32_1');
	await headroom.loaded();
	await second.watched();
	await headroom.load('q0f32');
	await headroom.loaded();
	return headroom;
}

async function askTen(headroom: HeadroomPage) {
	for (let i = 0; i < 10; i++) {
		await headroom.composer.fill(`What is VRAM? ${i}`);
		await headroom.composer.press('Enter');
		await expect(headroom.composer).toHaveValue('');
	}
	await expect(headroom.page.getByRole('status', { name: 'Queue' })).toContainText('9 waiting');
}

/** Lets the page's clock run so far: timers fire, and the policy looks every second. */
async function pass(page: Page, seconds: number) {
	await page.clock.runFor(seconds * 1_000);
}

/** Time passes as while a computer sleeps: run through, it would be silence of the engine, whose own clock goes on. */
async function jump(page: Page, seconds: number) {
	await page.clock.fastForward(seconds * 1_000);
}

// A clock that was taken over stays so for every later page of the profile.
test.use({ ownProfile: true });
test.setTimeout(240_000);

test(
	'ten requests at once lead to a coarser level between answers, and a long rest back to the finer one',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = await withBoth(page);
		await setMode(page, 'automatic');
		const held = await holdFirst(await loadedEngine(page));
		await askTen(headroom);
		await pass(page, 12);
		// Ten seconds have passed, and the answer under way is still written by what it began with.
		await expect(headroom.quantization).toHaveValue('pocket-q0f32');
		await held.goOn();
		await expect(headroom.answers).toHaveCount(10, { timeout: 90_000 });
		await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 90_000 });
		// None is cut, the first are by what was loaded, the last by what was swapped to.
		for (const answer of await headroom.answers.all())
			await expect(answer).toContainText('tokens/s');
		await expect(headroom.answers.first()).toContainText('q0f32');
		await expect(headroom.answers.nth(1)).toContainText('q4f32_1');
		await expect(headroom.answers.last()).toContainText('q4f32_1');
		await expect(headroom.quantization).toHaveValue('pocket-q4f32_1');
		await headroom.loaded();

		const decisions = await openDecisions(page);
		await expect(decisions).toContainText(/Loads q4f32_1: \d+ waiting for long enough/);
		await expect(decisions).toContainText('q4f32_1 is loaded.');
		await expectAccessible(page);

		// Finer after 120 seconds without a request, and not before five minutes have passed since the last swap.
		// A look has seen that nothing is asked.
		await pass(page, 2);
		await jump(page, 130);
		await expect(decisions).toContainText(/q0f32.*In [23] min/);
		await expect(decisions).not.toContainText('q0f32 is loaded.');
		await jump(page, 200);
		await expect(decisions).toContainText('q0f32 is loaded.');
	}
);

test(
	'suggest says what would be better and never swaps by itself',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = await withBoth(page);
		await setMode(page, 'suggest');
		const held = await holdFirst(await loadedEngine(page));
		await askTen(headroom);
		await pass(page, 12);
		const suggestion = page.getByRole('region', { name: 'Suggested level' });
		await expect(suggestion).toContainText('q4f32_1');
		await expect(suggestion).toContainText('many requests wait');
		await expectAccessible(page);
		await held.goOn();
		await expect(headroom.answers).toHaveCount(10, { timeout: 90_000 });
		await expect(headroom.answers.last()).toContainText('tokens/s', { timeout: 90_000 });
		await pass(page, 700);
		await expect(headroom.answers.last()).toContainText('q0f32');
		await expect(headroom.quantization).toHaveValue('pocket-q0f32');
	}
);

test(
	'what ran out of memory is barred: a long rest does not bring it back',
	{ tag: LONG },
	async ({ page }) => {
		const headroom = await withBoth(page);
		await headroom.declareGib('4');
		// With sampling on the CPU it takes less, and may be tried again.
		await page.keyboard.press('Control+,');
		await page.getByLabel('Sampling on the CPU').selectOption('Never');
		await page.keyboard.press('Escape');
		await setMode(page, 'automatic');
		await arm(await loadedEngine(page), { at: 'submit', nth: 12, blow: 'out-of-memory' });
		await headroom.composer.fill('What is VRAM?');
		await headroom.composer.press('Enter');
		const alert = page.getByLabel('Model panel').getByRole('alert');
		await expect(alert).toContainText('ran out of memory', { timeout: 40_000 });
		await alert.getByRole('button', { name: 'Dismiss' }).click();
		await headroom.load('q4f32_1');
		await headroom.loaded();
		await expect(headroom.quantization).toHaveValue('pocket-q4f32_1');

		const decisions = await openDecisions(page);
		await pass(page, 2);
		await jump(page, 130);
		await jump(page, 400);
		await expect(decisions).toContainText(/q4f32_1 is right.*q0f32 cannot be loaded here/);
		await expect(decisions).not.toContainText('q0f32 is loaded.');
		await expect(page.getByText('q0f32: Loading it ran out of GPU memory here')).toBeVisible();
	}
);

/** The GPU answers nothing until `goOn`. */
const holdFirst = async (worker: Awaited<ReturnType<typeof loadedEngine>>) => {
	await worker.evaluate(() => {
		const scope = globalThis as { __policyGoOn?: () => void };
		let asked = false;
		const first = new Promise<void>((resolve) => (scope.__policyGoOn = resolve));
		addEventListener('message', ({ data }: MessageEvent<{ name?: string }>) => {
			if (data.name === 'generate') asked = true;
		});
		// Whatever the engine learns of its results comes by this way.
		const mapAsync = Reflect.get(GPUBuffer.prototype, 'mapAsync');
		GPUBuffer.prototype.mapAsync = async function (this: GPUBuffer, ...args) {
			if (asked) await first;
			return mapAsync.apply(this, args);
		};
	});
	return {
		goOn: () =>
			worker.evaluate(() => (globalThis as { __policyGoOn?: () => void }).__policyGoOn?.())
	};
};

test(
	'two variants are kept loaded: a swap back fetches and loads nothing, until one of them is let go',
	{ tag: LONG },
	async ({ page, context }) => {
		const headroom = new HeadroomPage(page);
		const live = page.getByTestId('live-bytes');
		await headroom.open();
		await page.locator('#panel').getByText('For my GPU', { exact: true }).click();
		await page.locator('#panel').getByRole('link', { name: 'Automatic swaps' }).click();
		await page.getByRole('checkbox', { name: 'Keep two variants loaded' }).check();
		await page.getByRole('link', { name: 'Chat', exact: true }).click();
		await headroom.load('q4f32_1');
		await headroom.loaded();
		const alone = await live.textContent();
		await headroom.load('q0f32');
		await headroom.loaded();
		const standby = page.getByTestId('standby');
		await expect(standby).toContainText('pocket q4f32_1 stays loaded beside it');
		await expect(live).not.toHaveText(alone ?? '');
		await expectAccessible(page);
		const both = await live.textContent();

		const fetched: string[] = [];
		context.on('request', (request) => fetched.push(request.url()));
		await headroom.load('q4f32_1');
		await headroom.loaded();
		await expect(standby).toContainText('pocket q0f32 stays loaded beside it');
		await expect(live).toHaveText(both ?? '');
		expect(fetched.filter((url) => /params_shard|\.wasm/.test(url))).toEqual([]);
		await expect(await headroom.ask('What is VRAM?')).toContainText('pocket q4f32_1');
		await headroom.load('q0f32');
		await headroom.loaded();
		await expect(await headroom.ask('What is the KV cache?')).toContainText('pocket q0f32');

		await headroom.load('q4f32_1');
		await headroom.loaded();
		await standby.getByRole('button', { name: 'Free its memory' }).click();
		await expect(standby).toHaveCount(0);
		await expect(live).toHaveText(alone ?? '');
		await expect(await headroom.ask('What is VRAM?')).toContainText('pocket q4f32_1');
	}
);
