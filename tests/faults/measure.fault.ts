import type { Page } from 'playwright/test';
import { expect } from 'playwright/test';
import { LONG } from '../long.ts';
import { chatsAgain, fillDisk, hide, status, takenOver } from './runs.ts';
import type { Scene } from './scene.ts';
import { arm } from './strike.ts';
import { test, told } from './table.ts';

/** Faults in the middle of a run over several variants, on the real engine. */

const TWO = ['pocket-q4f32_1', 'pocket-q0f32'];
const row = (page: Page, id: string) => page.locator(`tr[data-variant="${id}"]`);
const figures = (page: Page, id: string) => row(page, id).locator('td').first();

/** Opens the page of measurements beside the conversation, and begins a quick run. */
async function begin(scene: Scene, ids = TWO) {
	await scene.page.goto(`measure?variants=${ids.join(',')}`);
	await scene.page.getByRole('button', { name: /^Measure \d/ }).click();
	const agree = scene.page.getByRole('button', { name: 'Download and measure' });
	await expect(agree.or(status(scene.page, /^(?:Loading|Warming|Measuring)/))).toBeVisible();
	if (await agree.isVisible()) await agree.click();
}
/** It measures this one just now. */
const measuring = (page: Page, quantization: string) =>
	expect(status(page, new RegExp(`Measuring pocket ${quantization}: repetition`))).toBeVisible({
		timeout: 90_000
	});
const over = (page: Page) =>
	expect(page.getByRole('button', { name: 'Measure 2 variants' })).toBeVisible({
		timeout: 120_000
	});
test(
	'measuring: the device goes, the row says so, and the run goes on',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene);
		await measuring(scene.page, 'q4f32_1');
		const struckAt = Date.now();
		await arm(await scene.engine('loaded'), { at: 'now', blow: 'destroy' });
		await expect(figures(scene.page, TWO[0]!)).toContainText(/GPU|device/i, { timeout: 60_000 });
		const recoveryMs = Date.now() - struckAt;
		await over(scene.page);
		await expect(figures(scene.page, TWO[1]!)).toHaveText(/±/);
		await chatsAgain(scene);
		told(info, 'a failed row, the others measured', recoveryMs);
	}
);

test(
	'measuring: another tab takes the engine, the run is paused and goes on',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene);
		await measuring(scene.page, 'q4f32_1');
		const recoveryMs = await takenOver(scene, status(scene.page, /^Paused$/));
		await scene.page.getByRole('button', { name: 'Resume', exact: true }).click();
		await over(scene.page);
		for (const id of TWO) await expect(figures(scene.page, id)).toHaveText(/±/);
		await chatsAgain(scene);
		told(info, 'paused, resumed', recoveryMs);
	}
);

test(
	'measuring: the tab dies, and the next one is offered the rest',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene);
		await measuring(scene.page, 'q0f32');
		const struckAt = Date.now();
		await scene.page.close();
		await scene.reopen();
		await scene.page.goto('measure');
		await expect(
			scene.page.getByText('A run was interrupted: 1 of 2 variants done.')
		).toBeVisible();
		const recoveryMs = Date.now() - struckAt;
		await expect(figures(scene.page, TWO[0]!)).toHaveText(/±/);
		await scene.page.getByRole('button', { name: 'Resume without pocket q0f32' }).click();
		await over(scene.page);
		await expect(row(scene.page, TWO[1]!)).toContainText('The page ended');
		await chatsAgain(scene);
		told(info, 'its rows kept, the rest offered', recoveryMs);
	}
);

test(
	'measuring: the disk is full, and the rows are shown with a warning',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene);
		await measuring(scene.page, 'q4f32_1');
		const struckAt = Date.now();
		await fillDisk(scene.page);
		await expect(scene.page.getByText('Results are not kept on disk')).toBeVisible({
			timeout: 60_000
		});
		const recoveryMs = Date.now() - struckAt;
		await over(scene.page);
		for (const id of TWO) await expect(figures(scene.page, id)).toHaveText(/±/);
		await chatsAgain(scene);
		told(info, 'measured, and said that it is not kept', recoveryMs);
	}
);

test(
	'measuring: a hidden tab has its repetitions repeated or marked',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene, [TWO[0]!]);
		await measuring(scene.page, 'q4f32_1');
		const startedAt = Date.now();
		await hide(scene.page);
		await expect(row(scene.page, TWO[0]!)).toContainText('The tab was hidden', { timeout: 90_000 });
		await chatsAgain(scene);
		told(info, 'marked', Date.now() - startedAt);
	}
);
