import type { Browser, Page } from 'playwright';
import { rendererBytes } from '../../tests/support/renderer-memory.ts';
import { choose, type Lab } from '../lab.ts';
import type { Figures } from '../limits.ts';
import { median } from '../median.ts';
import { LARGE_ID } from './large-model.ts';

const WINDOW = 2048;
/** The spare engine is there by then, and garbage is collected. */
const QUIET_MS = 6_000;
const LOOK_MS = 20;

/**
 * Memory of the computer while a model of 240 MB is loaded from the disk: the most that the renderers hold beyond what
 * they hold before, on the page and with the bare engine. Served by `largePocket`.
 */
export async function hostMemory(lab: Lab, pairs: number): Promise<Figures> {
	const browser = lab.context.browser();
	if (!browser) throw new Error('There is no browser to ask for its processes.');
	const parts = await lab.parts();
	await parts.evaluate((change) => window.parts.set(change), {
		budgetBytes: 4 * 2 ** 30,
		choice: { variantId: LARGE_ID, contextWindow: WINDOW }
	});
	await parts.close();
	const onPage = async () => {
		const site = await lab.site();
		await choose(site, LARGE_ID);
		return increase(browser, site, () =>
			site.evaluate(() => window.observe.click('Load', 'Loaded.'))
		);
	};
	const bare = async () => {
		const page = await lab.engine();
		return increase(browser, page, () =>
			page.evaluate((ask) => window.ask(ask), {
				kind: 'reload' as const,
				id: LARGE_ID,
				contextWindow: WINDOW
			})
		);
	};
	const ratios: number[] = [];
	for (let pair = -1; pair < pairs; pair++) {
		const first = pair & 1 ? await onPage() : await bare();
		const second = pair & 1 ? await bare() : await onPage();
		const [ours, theirs] = pair & 1 ? [first, second] : [second, first];
		lab.log(`page ${(ours / 1e6).toFixed(0)} MB, bare ${(theirs / 1e6).toFixed(0)} MB`);
		if (pair >= 0) ratios.push(ours / theirs);
	}
	return { hostMemoryRatio: median(ratios) };
}

async function increase(
	browser: Browser,
	page: Page,
	load: () => Promise<unknown>
): Promise<number> {
	await page.waitForTimeout(QUIET_MS);
	const now = async () => (await rendererBytes(browser)) ?? NaN;
	const before = await now();
	let most = before;
	let over = false;
	const looking = (async () => {
		while (!over) {
			most = Math.max(most, await now());
			await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
		}
	})();
	await load();
	over = true;
	await looking;
	await page.close();
	return most - before;
}
