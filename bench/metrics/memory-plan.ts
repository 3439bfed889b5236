import type { Page, Worker } from 'playwright';
import type { Figures } from '../limits.ts';
import { ask } from '../ask.ts';
import { choose, variantOf, type Lab } from '../lab.ts';
import { watch, watched } from '../page-script.ts';
import type { LoadedDetail } from '../../src/lib/app/loaded-event.ts';
import { estimate } from '../../packages/plan/src/memory/estimate.ts';
import { parseChatConfig } from '../../packages/plan/src/models/config.ts';
import { readLibraryMetadata } from '../../packages/plan/src/models/library.ts';
import { parseManifest } from '../../packages/plan/src/models/manifest.ts';
import { parseJsonFile } from '../../packages/plan/src/models/json-file.ts';
import { absoluteUrls, modelBaseUrl } from '../../src/lib/engine/webllm/catalog-record.ts';
import { SITE } from '../lab.ts';

const WINDOWS = [256, 512, 1024, 2048];

/** The page's own plan and meter over a load and a chat, and the meter against a count from outside. */
export async function pagePlan(lab: Lab, variants: readonly string[]): Promise<Figures> {
	const site = await lab.site();
	let error = 0;
	let peakError = 0;
	for (const id of variants) {
		await choose(site, id);
		// The one that answers, and the one that will load, which comes when the page is quiet.
		const engines = await enginesOf(site, id === variants[0] ? 1 : 2);
		await Promise.all(engines.map(watch));
		await site.evaluate(
			(button) => window.observe.click(button, 'Loaded.'),
			id === variants[0] ? 'Load' : 'Swap'
		);
		const loaded = (await site.evaluate(() => window.observe.loaded())) as LoadedDetail;
		await ask(site);
		const counts = await Promise.all(
			engines.map((worker) => watched(worker).catch(() => ({ liveBytes: 0, peakBytes: 0 })))
		);
		const peak = Math.max(...counts.map(({ peakBytes }) => peakBytes));
		const own = Math.abs((loaded.plannedAfterLoadBytes ?? NaN) - loaded.afterLoadBytes);
		const ownPeak = Math.abs((loaded.plannedPeakBytes ?? NaN) - peak) / peak;
		lab.log(
			`${id}: planned ${loaded.plannedAfterLoadBytes}, metered ${loaded.afterLoadBytes}; peak planned ${loaded.plannedPeakBytes}, metered ${loaded.peakBytes} by the first token, counted from outside ${peak} after a chat`
		);
		error = Math.max(error, own);
		peakError = Math.max(peakError, ownPeak);
	}
	await site.close();
	return { estimateErrorBytes: error, peakErrorRatio: peakError };
}

/** The page's engine workers, once there are so many. */
export async function enginesOf(site: Page, count: number): Promise<Worker[]> {
	for (let waits = 0; waits < 100; waits++) {
		const engines = site.workers().filter((worker) => worker.url().includes('engine'));
		if (engines.length >= count) return engines;
		await site.waitForTimeout(200);
	}
	throw new Error(`There are not ${count} engines.`);
}

/** The product's plan from the files alone, against the bare engine at four windows. */
export async function plans(lab: Lab, variants: readonly string[]): Promise<Figures> {
	const bare = await lab.engine();
	const worker = bare.workers()[0];
	if (!worker) throw new Error('The bare page has no worker.');
	await watch(worker);
	let error = 0;
	let peakError = 0;
	for (const id of variants) {
		const variant = variantOf(id);
		const facts = await factsOf(lab, id);
		for (const contextWindow of WINDOWS) {
			const planned = estimate(variant, contextWindow, facts);
			await bare.evaluate(() => window.ask({ kind: 'unload' }));
			await worker.evaluate(() => {
				const { witness } = globalThis as unknown as { witness: { peakBytes: number } };
				witness.peakBytes = 0;
			});
			await bare.evaluate(
				([id, contextWindow]) => window.ask({ kind: 'load', id, contextWindow }),
				[id, contextWindow] as const
			);
			const loaded = await watched(worker);
			await bare.evaluate(() =>
				window.ask({
					kind: 'generate',
					request: {
						messages: [{ role: 'user', content: 'How much memory does a model take? '.repeat(4) }],
						max_tokens: 12,
						stream: true,
						ignore_eos: true
					}
				})
			);
			const { peakBytes } = await watched(worker);
			const off = Math.abs((planned?.afterLoadBytes ?? NaN) - loaded.liveBytes);
			const peakOff = Math.abs((planned?.peakBytes ?? NaN) - peakBytes) / peakBytes;
			lab.log(
				`${id} at ${contextWindow}: planned ${planned?.afterLoadBytes}, counted ${loaded.liveBytes}; peak ${planned?.peakBytes}, counted ${peakBytes} (${(100 * peakOff).toFixed(2)} %)`
			);
			error = Math.max(error, off);
			peakError = Math.max(peakError, peakOff);
		}
	}
	await bare.close();
	return { planErrorBytes: error, planErrorRatio: peakError };
}

async function factsOf(lab: Lab, id: string) {
	const variant = absoluteUrls(variantOf(id), `${lab.origin}${SITE}`);
	const base = modelBaseUrl(variant);
	const text = async (file: string) =>
		parseJsonFile(file, await (await fetch(new URL(file, base))).text());
	const library = await (await fetch(variant.libraryUrl)).arrayBuffer();
	return {
		config: parseChatConfig(
			await text('mlc-chat-config.json'),
			variant.overrides,
			'mlc-chat-config.json'
		),
		manifest: parseManifest(await text('tensor-cache.json')),
		library: readLibraryMetadata(new Uint8Array(library), 'library')
	};
}
