import type { Page } from 'playwright/test';
import { expect } from 'playwright/test';
import { LONG } from '../long.ts';
import { chatsAgain, fillDisk, hide, status, struckAt, takenOver } from './runs.ts';
import type { Scene } from './scene.ts';
import type { Blow } from './strike.ts';
import { test, told } from './table.ts';

/** Faults while variants are compared with the unquantized one, on the real engine. */

const REFERENCE = 'pocket q0f32';
const OTHER = 'pocket q4f32_1';

const section = (page: Page) =>
	page.getByRole('region', { name: 'Difference from the unquantized model' });
const row = (page: Page) => section(page).getByRole('row', { name: /pocket q4f32_1/ });
const measured = (page: Page) =>
	expect(row(page)).toContainText(/\d+\.\d% ± \d+\.\d%/, { timeout: 120_000 });
const over = (page: Page) =>
	expect(section(page).getByRole('button', { name: 'Compare' })).toBeVisible({ timeout: 120_000 });
const resume = (page: Page) => section(page).getByRole('button', { name: 'Resume' }).click();
/** It goes on to its end, and the next chat works. */
async function resumed(scene: Scene) {
	await resume(scene.page);
	await measured(scene.page);
	await over(scene.page);
	await chatsAgain(scene);
}
const interrupted = (page: Page) =>
	section(page).getByText(`A comparison with ${REFERENCE} was interrupted`);

/** Begins a run. `blow`: strikes at a position of the reference's answers, or of the other's comparison. */
async function begin(scene: Scene, blow: Blow, to: 'reference' | 'other' = 'other') {
	const { page } = scene;
	await page.goto('models?quality=pocket#quality');
	await expect(section(page).getByRole('button', { name: 'Compare' })).toBeVisible();
	await scene.armFor(
		to === 'reference'
			? { call: 'keepAnswer', variantId: 'pocket-q0f32' }
			: { call: 'compareAnswer', variantId: 'pocket-q4f32_1' },
		{ at: 'submit', nth: 12, blow }
	);
	await section(page).getByRole('button', { name: 'Compare' }).click();
	const seconds = 180_000;
	await expect.poll(() => scene.struckAt(), { timeout: seconds }).not.toBeNull();
}

test.describe.configure({ timeout: 300_000 });

test(
	'quality: the device goes while a variant is compared, and its row says so',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, 'destroy');
		await expect(row(page)).toContainText('lost its connection to the GPU', { timeout: 60_000 });
		const recoveryMs = Date.now() - (await struckAt(scene));
		await over(page);
		await chatsAgain(scene);
		told(info, 'a failed row', recoveryMs);
	}
);

test(
	'quality: the device goes while the reference answers; the run can go on, or be ended',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, 'destroy', 'reference');
		await expect(section(page).getByRole('alert')).toContainText('lost its connection to the GPU', {
			timeout: 60_000
		});
		await expect(interrupted(page)).toBeVisible();
		const recoveryMs = Date.now() - (await struckAt(scene));
		await resumed(scene);
		told(info, 'said, resumed', recoveryMs);
	}
);

test(
	'quality: another tab takes the engine, the run is interrupted and goes on',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, 'block');
		const recoveryMs = await takenOver(scene, interrupted(page));
		await resumed(scene);
		told(info, 'interrupted, resumed', recoveryMs);
	}
);

test(
	'quality: the tab dies, and the next one goes on with the reference that was kept',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene, 'block');
		const diedAt = Date.now();
		await scene.page.close();
		await scene.reopen();
		const { page } = scene;
		await page.goto('models?quality=pocket#quality');
		await expect(interrupted(page)).toBeVisible();
		const recoveryMs = Date.now() - diedAt;
		await resume(page);
		await expect(status(page, new RegExp(`Comparing ${OTHER}`))).toBeVisible({ timeout: 60_000 });
		await measured(page);
		await over(page);
		await chatsAgain(scene);
		told(info, 'offered, resumed', recoveryMs);
	}
);

test(
	'quality: with a full disk and a hidden tab the run ends with the same figures',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, 'block', 'reference');
		const startedAt = Date.now();
		await fillDisk(page);
		await hide(page);
		await measured(page);
		const recoveryMs = Date.now() - startedAt;
		await over(page);
		const here = await row(page).innerText();
		await begin(scene, 'tell');
		await measured(page);
		expect(await row(page).innerText()).toBe(here);
		await over(page);
		await chatsAgain(scene);
		told(info, 'the same figures', recoveryMs);
	}
);
