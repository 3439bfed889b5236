import type { Page } from 'playwright';
import type { LoadedDetail } from '../../src/lib/app/loaded-event.ts';
import { samplingBufferBytes, type HiddenSampling } from '../../pocket/library.ts';
import { architecture, type VariantName } from '../../pocket/model/architecture.ts';
import { drawSampling, hidingLibrary, seedOfRun } from '../../pocket/tests/hidden-sampling.ts';
import { ask } from '../ask.ts';
import type { Figures } from '../limits.ts';
import { variantOf, type Lab } from '../lab.ts';
import { watch, watched } from '../page-script.ts';
import type { Extra } from '../server.ts';
import { enginesOf } from './memory-plan.ts';

/** Serves pocket with libraries that hide sampling buffers, in place of its own. Drawn once for a run of the bench. */
export async function hidingPocket(): Promise<{ extra: Extra; note: string }> {
	const seed = seedOfRun();
	const hidden = drawSampling(seed);
	const libraries = new Map<string, Buffer>();
	for (const name of ['q4f32_1', 'q0f32', 'q4f16_1', 'q0f16'] satisfies VariantName[])
		libraries.set(`pocket-${name}.wasm`, await hidingLibrary(name, hidden));
	return {
		extra: (path, response) => {
			const library = libraries.get(path.slice(path.lastIndexOf('/') + 1));
			if (!library) return false;
			response.writeHead(200, {
				'content-type': 'application/wasm',
				'content-length': library.length
			});
			response.end(library);
			return true;
		},
		note: `generation: seed ${seed} (POCKET_SEED repeats it) hides ${wordsOf(hidden)}`
	};
}

const wordsOf = (hidden: HiddenSampling): string =>
	`${hidden.factor} x ${samplingBufferBytes(architecture, hidden).toLocaleString('en')} bytes, a batch of ${hidden.batch}`;

/**
 * The peak that the page plans for a variant against the count, before any library of its kind was loaded, and of
 * another one at another window after that load.
 */
export async function generationError(
	lab: Lab,
	[first, second]: readonly [string, string]
): Promise<Figures> {
	const site = await lab.site();
	const before = await load(lab, site, first, 'Load', 1);
	const after = await load(lab, site, second, 'Swap', 2);
	await site.close();
	const off = (planned: number | null, peak: number) => Math.abs((planned ?? NaN) - peak) / peak;
	return {
		uncalibratedErrorRatio: off(before.loaded.correctedPeakBytes, before.peakBytes),
		generationErrorRatio: off(after.loaded.correctedPeakBytes, after.peakBytes)
	};
}

/** Loads a variant and chats: what the page had planned, and the highest count. */
async function load(lab: Lab, site: Page, id: string, button: 'Load' | 'Swap', engines: number) {
	await site.getByLabel('Quantization', { exact: true }).selectOption(id);
	if (button === 'Swap') await site.getByRole('slider', { name: 'Context window' }).press('End');
	// Its library was read: nothing is left to check.
	await site
		.getByTestId('confidence')
		.filter({ hasText: /exact|corrected|measured/ })
		.waitFor();
	await site.getByRole('button', { name: 'Check exactly' }).waitFor({ state: 'detached' });
	const workers = await enginesOf(site, engines);
	await Promise.all(workers.map(watch));
	await site.evaluate((name) => window.observe.click(name, 'Loaded.'), button);
	const loaded = (await site.evaluate(() => window.observe.loaded())) as LoadedDetail;
	await ask(site);
	const counts = await Promise.all(
		workers.map((worker) => watched(worker).catch(() => ({ liveBytes: 0, peakBytes: 0 })))
	);
	const peakBytes = Math.max(...counts.map((count) => count.peakBytes));
	lab.log(
		`${variantOf(id).quantization.name} at ${loaded.contextWindow}: planned ${loaded.plannedPeakBytes}, with what was measured before ${loaded.correctedPeakBytes}, counted ${peakBytes}`
	);
	return { loaded, peakBytes };
}
