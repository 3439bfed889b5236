import type { Page } from 'playwright/test';
import { expect } from 'playwright/test';
import { LONG } from '../long.ts';
import { chatsAgain, fillDisk, hide, status, struckAt, takenOver } from './runs.ts';
import type { Scene } from './scene.ts';
import type { Blow } from './strike.ts';
import { test, told } from './table.ts';

/** Faults while variants answer the same question, on the real engine. */

const FIRST = 'pocket q4f32_1';
const SECOND = 'pocket q0f32';

const column = (page: Page, name: string) => page.getByRole('article', { name, exact: true });
const written = (page: Page, name: string) =>
	expect(column(page, name)).toContainText(/Tokens\/s\s*\d/, { timeout: 90_000 });
const over = (page: Page) =>
	expect(page.getByRole('button', { name: 'Compare 2 answers' })).toBeVisible({
		timeout: 90_000
	});

/** The run ends well, and so does the next chat. */
async function bothWritten(scene: Scene) {
	await written(scene.page, FIRST);
	await written(scene.page, SECOND);
	await over(scene.page);
	await chatsAgain(scene);
}

interface Asking {
	/** At the same time. */
	together?: boolean;
	/** What strikes in the middle of the answer of `to`. */
	blow?: Blow;
	to?: string;
}

/** Asks both variants. */
async function begin(scene: Scene, { together = false, blow, to = FIRST }: Asking = {}) {
	const { page } = scene;
	page.on('console', (m) => console.log(m.text()));
	await scene.set({ budgetBytes: 4 * 2 ** 30 });
	await page.goto('compare?variants=pocket-q4f32_1,pocket-q0f32');
	await page.getByRole('textbox', { name: 'Question' }).fill('What is quantization?');
	await page.getByRole('checkbox', { name: /^Two at once/ }).setChecked(together);
	if (blow)
		await scene.armFor(
			{ call: 'generate', variantId: to.replace(' ', '-') },
			{ at: 'submit', nth: 12, blow }
		);
	await page.getByRole('button', { name: 'Compare 2 answers' }).click();
	const agree = page.getByRole('button', { name: 'Download and compare' });
	await expect(agree.or(status(page, /answers?$|^(?:Down)?[Ll]oading/))).toBeVisible();
	if (await agree.isVisible()) await agree.click();
	if (blow === 'block') await scene.struck();
}

test(
	'comparing: the device goes while the first one answers, its column says so, and the second answers',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, { blow: 'destroy' });
		await expect(column(page, FIRST)).toContainText(/lost its connection to the GPU/, {
			timeout: 60_000
		});
		const recoveryMs = Date.now() - (await struckAt(scene));
		await written(page, SECOND);
		await over(page);
		await chatsAgain(scene);
		told(info, 'a failed answer, the other written', recoveryMs);
	}
);

test(
	'comparing two at once: the device of one goes, and each that failed is asked again, alone',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, { together: true });
		for (const name of [FIRST, SECOND])
			await expect(column(page, name)).toContainText('Written at the same time', {
				timeout: 90_000
			});
		await over(page);

		// The one that was loaded last is the one whose loss ends both.
		await begin(scene, { together: true, blow: 'destroy', to: SECOND });
		await written(page, SECOND);
		const recoveryMs = Date.now() - (await struckAt(scene));
		await written(page, FIRST);
		await over(page);
		await chatsAgain(scene);
		told(info, 'both asked again, alone', recoveryMs);
	}
);

test(
	'comparing: another tab takes the engine, the run is paused and goes on',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, { blow: 'block' });
		const recoveryMs = await takenOver(scene, status(page, /^Paused$/));
		await page.getByRole('button', { name: 'Resume', exact: true }).click();
		await bothWritten(scene);
		told(info, 'paused, resumed', recoveryMs);
	}
);

test(
	'comparing: the tab dies, and the next one is offered the rest',
	{ tag: LONG },
	async ({ scene }, info) => {
		await begin(scene, { blow: 'block', to: SECOND });
		const struckAt = Date.now();
		await scene.page.close();
		await scene.reopen();
		const { page } = scene;
		await page.goto('compare');
		await expect(page.getByText('A run was interrupted: 1 of 2 answers done.')).toBeVisible();
		const recoveryMs = Date.now() - struckAt;
		await written(page, FIRST);
		await page.getByRole('button', { name: 'Resume', exact: true }).click();
		await written(page, SECOND);
		await over(page);
		await chatsAgain(scene);
		told(info, 'its answers kept, the rest offered', recoveryMs);
	}
);

test(
	'comparing: the disk is full, and the answers are shown with a warning',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, { blow: 'block' });
		const struckAt = Date.now();
		await fillDisk(page);
		await expect(page.getByText('Results are not kept on disk')).toBeVisible({ timeout: 60_000 });
		const recoveryMs = Date.now() - struckAt;
		await bothWritten(scene);
		told(info, 'answered, and said that it is not kept', recoveryMs);
	}
);

test(
	'comparing: times of an answer that was written in a hidden tab are called doubtful',
	{ tag: LONG },
	async ({ scene }, info) => {
		const { page } = scene;
		await begin(scene, { blow: 'block' });
		const startedAt = Date.now();
		await hide(page);
		await expect(column(page, FIRST)).toContainText('The tab was hidden', { timeout: 60_000 });
		await over(page);
		await chatsAgain(scene);
		told(info, 'marked', Date.now() - startedAt);
	}
);
