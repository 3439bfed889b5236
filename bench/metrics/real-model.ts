import { expect, type Page } from 'playwright/test';
import { AppPage } from '../../tests/support/app.ts';
import type { LoadedDetail } from '../../src/lib/app/loaded-event.ts';
import { watch, watched } from '../page-script.ts';

export interface Visit {
	variantId: string;
	contextWindow: number;
	/** The page's plan from the files alone, before a weight was downloaded. */
	planned: { afterLoadBytes: number; peakBytes: number };
	/** Counted in the engine's worker, from outside of the page, a chat included. */
	counted: { afterLoadBytes: number; peakBytes: number };
	/** Counted against planned: 0 is exact. */
	afterLoadErrorRatio: number;
	peakErrorRatio: number;
	loadMs: number;
	question: string;
	answer: string;
	tokensPerSecond: number;
}

/**
 * Visits the page as a person who wants this model: finds it, checks it exactly, loads it and chats. `limitMs` bounds
 * the download with the load, and the answer, each.
 */
export async function visit(
	page: Page,
	site: string,
	family: string,
	variantId: string,
	limitMs: number
): Promise<Visit> {
	const app = new AppPage(page);
	await app.open(site);
	await app.choose(family, variantId);
	await page.getByRole('button', { name: 'Check exactly' }).click();
	await expect(page.getByTestId('confidence')).toHaveText(/^(?:exact|from the library|measured)/, {
		timeout: limitMs
	});

	const spares = page.workers().filter((worker) => worker.url().includes('engine'));
	await Promise.all(spares.map(watch));
	const loading = page.evaluate(
		() =>
			new Promise<unknown>((resolve) =>
				addEventListener(
					'headroom:loaded',
					(event) => resolve((event as CustomEvent<unknown>).detail),
					{ once: true }
				)
			)
	);
	await app.loadButton().click();
	await expect(page.getByRole('button', { name: 'Unload' })).toBeVisible({ timeout: limitMs });
	const loaded = (await loading) as LoadedDetail;

	const question = 'What is the capital of France? Answer in one sentence.';
	await app.composer.fill(question);
	await page.getByRole('button', { name: 'Send' }).click();
	const answer = app.answers.last();
	await expect(answer).toContainText('tokens/s', { timeout: limitMs });
	const [, rate = 'NaN'] = /([\d.,]+) tokens\/s/.exec(await answer.innerText()) ?? [];

	const counts = await Promise.all(
		spares.map((worker) => watched(worker).catch(() => ({ liveBytes: 0, peakBytes: 0 })))
	);
	const peakBytes = Math.max(...counts.map((count) => count.peakBytes));
	const planned = {
		afterLoadBytes: loaded.plannedAfterLoadBytes ?? NaN,
		peakBytes: loaded.plannedPeakBytes ?? NaN
	};
	return {
		variantId,
		contextWindow: loaded.contextWindow,
		planned,
		counted: { afterLoadBytes: loaded.afterLoadBytes, peakBytes },
		afterLoadErrorRatio: loaded.afterLoadBytes / planned.afterLoadBytes - 1,
		peakErrorRatio: peakBytes / planned.peakBytes - 1,
		loadMs: loaded.loadMs,
		question,
		answer: (await answer.locator('.body').innerText()).trim(),
		tokensPerSecond: Number(rate.replaceAll(',', ''))
	};
}
