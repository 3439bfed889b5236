import { choose, type Lab } from '../lab.ts';
import type { Figures, Name } from '../limits.ts';
import type { Ask } from '../pages/engine.worker.ts';
import { LARGE_ID } from './large-model.ts';
import { median } from '../median.ts';

const WINDOW = 2048;
/** The page has imported an engine ahead by then, as the bare worker has when it is asked. */
const QUIET_MS = 4_000;
const QUESTION = 'What is quantization?';

/**
 * From the click on Load until an answer can begin, one token made: the first load of a visit, by turns with a reload
 * and one token in a new worker that has the engine. `cold`: with nothing of the model on disk. `word`: with its files
 * there, until the first text of an answer that was asked for at once. The page makes its one token from the shortest
 * prompt, the bare worker from what the template makes of a message.
 */
async function ratios(
	lab: Lab,
	pairs: number,
	names: { cold?: Name; warm?: Name; word?: Name },
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
	const ready = async () => {
		// Questions of earlier visits would be read with this one's.
		const site = await lab.site('#new');
		await choose(site, id);
		await site.waitForTimeout(QUIET_MS);
		return site;
	};
	const onPage = async (cold: boolean) => {
		if (cold) await emptied();
		const site = await ready();
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
	const wordOnPage = async () => {
		const site = await ready();
		await site.getByLabel('Message', { exact: true }).fill(QUESTION);
		const ms = site.evaluate(() => window.observe.firstText('Load'));
		await site.getByLabel('Message', { exact: true }).press('Enter');
		await ms;
		await site.close();
		return ms;
	};
	const bareWord = async () => {
		const page = await lab.engine();
		const ask = (asked: Ask) => page.evaluate((asked) => window.ask(asked), asked);
		const load = await ask({ kind: 'load', id, contextWindow: WINDOW });
		const messages = [{ role: 'user' as const, content: QUESTION }];
		const word = await ask({
			kind: 'generate',
			request: { messages, stream: true, max_tokens: 2 }
		});
		await page.close();
		return load.ms + word.ms - word.streamMs;
	};
	const measured = async (
		name: Name,
		pairs: number,
		onPage: () => Promise<number>,
		bare: () => Promise<number>
	) => {
		const found: number[] = [];
		for (let pair = -1; pair < pairs; pair++) {
			const first = pair & 1 ? await onPage() : await bare();
			const second = pair & 1 ? await bare() : await onPage();
			const [ours, theirs] = pair & 1 ? [first, second] : [second, first];
			lab.log(`${name}: page ${ours.toFixed(0)} ms, bare ${theirs.toFixed(0)} ms`);
			if (pair >= 0) found.push(ours / theirs);
		}
		return median(found);
	};
	const figures: Figures = {};
	for (const [name, cold] of [
		[names.cold, true],
		[names.warm, false]
	] as const)
		if (name)
			figures[name] = await measured(
				name,
				pairs,
				() => onPage(cold),
				() => bare(cold)
			);
	if (names.word) figures[names.word] = await measured(names.word, pairs, wordOnPage, bareWord);
	await parts.close();
	return figures;
}

/** Of a model of 240 MB; served by `largePocket`. */
export const firstLoad = (lab: Lab, pairs: number): Promise<Figures> =>
	ratios(lab, pairs, { cold: 'coldLoadRatio', warm: 'warmLoadRatio' }, LARGE_ID);

/** The same until the first word. */
export const firstWord = (lab: Lab, pairs: number): Promise<Figures> =>
	ratios(lab, pairs, { word: 'firstWordRatio' }, LARGE_ID);

/** Of pocket, of which little has to be read. */
export const firstLoadOfPocket = (lab: Lab, pairs: number): Promise<Figures> =>
	ratios(lab, pairs, { cold: 'pocketColdLoadRatio', warm: 'pocketWarmLoadRatio' }, 'pocket-q0f32');
