import type { Page } from 'playwright';
import type { ChatCompletionRequestStreaming } from '@mlc-ai/web-llm';
import type { Figures } from '../limits.ts';
import { choose, type Lab } from '../lab.ts';
import { median } from '../median.ts';
import { ask, longAnswer } from '../ask.ts';

const VARIANT = 'pocket-q4f32_1';
const TOKENS = 256;

/**
 * The same question, settings, seed and number of tokens, by turns on the page (typed and sent) and in a bare
 * worker. Tokens after the first over the time from the first text to the end, by the clock in both.
 */
export async function decode(lab: Lab, pairs: number): Promise<Figures> {
	const [parts, bare] = [await lab.parts(), await lab.engine()];
	await bare.evaluate((id) => window.ask({ kind: 'reload', id, contextWindow: 2048 }), VARIANT);
	const { sampling, request } = await longAnswer(bare, TOKENS);
	await parts.evaluate((change) => window.parts.set(change), {
		choice: { variantId: VARIANT, contextWindow: 2048 },
		sampling
	});
	const site = await lab.site();
	await choose(site, VARIANT);

	const ratios: number[] = [];
	const engineRatios: number[] = [];
	for (let pair = -1; pair < pairs; pair++) {
		const onPage = async () => {
			await site.bringToFront();
			return ask(site);
		};
		const alone = async () => {
			await bare.bringToFront();
			return generate(bare, request);
		};
		// Whoever comes second finds a warmer machine: take turns at that too.
		const pageFirst = pair % 2 === 0;
		const first = pageFirst ? await onPage() : await alone();
		const second = pageFirst ? await alone() : await onPage();
		const [page, engine] = (pageFirst ? [first, second] : [second, first]) as [
			Awaited<ReturnType<typeof onPage>>,
			Awaited<ReturnType<typeof alone>>
		];
		if (page.tokens !== engine.tokens)
			throw new Error(`The page wrote ${page.tokens} tokens, the bare engine ${engine.tokens}.`);
		if (pair < 0) continue;
		const rates = [page, engine].map(({ tokens, streamMs }) => ((tokens - 1) / streamMs) * 1000);
		ratios.push((rates[0] ?? NaN) / (rates[1] ?? NaN));
		engineRatios.push(page.saidTokensPerSecond / engine.engineTokensPerSecond);
		lab.log(
			`page ${rates[0]?.toFixed(1)} tokens/s (it says ${page.saidTokensPerSecond}), bare ${rates[1]?.toFixed(1)} (it says ${engine.engineTokensPerSecond.toFixed(1)})`
		);
	}
	lab.log(
		`by the engine's own count, which leaves out the rest: ${median(engineRatios).toFixed(3)}`
	);
	await Promise.all([site, bare, parts].map((page) => page.close()));
	return { decodeRatio: median(ratios) };
}

const generate = (bare: Page, request: ChatCompletionRequestStreaming) =>
	bare.evaluate((request) => window.ask({ kind: 'generate', request }), request);
