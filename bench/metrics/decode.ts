import type { Figures } from '../limits.ts';
import { choose, type Lab } from '../lab.ts';
import { median } from '../median.ts';
import { ask, longAnswer } from '../ask.ts';

const VARIANT = 'pocket-q4f32_1';
const TOKENS = 256;
const WINDOW = 2048;

/**
 * The same question, settings, seed and number of tokens, by turns on the page (typed and sent), from the page's engine
 * with nothing drawn, and in a bare worker. Tokens after the first over the time from the first text to the end, by the
 * clock in all three.
 */
export async function decode(lab: Lab, rounds: number): Promise<Figures> {
	const [parts, bare] = [await lab.parts(), await lab.engine()];
	const load = { kind: 'reload' as const, id: VARIANT, contextWindow: WINDOW };
	await bare.evaluate((ask) => window.ask(ask), load);
	const { sampling, request } = await longAnswer(bare, TOKENS);
	await parts.evaluate((change) => window.parts.set(change), {
		choice: { variantId: VARIANT, contextWindow: WINDOW },
		sampling
	});
	const record = lab.records(WINDOW).find(({ model_id }) => model_id === VARIANT);
	if (!record) throw new Error(`The catalogue has no ${VARIANT}.`);
	await parts.evaluate((record) => window.parts.speed.load(record), record);
	const site = await lab.site();
	await choose(site, VARIANT);

	const sides = {
		page: async () => {
			await site.bringToFront();
			return ask(site);
		},
		undrawn: async () => {
			await parts.bringToFront();
			const asked = { messages: request.messages, sampling };
			return parts.evaluate((asked) => window.parts.speed.answer(asked), asked);
		},
		bare: async () => {
			await bare.bringToFront();
			return bare.evaluate((request) => window.ask({ kind: 'generate', request }), request);
		}
	};
	const names = ['page', 'undrawn', 'bare'] as const;
	const found: Record<'page' | 'undrawn', number[]> = { page: [], undrawn: [] };
	for (let round = -1; round < rounds; round++) {
		const rates = { page: NaN, undrawn: NaN, bare: NaN };
		const written = new Set<number>();
		// Whoever comes later finds a warmer machine: take turns at that too.
		for (let turn = 0; turn < names.length; turn++) {
			const name = names[(turn + round + names.length) % names.length] ?? 'page';
			const { tokens, streamMs } = await sides[name]();
			rates[name] = ((tokens - 1) / streamMs) * 1000;
			written.add(tokens);
		}
		if (written.size > 1)
			throw new Error(`Not the same answers: ${[...written].join(', ')} tokens.`);
		if (round < 0) continue;
		for (const name of ['page', 'undrawn'] as const) found[name].push(rates[name] / rates.bare);
		lab.log(names.map((name) => `${name} ${rates[name].toFixed(1)} tokens/s`).join(', '));
	}
	await Promise.all([site, bare, parts].map((page) => page.close()));
	return { decodeRatio: median(found.page), undrawnDecodeRatio: median(found.undrawn) };
}
