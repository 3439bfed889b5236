import { choose, type Lab } from '../lab.ts';
import type { Figures, Name } from '../limits.ts';
import { LARGE_ID } from './large-model.ts';
import { median } from '../median.ts';

const WINDOW = 2048;
/** The page has imported an engine ahead by then, as the bare worker has when it is asked. */
const QUIET_MS = 4_000;

/**
 * From the click on Load until an answer can begin, one token made: the first load of a visit, by turns with a reload
 * and one token in a new worker that has the engine. `cold`: with nothing of the model on disk.
 */
async function ratios(
	lab: Lab,
	pairs: number,
	names: { cold: Name; warm: Name },
	id: string
): Promise<Figures> {
	const parts = await lab.parts();
	await parts.evaluate((change) => window.parts.set(change), {
		budgetBytes: 4 * 2 ** 30,
		choice: { variantId: id, contextWindow: WINDOW }
	});
	const emptied = () =>
		parts.evaluate(async () => {
			for (const name of await caches.keys())
				if (name.startsWith('webllm/')) await caches.delete(name);
		});
	const onPage = async (cold: boolean) => {
		if (cold) await emptied();
		const site = await lab.site();
		await choose(site, id);
		await site.waitForTimeout(QUIET_MS);
		const ms = await site.evaluate(() => window.observe.click('Load', 'Loaded.'));
		await site.close();
		return ms;
	};
	const bare = async (cold: boolean) => {
		if (cold) await emptied();
		const page = await lab.engine();
		const { ms } = await page.evaluate((ask) => window.ask(ask), {
			kind: 'reload' as const,
			id,
			contextWindow: WINDOW
		});
		await page.close();
		return ms;
	};
	const figures: Figures = {};
	for (const [name, cold] of [
		[names.cold, true],
		[names.warm, false]
	] as const) {
		const found: number[] = [];
		for (let pair = -1; pair < pairs; pair++) {
			const first = pair & 1 ? await onPage(cold) : await bare(cold);
			const second = pair & 1 ? await bare(cold) : await onPage(cold);
			const [ours, theirs] = pair & 1 ? [first, second] : [second, first];
			lab.log(`${name}: page ${ours.toFixed(0)} ms, bare ${theirs.toFixed(0)} ms`);
			if (pair >= 0) found.push(ours / theirs);
		}
		figures[name] = median(found);
	}
	await parts.close();
	return figures;
}

/** Of a model of 240 MB; served by `largePocket`. */
export const firstLoad = (lab: Lab, pairs: number): Promise<Figures> =>
	ratios(lab, pairs, { cold: 'coldLoadRatio', warm: 'warmLoadRatio' }, LARGE_ID);

/** Of pocket, of which little has to be read. */
export const firstLoadOfPocket = (lab: Lab, pairs: number): Promise<Figures> =>
	ratios(lab, pairs, { cold: 'pocketColdLoadRatio', warm: 'pocketWarmLoadRatio' }, 'pocket-q0f32');
