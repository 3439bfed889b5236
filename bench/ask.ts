import type { ChatCompletionRequestStreaming } from '@mlc-ai/web-llm';
import type { Page } from 'playwright';
import { defaultSampling, type Sampling } from '../src/lib/engine/sampling.ts';

const QUESTION = 'What is quantization, and how do I choose one?';

/** Asks in a new conversation, as a visitor does; resolves when the answer is complete. */
export async function ask(page: Page) {
	await page.getByRole('link', { name: 'New conversation' }).click();
	await page.waitForFunction(() => document.querySelector('article') === null);
	await page.getByLabel('Message', { exact: true }).fill(QUESTION);
	const answer = page.evaluate(() => window.observe.answer());
	await page.getByLabel('Message', { exact: true }).press('Enter');
	return answer;
}

export interface Long {
	sampling: Sampling;
	request: ChatCompletionRequestStreaming;
}

/**
 * Sampling under which a question is answered in exactly so many tokens, without telling the engine to ignore
 * the end of an answer, which the page cannot: what was said already is made likelier, the more so the oftener, until it
 * only repeats.
 */
export async function longAnswer(bare: Page, tokens: number, question = QUESTION): Promise<Long> {
	for (let seed = 1; seed <= 12; seed++) {
		const sampling: Sampling = {
			...defaultSampling,
			repetitionPenalty: 0.5,
			presencePenalty: -2,
			frequencyPenalty: -0.5,
			maxTokens: tokens,
			seed
		};
		const request: ChatCompletionRequestStreaming = {
			messages: [{ role: 'user', content: question }],
			stream: true,
			stream_options: { include_usage: true },
			temperature: sampling.temperature,
			top_p: sampling.topP,
			presence_penalty: -2,
			frequency_penalty: -0.5,
			repetition_penalty: 0.5,
			max_tokens: tokens,
			seed
		};
		const answer = await bare.evaluate(
			(request) => window.ask({ kind: 'generate', request }),
			request
		);
		if (answer.tokens === tokens) return { sampling, request };
	}
	throw new Error(`No seed leads to an answer of ${tokens} tokens.`);
}
