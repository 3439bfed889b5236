import type { LoadedDetail } from '../../src/lib/app/loaded-event.ts';
import type { Figures } from '../limits.ts';
import { choose, F32_VARIANTS, variantOf, type Lab } from '../lab.ts';
import { median } from '../median.ts';

/** A budget in which either of the two fits and not both: pocket's largest takes some 6 MiB. */
const MIB = 2 ** 20;
/** A person reads what the chosen variant will take before they swap to it; the page prepares it meanwhile. */
const THOUGHT_MS = 1_500;

interface Swaps {
	swapMs: number[];
	gapMs: number[];
	reloadMs: number[];
}

/** Swaps by a click on the page and reloads of the same variant in a bare worker, by turns. */
async function swaps(
	lab: Lab,
	pairs: number,
	budgetBytes: number,
	thoughtMs = THOUGHT_MS
): Promise<Swaps> {
	const [parts, bare] = [await lab.parts(), await lab.engine()];
	const [first, second] = F32_VARIANTS;
	await parts.evaluate((change) => window.parts.set(change), {
		budgetBytes,
		reserveBytes: 0,
		thresholdRatio: 1,
		choice: { variantId: first, contextWindow: 2048 }
	});
	const site = await lab.site();
	await choose(site, first);
	await site.evaluate(() => window.observe.click('Load', 'Loaded.'));
	const found: Swaps = { swapMs: [], gapMs: [], reloadMs: [] };
	for (let pair = -2; pair < pairs; pair++) {
		const id = pair % 2 === 0 ? second : first;
		const reload = async () => {
			await bare.bringToFront();
			return bare.evaluate((id) => window.ask({ kind: 'reload', id, contextWindow: 2048 }), id);
		};
		const swap = async () => {
			await site.bringToFront();
			await choose(site, id);
			await site.waitForTimeout(thoughtMs);
			const ms = await site.evaluate(() => window.observe.click('Swap', 'Loaded.'));
			const loaded = (await site.evaluate(() => window.observe.loaded())) as LoadedDetail;
			// The next spare worker imports the engine now; a visitor's next swap is not in this second.
			await site.waitForTimeout(4_000);
			return { ms, gapMs: loaded.swapGapMs ?? NaN, loaded };
		};
		// Loads a variant that it does not have, as the page does: the one before is let go in both.
		const reloadFirst = pair & 2;
		const before = reloadFirst ? await reload() : null;
		const { ms, gapMs, loaded } = await swap();
		const bareReload = before ?? (await reload());
		const reloadMs = bareReload.ms;
		lab.log(
			`${variantOf(id).quantization.name}: swap ${ms.toFixed(0)} ms, ${gapMs.toFixed(0)} of it without a model (loading ${loaded.loadMs.toFixed(0)}, token ${loaded.firstTokenMs.toFixed(0)}); reload ${reloadMs.toFixed(0)} ms (token ${bareReload.tokenMs.toFixed(0)})`
		);
		if (pair < 0) continue;
		found.swapMs.push(ms);
		found.gapMs.push(gapMs);
		found.reloadMs.push(reloadMs);
	}
	await Promise.all([site, bare, parts].map((page) => page.close()));
	return found;
}

const ratio = (a: readonly number[], b: readonly number[]) =>
	median(a.map((each, index) => each / (b[index] ?? NaN)));

export async function swapApart(lab: Lab, pairs: number): Promise<Figures> {
	const { swapMs, gapMs, reloadMs } = await swaps(lab, pairs, 8 * MIB);
	return {
		swapMs: median(swapMs),
		reloadMs: median(reloadMs),
		swapRatio: ratio(swapMs, reloadMs),
		swapGapMs: median(gapMs),
		swapGapRatio: ratio(gapMs, reloadMs)
	};
}

/** The same without a thought: nothing is prepared. */
export async function swapAtOnce(lab: Lab, pairs: number): Promise<Figures> {
	const { swapMs, reloadMs } = await swaps(lab, pairs, 8 * MIB, 0);
	return { swapAtOnceMs: median(swapMs), swapAtOnceRatio: ratio(swapMs, reloadMs) };
}

export async function swapTogether(lab: Lab, pairs: number): Promise<Figures> {
	const { gapMs, reloadMs } = await swaps(lab, pairs, 4096 * MIB);
	return {
		overlapSwapGapMs: median(gapMs),
		overlapSwapGapRatio: ratio(gapMs, reloadMs)
	};
}
