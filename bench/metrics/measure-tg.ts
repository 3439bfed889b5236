import type { Figures } from '../limits.ts';
import type { Lab } from '../lab.ts';
import { median } from '../median.ts';

const VARIANT = 'pocket-q4f32_1';
const TOKENS = 128;
const WINDOW = 2048;
/** Of each pair, whose fastest counts: what another program takes away is no difference between the two. */
const TURNS = 3;

/** `tg128` of the page's benchmark and the same loop in a bare worker, by turns. */
export async function measureTg(lab: Lab, pairs: number): Promise<Figures> {
	const [parts, bare] = [await lab.parts(), await lab.engine()];
	const record = lab.records(WINDOW).find(({ model_id }) => model_id === VARIANT);
	if (!record) throw new Error(`The catalogue has no ${VARIANT}.`);
	// Brings the files into the cache, too, where the page's engine looks for them.
	await bare.evaluate((ask) => window.ask(ask), {
		kind: 'reload' as const,
		id: VARIANT,
		contextWindow: WINDOW
	});
	await parts.evaluate((record) => window.parts.speed.load(record), record);
	const ratios: number[] = [];
	const ours = async () => {
		await parts.bringToFront();
		return parts.evaluate((tokens) => window.parts.speed.generation(tokens), TOKENS);
	};
	const alone = async () => {
		await bare.bringToFront();
		return (await bare.evaluate((ask) => window.ask(ask), { kind: 'tg' as const, tokens: TOKENS }))
			.ms;
	};
	for (let pair = -1; pair < pairs; pair++) {
		let [pageMs, bareMs] = [Infinity, Infinity];
		for (let turn = 0; turn < TURNS; turn++)
			// Whoever comes second finds a warmer machine: take turns at that too.
			for (const side of (pair + turn) % 2 === 0 ? ['page', 'bare'] : ['bare', 'page'])
				if (side === 'page') pageMs = Math.min(pageMs, await ours());
				else bareMs = Math.min(bareMs, await alone());
		if (pair < 0) continue;
		ratios.push(bareMs / pageMs);
		lab.log(
			`page ${((TOKENS / pageMs) * 1000).toFixed(1)} tokens/s, bare ${((TOKENS / bareMs) * 1000).toFixed(1)}`
		);
	}
	await Promise.all([parts, bare].map((page) => page.close()));
	return { measureTgRatio: median(ratios) };
}
