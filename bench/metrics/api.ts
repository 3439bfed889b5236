import { join } from 'node:path';
import OpenAI from 'openai';
import type { Page } from 'playwright';
import { serve } from '../../server/serve.ts';
import type { Lab } from '../lab.ts';
import type { Figures } from '../limits.ts';
import { median } from '../median.ts';

const TOKENS = 400;
const TOKEN = 'the-token-of-the-bench';

/** Held to a list that is longer than the answer may be: it goes on to its limit, whoever asks. */
const REQUEST = {
	model: 'pocket-q4f32_1',
	messages: [{ role: 'user' as const, content: 'What is quantization, and how do I choose one?' }],
	temperature: 0,
	max_tokens: TOKENS,
	response_format: {
		type: 'json_schema' as const,
		json_schema: {
			name: 'long',
			schema: { type: 'array', items: { type: 'string', enum: ['memory'] }, minItems: TOKENS }
		}
	}
};
type Request = typeof REQUEST;

/** One request of 400 tokens, by turns asked by a program through the local server and by a script in the page. */
export async function api(lab: Lab, pairs: number): Promise<Figures> {
	const served = await serve({
		folder: join(import.meta.dirname, '../../build'),
		base: '/headroom',
		plain: true,
		host: '127.0.0.1',
		port: 0,
		api: { token: TOKEN, origins: [] }
	});
	const page = await lab.context.newPage();
	try {
		await page.goto(served.addressToOpen() ?? '');
		await page.getByText('Connected to the local server.').first().waitFor();
		await page.getByRole('link', { name: 'Chat', exact: true }).click();
		await page.getByRole('button', { name: 'Load pocket q4f32_1' }).click();
		await page
			.getByRole('status')
			.filter({ hasText: /^\s*Loaded\./ })
			.waitFor();
		const client = new OpenAI({ baseURL: `http://127.0.0.1:${served.port}/v1`, apiKey: TOKEN });
		const { usage } = await client.chat.completions.create(REQUEST);
		if (usage?.completion_tokens !== TOKENS)
			throw new Error(`The answer has ${usage?.completion_tokens} tokens, not ${TOKENS}.`);
		const ratios: number[] = [];
		const firstMs = { program: [] as number[], page: [] as number[] };
		for (let pair = -1; pair < pairs; pair++) {
			// Whoever comes second finds a warmer machine: take turns at that too.
			const programFirst = pair % 2 === 0;
			const asked = async () => {
				const before = await decoded(page);
				const seen = await byProgram(client, REQUEST);
				return { ...seen, decodeMs: (await decoded(page, before)).lastMs };
			};
			const first = programFirst ? await asked() : null;
			const script = await byScript(page, REQUEST);
			const program = first ?? (await asked());
			lab.log(
				`program: first after ${program.firstMs.toFixed(1)} ms, stream ${program.streamMs.toFixed(0)} ms, engine ${program.decodeMs.toFixed(0)} ms; script: first after ${script.firstMs.toFixed(1)} ms, stream ${script.streamMs.toFixed(0)} ms`
			);
			if (pair < 0) continue;
			ratios.push(program.decodeMs / program.streamMs);
			firstMs.program.push(program.firstMs);
			firstMs.page.push(script.firstMs);
		}
		return {
			apiOverheadRatio: median(ratios),
			apiFirstByteMs: median(firstMs.program) - median(firstMs.page)
		};
	} finally {
		await page.close();
		served.end();
	}
}

async function byProgram(client: OpenAI, request: Request) {
	const startMs = performance.now();
	let firstMs: number | null = null;
	let lastMs = startMs;
	for await (const { choices } of await client.chat.completions.create({
		...request,
		stream: true
	}))
		if (choices[0]?.delta.content) {
			lastMs = performance.now();
			firstMs ??= lastMs;
		}
	return { firstMs: (firstMs ?? NaN) - startMs, streamMs: lastMs - (firstMs ?? NaN) };
}

const byScript = (page: Page, request: Request) =>
	page.evaluate(async (request) => {
		const startMs = performance.now();
		let firstMs: number | null = null;
		let lastMs = startMs;
		const pieces = await window.headroom!.chat({ ...request, stream: true });
		for await (const { choices } of pieces)
			if (choices[0]?.delta.content) {
				lastMs = performance.now();
				firstMs ??= lastMs;
			}
		return { firstMs: (firstMs ?? NaN) - startMs, streamMs: lastMs - (firstMs ?? NaN) };
	}, request);

/** The engine's own speeds of all answers so far, and of the last one since `before` the time it decoded. */
async function decoded(page: Page, before = { count: 0, sum: 0 }) {
	const { models } = await page.evaluate(() => window.headroom!.statistics());
	const spread = models.find(({ model }) => model === REQUEST.model)?.decodeTokensPerSecond;
	const { count = 0, mean = 0 } = spread ?? {};
	const sum = count * mean;
	const perSecond = (sum - before.sum) / (count - before.count);
	return { count, sum, lastMs: ((TOKENS - 1) / perSecond) * 1000 };
}
