import { chromium, expect, test, type Browser } from 'playwright/test';
import { chromiumPath, f16ChromiumPath, chromiumArgs } from '../scripts/browsers.mjs';
import { gpuProcessBytes } from './support/gpu-process.ts';
import { rendererBytes } from './support/renderer-memory.ts';
import { Scene } from './faults/scene.ts';

const SWAPS = Number(process.env.SWAPS ?? 8);
/** Growth that is measured and not counted: what a swap sets up for the ones after it. */
const SETTLED_AFTER = Math.floor(SWAPS / 4);
const MOST_GROWTH_RATIO = 1.05;

interface Sample {
	variantId: string;
	gpuBytes: number;
	workers: number;
	/** Of all the browser's renderers; null where the system does not tell. */
	rendererBytes: number | null;
	/** Of the GPU process, the witness from outside; null likewise. */
	gpuProcessBytes: number | null;
}

/**
 * In the page and in all of its workers, scripts and documents: what the browser does before an exact memory dump. A
 * collection that a page is told to do leaves its workers alone.
 */
async function collectGarbage(browser: Browser) {
	const session = await browser.newBrowserCDPSession();
	const over = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
	await session.send('Tracing.start', {
		transferMode: 'ReportEvents',
		traceConfig: {
			includedCategories: ['disabled-by-default-memory-infra'],
			memoryDumpConfig: {}
		}
	});
	const { success } = await session.send('Tracing.requestMemoryDump', {
		deterministic: true,
		levelOfDetail: 'light'
	});
	expect(success, 'a memory dump').toBe(true);
	await session.send('Tracing.end');
	await over;
	await session.detach();
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

test(`${SWAPS} swaps with a chat each leave nothing behind`, async ({ baseURL }) => {
	const f16 = f16ChromiumPath();
	const executablePath = f16.path ?? chromiumPath().path;
	const browser = await chromium.launch({
		args: chromiumArgs,
		...(executablePath && { executablePath })
	});
	const context = await browser.newContext(baseURL ? { baseURL } : {});
	const scene = await Scene.open(context);
	await scene.calm('loaded');
	const fitting = await scene.headroom.quantization
		.locator('option')
		.evaluateAll((options) =>
			options
				.filter(({ textContent }) => !/blocked/.test(textContent))
				.map((option) => (option as HTMLOptionElement).value)
		);
	const samples: Sample[] = [];
	for (let swap = 0; swap < SWAPS; swap++) {
		const variantId = fitting[swap % fitting.length] ?? '';
		await scene.headroom.quantization.selectOption(variantId);
		const button = scene.page.getByRole('button', { name: /^Swap pocket/ });
		if (await button.isVisible()) await button.click();
		await scene.headroom.loaded();
		await scene.page.getByRole('link', { name: 'New conversation' }).first().click();
		await expect(scene.headroom.answers).toHaveCount(0);
		await scene.chats();
		// The old worker ends and the spare starts beside the chat.
		await expect.poll(() => scene.engines().length).toBe(2);
		await scene.engine('spare');
		// What nobody holds any more is no growth, whenever it is collected.
		await collectGarbage(browser);
		samples.push({
			variantId,
			gpuBytes: await scene.liveBytes(),
			workers: scene.page.workers().length,
			rendererBytes: await rendererBytes(browser),
			gpuProcessBytes: await gpuProcessBytes(browser)
		});
	}
	const series = samples.map(({ rendererBytes }) => rendererBytes && mib(rendererBytes));
	console.log(`renderer memory by swap: ${series.join(', ')}`);
	const settled = samples.slice(SETTLED_AFTER);
	/** The first half of a series against its last, each by its median. */
	const growth = (name: string, of: (sample: Sample) => number | null, series = settled) => {
		const values = series.flatMap((sample) => of(sample) ?? []);
		if (values.length === 0) return;
		expect(values.length, `readings of ${name}`).toBeGreaterThanOrEqual(2);
		const half = Math.floor(values.length / 2);
		const [before, after] = [median(values.slice(0, half)), median(values.slice(-half))];
		const shown = name === 'workers' ? String : mib;
		console.log(
			`${name}: ${shown(before)} to ${shown(after)} (${(after / before).toFixed(3)}), ${SWAPS} swaps between ${fitting.length} variants`
		);
		expect(after / before, name).toBeLessThanOrEqual(MOST_GROWTH_RATIO);
	};
	// What a variant takes of the GPU needs no time to settle, and it comes round only every few swaps.
	for (const variantId of fitting)
		growth(
			`GPU bytes of ${variantId}`,
			({ gpuBytes }) => gpuBytes,
			samples.filter((sample) => sample.variantId === variantId)
		);
	growth('workers', ({ workers }) => workers);
	growth('renderer memory', (sample) => sample.rendererBytes);
	// It holds what the variant takes, so that like is compared with like, each settled reading with the variant's next.
	const readOften = fitting.filter(
		(id) => settled.filter(({ variantId }) => variantId === id).length >= 2
	);
	expect(readOften, 'variants that came round again').not.toEqual([]);
	for (const id of readOften)
		growth(
			`GPU process with ${id}`,
			({ gpuProcessBytes }) => gpuProcessBytes,
			settled.filter(({ variantId }) => variantId === id)
		);
	if ('reason' in f16) console.log(`Without the f16 variants: ${f16.reason}.`);
	await browser.close();
});
