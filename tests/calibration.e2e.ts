import { drawSampling, hidingLibrary, seedOfRun } from '../pocket/tests/hidden-sampling.ts';
import { samplingBufferBytes } from '../pocket/library.ts';
import { architecture, type VariantName } from '../pocket/model/architecture.ts';
import type { LoadedDetail } from '../src/lib/app/loaded-event.ts';
import { HeadroomPage } from './page.ts';
import { expect, LONG, test } from './story.ts';

/** Enough to be beyond the margin of every variant. */
const LEAST_BYTES = 256 * 1024;

/** The window of the first load. */
const WINDOW = 1024;
const PAGE_BYTES = WINDOW * architecture.kvHeads * architecture.headDim;

function draw() {
	for (let seed = seedOfRun(); ; seed++) {
		const hidden = drawSampling(seed);
		const each = samplingBufferBytes(architecture, hidden);
		const bytes = hidden.factor * each;
		// One load cannot tell these from a cache: whole pages, as many for each layer.
		const likeCache = hidden.factor % architecture.layers === 0 && each % PAGE_BYTES === 0;
		if (bytes >= LEAST_BYTES && !likeCache) return { seed, hidden, bytes };
	}
}

test(
	'a load that takes more than planned corrects the plans of its kind of library, and says so',
	{ tag: LONG },
	async ({ page, context }) => {
		const { seed, hidden, bytes } = draw();
		test.info().annotations.push({ type: 'seed', description: String(seed) });
		for (const name of ['q4f32_1', 'q0f32'] satisfies VariantName[]) {
			const body = await hidingLibrary(name, hidden);
			await context.route(`**/pocket/*/pocket-${name}.wasm`, (route) =>
				route.fulfill({ body, contentType: 'application/wasm' })
			);
		}
		await page.addInitScript(() => {
			addEventListener('headroom:loaded', (event) => {
				Object.assign(window, { loadedDetail: (event as CustomEvent<unknown>).detail });
			});
		});
		const detail = () =>
			page.evaluate(() => (window as unknown as { loadedDetail: LoadedDetail }).loadedDetail);
		const headroom = new HeadroomPage(page);
		await headroom.open();
		const confidence = page.getByTestId('confidence');
		// Its library is read: only then is it known to be of the same kind.
		await headroom.pick('q0f32');
		await expect(confidence).toHaveText(/^exact/);

		// The first load differs from its plan by what its library hides.
		await headroom.load('q4f32_1');
		await headroom.loaded();
		const first = await detail();
		const excess = first.peakBytes - (first.plannedPeakBytes ?? NaN);
		expect(Math.abs(excess - bytes), `seed ${seed}`).toBeLessThan(4096);
		expect(first.correctedPeakBytes).toBe(first.plannedPeakBytes);
		await expect(page.locator('#panel').getByTestId('calibration')).toHaveText(
			/^Measured \d+ ?% above its plan: figures of 1 variant with the same kind of library were corrected\.$/
		);

		// The second variant is planned as it then turns out, and its figure says where that comes from.
		await headroom.pick('q0f32');
		await page.getByRole('slider', { name: 'Context window' }).press('End');
		await expect(page.locator('#panel')).toContainText(
			/Raised by [\d.]+ (KiB|MiB): pocket-q4f32_1, with the same kind of library, took \d+ ?% more/
		);
		await page.getByRole('button', { name: /^Swap pocket/ }).click();
		await headroom.loaded();
		const second = await detail();
		expect(second.contextWindow).toBe(2048);
		const off = Math.abs((second.correctedPeakBytes ?? NaN) - second.peakBytes) / second.peakBytes;
		expect(off, `seed ${seed}`).toBeLessThan(0.02);

		// A report of a problem carries it, and the page of models says it.
		await page.getByRole('button', { name: /^Report/ }).click();
		await expect(page.getByRole('textbox', { name: 'Report' })).toHaveValue(
			new RegExp(
				`pocket-q4f32_1 at 1024: peak planned ${first.plannedPeakBytes}, measured ${first.peakBytes}`
			)
		);
		await page.goto('models');
		const sentence = page.getByTestId('calibration');
		await expect(sentence).toContainText('above its plan');

		// What was measured is cleared, and with it what it corrected.
		await page.getByRole('button', { name: /^(Clear|Clear)$/ }).click();
		await expect(sentence).toHaveCount(0);
		await page.goto('');
		await headroom.pick('q0f32');
		await expect(confidence).toHaveText(/^exact/);
		await expect(page.locator('#panel')).not.toContainText('Raised by');
	}
);
