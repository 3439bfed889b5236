import type { Figures } from '../limits.ts';
import type { Lab } from '../lab.ts';
import { median } from '../median.ts';

/** Opens a long conversation from the list, by a click. */
export async function openConversation(lab: Lab, runs: number): Promise<Figures> {
	const parts = await lab.parts();
	const ids = await parts.evaluate(() => window.parts.fill(2, 100));
	await parts.close();
	const site = await lab.site(`#${ids[0]}`);
	const times: number[] = [];
	for (let run = -2; run < runs; run++) {
		const id = ids[Math.abs(run) % 2 === 0 ? 1 : 0] ?? '';
		const ms = await site.evaluate((id) => window.observe.open(id, 200), id);
		lab.log(`${ms.toFixed(0)} ms`);
		if (run >= 0) times.push(ms);
	}
	await site.close();
	return { openConversationMs: median(times) };
}
