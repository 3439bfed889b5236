/**
 * What the browser of the tests computes on.
 *
 *   node scripts/adapter.mjs    prints it as JSON
 */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { chromiumArgs, chromiumPath, realGpu } from './browsers.mjs';

/**
 * @typedef {{
 *   vendor: string, architecture: string, device: string, description: string, driver: string | null,
 *   software: boolean, features: string[], limits: Record<string, number>
 * }} AdapterFacts
 */

/**
 * Asks a browser for its adapter; null where it offers none. The driver is what WebGL's renderer string adds to the
 * name, where a browser tells it.
 * @param {string} [executablePath]
 * @returns {Promise<AdapterFacts | null>}
 */
export async function adapterFacts(executablePath = chromiumPath().path) {
	const browser = await chromium.launch({
		args: chromiumArgs,
		...(executablePath && { executablePath })
	});
	try {
		const page = await browser.newPage();
		// WebGPU exists in secure contexts only; nothing is fetched from anywhere.
		await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
		await page.goto('https://adapter.invalid/');
		// Without a driver, asking can take for ever.
		const asked = page.evaluate(async () => {
			const adapter = await navigator.gpu?.requestAdapter();
			if (!adapter) return null;
			const { info } = adapter;
			const gl = document.createElement('canvas').getContext('webgl2');
			const names = gl?.getExtension('WEBGL_debug_renderer_info');
			const renderer = names && String(gl?.getParameter(names.UNMASKED_RENDERER_WEBGL));
			/** @type {Record<string, number>} */
			const limits = {};
			for (const name of [
				'maxBufferSize',
				'maxStorageBufferBindingSize',
				'maxComputeWorkgroupStorageSize',
				'maxStorageBuffersPerShaderStage',
				'maxComputeInvocationsPerWorkgroup'
			])
				limits[name] = Number(adapter.limits[/** @type {keyof GPUSupportedLimits} */ (name)]);
			return {
				vendor: info.vendor,
				architecture: info.architecture,
				device: info.device,
				description: info.description,
				driver: renderer ?? null,
				software:
					info.isFallbackAdapter ||
					/swiftshader|llvmpipe|lavapipe|basic render/i.test(
						`${info.architecture} ${info.device} ${info.description}`
					),
				features: [...adapter.features].sort(),
				limits
			};
		});
		/** @type {Promise<null>} */
		const limit = new Promise((resolve) => setTimeout(resolve, ANSWER_LIMIT_MS, null).unref());
		return await Promise.race([asked, limit]);
	} finally {
		await browser.close();
	}
}

const ANSWER_LIMIT_MS = 20_000;

/** @param {AdapterFacts | null} facts */
export function adapterLine(facts) {
	if (!facts) return 'Adapter: none';
	const names = [facts.vendor, facts.architecture, facts.device, facts.description];
	const f16 = facts.features.includes('shader-f16') ? 'with shader-f16' : 'without shader-f16';
	return `Adapter: ${names.filter(Boolean).join(' ')}, ${facts.software ? 'software' : 'a GPU'}, ${f16}`;
}

/**
 * Why these facts are not those of the adapter that was asked for; null where they are.
 * @param {AdapterFacts | null} facts
 * @param {boolean} [wantsGpu]
 */
export function wrongAdapter(facts, wantsGpu = realGpu) {
	if (!wantsGpu) return null;
	if (!facts)
		return 'ADAPTER=gpu asks for a GPU, and the browser offers none: see docs/real-gpu.md.';
	return facts.software
		? 'ADAPTER=gpu asks for a GPU, and the browser offers a software adapter: see docs/real-gpu.md.'
		: null;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	console.log(JSON.stringify(await adapterFacts(), null, '\t'));
