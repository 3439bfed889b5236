import type { Page } from 'playwright';
import type { Figures, Name } from '../limits.ts';
import { variantOf, type F16_VARIANTS, type F32_VARIANTS, type Lab } from '../lab.ts';
import { median } from '../median.ts';

type VariantId = (typeof F16_VARIANTS | typeof F32_VARIANTS)[number];

const FIGURE: Record<VariantId, Name> = {
	'pocket-q4f32_1': 'leanDecodeRatioQ4f32',
	'pocket-q0f32': 'leanDecodeRatioQ0f32',
	'pocket-q4f16_1': 'leanDecodeRatioQ4f16',
	'pocket-q0f16': 'leanDecodeRatioQ0f16'
};
const TOKENS = 256;
const VOCABULARY = 151_936;
const DRAWS = 200;

/** The same answer with the engine's own sampling and with ours, by turns, each in a bare worker. */
export async function leanDecode(
	lab: Lab,
	variants: readonly VariantId[],
	pairs: number
): Promise<Figures> {
	const [plain, lean] = [await lab.engine(), await lab.engine({ lean: true })];
	const figures: Figures = {};
	for (const id of variants) {
		const load = { kind: 'reload' as const, id, contextWindow: 2048 };
		for (const page of [plain, lean]) await page.evaluate((load) => window.ask(load), load);
		const ratios: number[] = [];
		for (let pair = -1; pair < pairs; pair++) {
			// Whoever comes second finds a warmer machine: take turns at that too.
			const order = pair % 2 === 0 ? [plain, lean] : [lean, plain];
			const rates = new Map<Page, number>();
			for (const page of order) rates.set(page, await tokensPerSecond(page, pair));
			if (pair < 0) continue;
			ratios.push((rates.get(lean) ?? NaN) / (rates.get(plain) ?? NaN));
			lab.log(
				`${variantOf(id).quantization.name}: on the CPU ${rates.get(lean)?.toFixed(1)} tokens/s, by the engine ${rates.get(plain)?.toFixed(1)}`
			);
		}
		figures[FIGURE[id]] = median(ratios);
	}
	await Promise.all([plain.close(), lean.close()]);
	return figures;
}

/** How long one choice takes at the largest common vocabulary. */
export async function leanChoice(lab: Lab): Promise<Figures> {
	const page = await lab.engine();
	const { ms } = await page.evaluate((ask) => window.ask(ask), {
		kind: 'choose' as const,
		vocabulary: VOCABULARY,
		draws: DRAWS
	});
	await page.close();
	return { leanChoiceMs: ms };
}

async function tokensPerSecond(page: Page, pair: number): Promise<number> {
	await page.bringToFront();
	const { tokens, streamMs } = await page.evaluate(
		([max_tokens, seed]) =>
			window.ask({
				kind: 'generate',
				request: {
					messages: [{ role: 'user', content: 'What is quantization, and how do I choose one?' }],
					stream: true,
					stream_options: { include_usage: true },
					temperature: 0.7,
					top_p: 0.95,
					ignore_eos: true,
					max_tokens,
					seed
				}
			}),
		[TOKENS, pair + 2] as const
	);
	if (tokens !== TOKENS) throw new Error(`${tokens} tokens came, not ${TOKENS}.`);
	return ((tokens - 1) / streamMs) * 1000;
}
