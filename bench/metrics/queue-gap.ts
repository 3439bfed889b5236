import type { Page, Worker } from 'playwright';
import type { ChatCompletionRequestStreaming } from '@mlc-ai/web-llm';
import { ask, longAnswer } from '../ask.ts';
import type { Figures } from '../limits.ts';
import { choose, type Lab } from '../lab.ts';
import { median } from '../median.ts';
import { script } from '../page-script.ts';
import { enginesOf } from './memory-plan.ts';

const VARIANT = 'pocket-q4f32_1';
/** Long enough for a second message to be typed and saved meanwhile. */
const TOKENS = 192;
const LEAST_PROMPT_TOKENS = 300;

/** So that reading takes the time that it takes in practice. */
const PASSAGE =
	'A model that answers on your own machine is held in the memory of its graphics card: the weights, the cache of keys and values that grows with the conversation, and the buffers of one step. ' +
	'Quantization stores each weight in fewer bits, so that the same model takes less of that memory and is read faster, and the answers lose a little of their quality. ';
const LONG = `${PASSAGE.repeat(4)}\n\n`;
const FIRST = `${LONG}What is quantization, and how do I choose one?`;

/** Where the second message is asked. */
const PLACES = ['the same conversation', 'another conversation'] as const;
type Place = (typeof PLACES)[number];

/** Another one each time, to tell whether it was saved; alone, it must be long as well. */
const second = (place: Place, n: number) =>
	`${place === 'another conversation' ? LONG : ''}Question ${n}: what is the KV cache?`;

interface Gap {
	/** From the end of the first answer to the first text of the second, by the clock of the engine's worker. */
	ms: number;
	/** Of it, until the second request was there. */
	idleMs: number;
	promptTokens: number;
}

/**
 * Two questions one after the other, by turns queued on the page and asked back to back of a bare engine; both in one
 * conversation, and in two. The worse of the two places counts.
 */
export async function queueGap(lab: Lab, pairs: number): Promise<Figures> {
	const [parts, bare] = [await lab.parts(), await lab.engine()];
	await bare.evaluate((id) => window.ask({ kind: 'reload', id, contextWindow: 2048 }), VARIANT);
	const { sampling, request } = await longAnswer(bare, TOKENS, FIRST);
	await parts.evaluate((change) => window.parts.set(change), {
		choice: { variantId: VARIANT, contextWindow: 2048 },
		sampling
	});
	const site = await lab.site();
	await choose(site, VARIANT);
	await ask(site);
	const engines = await enginesOf(site, 1);
	await Promise.all(engines.map((engine) => engine.evaluate(script('exchange.ts'))));

	const worst: { ratio: number; ms: number; idleMs: number }[] = [];
	for (const place of PLACES) {
		const gaps: Gap[] = [];
		const ratios: number[] = [];
		for (let pair = -1; pair < pairs; pair++) {
			const question = second(place, pair + 2);
			const queued = async () => {
				await site.bringToFront();
				return queueOnPage(site, parts, engines, question, place);
			};
			const alone = async () => {
				await bare.bringToFront();
				return backToBack(bare, request, question, place);
			};
			// Whoever comes second finds a warmer machine: take turns at that too.
			const pageFirst = pair % 2 === 0;
			const before = pageFirst ? null : await alone();
			const page = await queued();
			const engine = before ?? (await alone());
			if (page.promptTokens !== engine.promptTokens)
				throw new Error(
					`The page's engine read ${page.promptTokens} tokens, the bare one ${engine.promptTokens}.`
				);
			lab.log(
				`${place}: queued ${page.ms.toFixed(1)} ms, ${page.idleMs.toFixed(1)} of it until the engine was asked; back to back ${engine.ms.toFixed(1)} ms; ${page.promptTokens} tokens read`
			);
			if (pair < 0) continue;
			gaps.push(page);
			ratios.push(page.ms / engine.ms);
		}
		lab.log(`${place}: ${ratios.map((ratio) => ratio.toFixed(3)).join(' ')}`);
		worst.push({
			ratio: median(ratios),
			ms: median(gaps.map(({ ms }) => ms)),
			idleMs: median(gaps.map(({ idleMs }) => idleMs))
		});
	}
	await Promise.all([site, bare, parts].map((page) => page.close()));
	return {
		queueGapMs: Math.max(...worst.map(({ ms }) => ms)),
		queueIdleMs: Math.max(...worst.map(({ idleMs }) => idleMs)),
		queueGapRatio: Math.max(...worst.map(({ ratio }) => ratio))
	};
}

/** Asks the second question while the first is being answered, and sees to it that it is on the disk before that ends. */
async function queueOnPage(
	site: Page,
	parts: Page,
	engines: readonly Worker[],
	question: string,
	place: Place
): Promise<Gap> {
	const begin = async () => {
		await site.getByRole('link', { name: 'New conversation' }).click();
		await site.waitForFunction(() => document.querySelector('article') === null);
	};
	const send = async (text: string) => {
		const composer = site.getByLabel('Message', { exact: true });
		await composer.fill(text);
		await composer.press('Enter');
	};
	await Promise.all(engines.map((engine) => engine.evaluate(() => exchange.begin())));
	await begin();
	await send(FIRST);
	if (place === 'another conversation') await begin();
	await send(question);
	while (!(await parts.evaluate((text) => window.parts.keeps(text), question)));
	const ended = await Promise.all(
		engines.map((engine) => engine.evaluate(() => exchange.passed.length))
	);
	if (ended.some((count) => count > 0))
		throw new Error('The first answer ended before the second message was saved.');
	const [first, next] = await Promise.any(
		engines.map((engine) => engine.evaluate(() => exchange.ended(2)))
	);
	if (!first || !next) throw new Error('Two answers ended, and there are not two.');
	const least = Math.min(first.promptTokens, next.promptTokens);
	if (least < LEAST_PROMPT_TOKENS) throw new Error(`A prompt has only ${least} tokens.`);
	return {
		ms: next.firstTextMs - first.endMs,
		idleMs: next.askedMs - first.endMs,
		promptTokens: next.promptTokens
	};
}

async function backToBack(
	bare: Page,
	request: ChatCompletionRequestStreaming,
	question: string,
	place: Place
): Promise<Gap> {
	const { gapMs, promptTokens } = await bare.evaluate((ask) => window.ask(ask), {
		kind: 'two' as const,
		request,
		question,
		follows: place === 'the same conversation'
	});
	return { ms: gapMs, idleMs: 0, promptTokens };
}

/** In the engine's worker: see pages/exchange.ts. */
declare const exchange: {
	passed: { askedMs: number; firstTextMs: number; endMs: number; promptTokens: number }[];
	begin(): void;
	ended(count: number): Promise<typeof exchange.passed>;
};
