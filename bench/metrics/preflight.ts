import type { Figures } from '../limits.ts';
import { F32_VARIANTS, type Lab } from '../lab.ts';
import { median } from '../median.ts';

/** Chooses a variant none of whose files is in the cache, and waits for its exact plan. */
export async function preflight(lab: Lab, runs: number): Promise<Figures> {
	const [first] = F32_VARIANTS;
	const times: number[] = [];
	const parts = await lab.parts();
	for (let run = -1; run < runs; run++) {
		await parts.evaluate(async () => {
			// The site's own copy stays: without it the page would still be fetching the engine.
			for (const name of await caches.keys())
				if (name.startsWith('webllm/')) await caches.delete(name);
			indexedDB.deleteDatabase('headroom-history');
		});
		await parts.evaluate((change) => window.parts.set(change), {
			choice: { variantId: first, contextWindow: 2048 }
		});
		const site = await lab.site();
		// The first variant's own preflight and the spare worker are over then.
		await site.waitForTimeout(1_500);
		const ms = await site.evaluate(() => window.observe.choose('pocket-q0f32'));
		if (run >= 0) times.push(ms);
		lab.log(`${ms.toFixed(0)} ms`);
		await site.close();
	}
	await parts.close();
	return { preflightMs: median(times) };
}
