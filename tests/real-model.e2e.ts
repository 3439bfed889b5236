import { expect, test } from 'playwright/test';
import { visit } from '../bench/metrics/real-model.ts';
import { LONG } from './long.ts';
import { AppPage } from './support/app.ts';
import { Hub } from './support/hub.ts';

const VARIANT = 'SmolLM2-360M-Instruct-q4f32_1-MLC';

/** The weekly job does this with the real hub; here pocket's files stand in for the model's. */
test(
	'the visit that holds the plan of a real model against what was counted',
	{ tag: LONG },
	async ({ page, context }) => {
		test.setTimeout(120_000);
		const hub = new Hub();
		hub.addModel(VARIANT, 'q4f32_1');
		hub.addLibrary('SmolLM2-360M-Instruct-q4f32_1_cs1k-webgpu.wasm', 'q4f32_1');
		await hub.start(context);
		await new AppPage(page).allow([hub.storageHost]);
		const seen = await visit(page, '', 'SmolLM2 360M Instruct', VARIANT, 60_000);
		expect(seen.afterLoadErrorRatio).toBe(0);
		expect(Math.abs(seen.peakErrorRatio)).toBeLessThan(0.02);
		expect(seen.counted.afterLoadBytes).toBeGreaterThan(0);
		expect(seen.answer).toMatch(/\w/);
		expect(seen.tokensPerSecond).toBeGreaterThan(0);
		await hub.stop();
	}
);
