import type { Figures } from '../limits.ts';
import type { Lab } from '../lab.ts';
import { median } from '../median.ts';

const VARIANT = 'pocket-q4f32_1';
const TOKENS = 128;
const WINDOW = 2048;

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
	for (let pair = -1; pair < pairs; pair++) {
		const ours = async () => {
			await parts.bringToFront();
			return parts.evaluate((tokens) => window.parts.speed.generation(tokens), TOKENS);
		};
		const alone = async () => {
			await bare.bringToFront();
			return (
				await bare.evaluate((ask) => window.ask(ask), { kind: 'tg' as const, tokens: TOKENS })
			).ms;
		};
		// Whoever comes second finds a warmer machine: take turns at that too.
		const oursFirst = pair % 2 === 0;
		const first = oursFirst ? await ours() : await alone();
		const second = oursFirst ? await alone() : await ours();
		const [pageMs, bareMs] = oursFirst ? [first, second] : [second, first];
		if (pair < 0) continue;
		ratios.push(bareMs / pageMs);
		lab.log(
			`page ${((TOKENS / pageMs) * 1000).toFixed(1)} tokens/s, bare ${((TOKENS / bareMs) * 1000).toFixed(1)}`
		);
	}
	await Promise.all([parts, bare].map((page) => page.close()));
	return { measureTgRatio: median(ratios) };
}
