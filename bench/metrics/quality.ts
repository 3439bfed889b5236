import type { Figures } from '../limits.ts';
import type { Lab } from '../lab.ts';
import { median } from '../median.ts';

const VARIANT = 'pocket-q4f32_1';
const WINDOW = 1024;
const QUESTION = 'What is quantization, and how do I choose one?';
const MOST_TOKENS = 64;
/** Fewer steps than these would measure the prompt. */
const FEWEST = 16;
/** Of each pair, whose fastest counts: what another program takes away is no difference between the two. */
const TURNS = 3;

/**
 * Time per position of an answer that is forced and compared, against a step of the bare engine that reads its logits
 * back too. What comes before the second position (prompt, template, start of a call) is measured alone and taken off.
 */
export async function quality(lab: Lab, pairs: number): Promise<Figures> {
	const [parts, bare] = [await lab.parts(), await lab.engine({ reading: true })];
	const record = lab.records(WINDOW).find(({ model_id }) => model_id === VARIANT);
	if (!record) throw new Error(`The catalogue has no ${VARIANT}.`);
	// Brings the files into the cache, too, where the page's engine looks for them.
	await bare.evaluate((ask) => window.ask(ask), {
		kind: 'reload' as const,
		id: VARIANT,
		contextWindow: WINDOW
	});
	const positions = await parts.evaluate(
		({ record, question, most }) => window.parts.forced.keep(record, question, most),
		{ record, question: QUESTION, most: MOST_TOKENS }
	);
	if (positions < FEWEST) throw new Error(`The answer has ${positions} positions only.`);

	const ours = async (tokens: number) => {
		await parts.bringToFront();
		return parts.evaluate((tokens) => window.parts.forced.compare(tokens), tokens);
	};
	const alone = async (tokens: number) => {
		await bare.bringToFront();
		const answer = await bare.evaluate((ask) => window.ask(ask), {
			kind: 'generate' as const,
			fresh: true,
			request: {
				messages: [{ role: 'user' as const, content: QUESTION }],
				stream: true as const,
				stream_options: { include_usage: true },
				max_tokens: tokens,
				temperature: 0
			}
		});
		return answer.ms;
	};
	const ratios: number[] = [];
	for (let pair = -1; pair < pairs; pair++) {
		const fastest = { page: [Infinity, Infinity], bare: [Infinity, Infinity] };
		for (let turn = 0; turn < TURNS; turn++)
			// Whoever comes second finds a warmer machine: take turns at that too.
			for (const side of (pair + turn) % 2 === 0
				? (['page', 'bare'] as const)
				: (['bare', 'page'] as const)) {
				const run = side === 'page' ? ours : alone;
				const [whole = 0, first = 0] = fastest[side];
				fastest[side] = [Math.min(whole, await run(positions)), Math.min(first, await run(1))];
			}
		if (pair < 0) continue;
		const stepMs = ([whole = 0, first = 0]: number[]) => (whole - first) / (positions - 1);
		const [page, engine] = [stepMs(fastest.page), stepMs(fastest.bare)];
		ratios.push(page / engine);
		lab.log(
			`${positions} positions: page ${page.toFixed(2)} ms each, bare ${engine.toFixed(2)}; first ${fastest.page[1]?.toFixed(0)} and ${fastest.bare[1]?.toFixed(0)} ms`
		);
	}
	await Promise.all([parts, bare].map((page) => page.close()));
	return { qualityRatio: median(ratios) };
}
