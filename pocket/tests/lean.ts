import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChatCompletionRequestNonStreaming } from '@mlc-ai/web-llm';
import { samplingBufferBytes } from '../library.ts';
import { architecture, type VariantName } from '../model/architecture.ts';
import { type Engine, startEngine } from './engine.ts';
import { drawSampling, hidingLibrary, seedOfRun } from './hidden-sampling.ts';
import type { Answer } from './protocol.ts';
import { ids } from './source.ts';
import { LONG } from './tried.ts';

type More = Omit<ChatCompletionRequestNonStreaming, 'messages'>;

const asked = (content: string) => [{ role: 'user' as const, content }];
const request = (content: string, more: More): ChatCompletionRequestNonStreaming => ({
	messages: asked(content),
	max_tokens: 64,
	...more
});

/** A library that allocates sampling buffers as MLC's do; how many, and for what batch, is drawn for each run. */
const HIDING = 'hiding';
const seed = seedOfRun();
const hidden = drawSampling(seed);

const QUESTIONS = [
	'What is quantization?',
	'How do I choose?',
	'What is a KV cache?',
	'Why was my device lost?',
	'Who are you?',
	'What is the capital of France?'
];
/** How many of them in each way; a seed shows only in what differs. */
const ASKED = LONG ? 3 : 1;
const DRAWN_FOR = LONG ? 3 : 2;
const SCHEMA = JSON.stringify({
	type: 'object',
	properties: { name: { type: 'string', maxLength: 12 }, size: { type: 'integer' } },
	required: ['name', 'size'],
	additionalProperties: false
});
const word = () => ids(' the')[0]!;

/** Requests in the ways that touch sampling, all at temperature 0. */
const CASES: Record<string, (content: string) => ChatCompletionRequestNonStreaming> = {
	'nothing set': (content) => request(content, { temperature: 0 }),
	'no end': (content) => request(content, { temperature: 0, ignore_eos: true, max_tokens: 100 }),
	'a top_p below 1': (content) => request(content, { temperature: 0, top_p: 0.5 }),
	'presence and frequency penalties': (content) =>
		request(content, {
			temperature: 0,
			presence_penalty: 0.7,
			frequency_penalty: 1.3,
			ignore_eos: true
		}),
	'negative penalties': (content) =>
		request(content, { temperature: 0, presence_penalty: -1, frequency_penalty: -0.4 }),
	'a repetition penalty': (content) =>
		request(content, { temperature: 0, repetition_penalty: 1.4, ignore_eos: true }),
	'all penalties and a bias': (content) =>
		request(content, {
			temperature: 0,
			repetition_penalty: 1.2,
			presence_penalty: 0.5,
			frequency_penalty: 0.5,
			logit_bias: { [word()]: 8, 5: -100 }
		}),
	'a bias': (content) => request(content, { temperature: 0, logit_bias: { [word()]: 12 } }),
	'stop strings': (content) => request(content, { temperature: 0, stop: ['.', ' the'] }),
	'any JSON': (content) =>
		request(content, {
			temperature: 0,
			response_format: {
				type: 'json_object',
				schema: '{"type":"object","additionalProperties":true}'
			}
		}),
	'a JSON Schema': (content) =>
		request(content, {
			temperature: 0,
			response_format: { type: 'json_object', schema: SCHEMA }
		}),
	'a JSON Schema with penalties and a bias': (content) =>
		request(content, {
			temperature: 0,
			presence_penalty: 1,
			repetition_penalty: 1.3,
			logit_bias: { [word()]: 5 },
			response_format: { type: 'json_object', schema: SCHEMA }
		}),
	'a grammar': (content) =>
		request(content, {
			temperature: 0,
			response_format: { type: 'grammar', grammar: 'root ::= ("yes" | "no" | " ")+' },
			max_tokens: 12
		}),
	'log probabilities': (content) =>
		request(content, { temperature: 0, logprobs: true, top_logprobs: 3, max_tokens: 16 })
};

/** With temperature: the same seed gives the same answer again. */
const DRAWN: Record<string, (content: string) => ChatCompletionRequestNonStreaming> = {
	'with a seed': (content) =>
		request(content, { temperature: 1, top_p: 1, seed: 11, ignore_eos: true }),
	'with a seed and top_p': (content) =>
		request(content, { temperature: 1.3, top_p: 0.9, seed: 12, ignore_eos: true }),
	'with a seed, penalties and a JSON Schema': (content) =>
		request(content, {
			temperature: 1.5,
			seed: 13,
			presence_penalty: 0.5,
			response_format: { type: 'json_object', schema: SCHEMA }
		}),
	'with a seed and log probabilities': (content) =>
		request(content, { temperature: 1, seed: 14, logprobs: true, top_logprobs: 5, max_tokens: 24 })
};

/** Sampling on the CPU against the engine's own, on the same browser and model. */
export function describeLean(name: VariantName, browser: () => string | undefined) {
	const report: string[] = [];
	let engine: Engine;
	const plain = new Map<string, Answer[]>();
	const lean = new Map<string, Answer[]>();
	let leanPeak = 0;
	let plainCalls = 0;
	let secondTurns: Answer[] = [];

	async function answers(to: Map<string, Answer[]>, cases: typeof CASES) {
		for (const [title, make] of Object.entries(cases)) {
			const found: Answer[] = [];
			const count = title in DRAWN ? DRAWN_FOR : title === 'nothing set' ? QUESTIONS.length : ASKED;
			for (const question of QUESTIONS.slice(0, count)) {
				await engine.reset();
				found.push(await engine.chat(make(question)));
			}
			to.set(title, found);
		}
	}
	async function secondTurn(): Promise<Answer> {
		await engine.reset();
		const first = await engine.chat(request(QUESTIONS[2]!, { temperature: 0 }));
		return engine.chat({
			messages: [
				...asked(QUESTIONS[2]!),
				{ role: 'assistant', content: first.text },
				...asked('And why does it grow?')
			],
			temperature: 0,
			max_tokens: 48
		});
	}

	beforeAll(async () => {
		const path = browser();
		if (path === undefined) throw new Error('There is no browser for this variant');
		engine = await startEngine(path, { [HIDING]: await hidingLibrary(name, hidden) });
		await engine.load({ variant: name });
		await answers(plain, { ...CASES, ...DRAWN });
		secondTurns = [await secondTurn()];
		plainCalls = await engine.samplerCalls();
		await engine.load({ variant: name, lean: true });
		await engine.measure();
		await answers(lean, { ...CASES, ...DRAWN });
		secondTurns.push(await secondTurn());
		leanPeak = (await engine.measure()).peakBytes;
	}, 600_000);
	afterAll(async () => {
		await engine?.close();
		if (report.length) console.log(report.map((line) => `${name}: ${line}`).join('\n'));
	});
	const both = (title: string) => {
		const [a, b] = [plain.get(title), lean.get(title)];
		if (!a || !b) throw new Error(`Nobody asked for ${title}`);
		return [a, b] as const;
	};

	test.each(Object.keys(CASES))('%s: answers equal the engine’s own, token for token', (title) => {
		const [engines, ours] = both(title);
		expect(ours.map(({ ids }) => ids)).toEqual(engines.map(({ ids }) => ids));
		expect(ours.map(({ text, finish }) => [text, finish])).toEqual(
			engines.map(({ text, finish }) => [text, finish])
		);
		const tokens = ours.reduce((sum, { ids }) => sum + ids.length, 0);
		expect(tokens).toBeGreaterThan(0);
		report.push(`${title}: ${ours.length} of ${ours.length} answers equal, ${tokens} tokens`);
	});
	test('a second turn, on the cache of the first, equals the engine’s own', () => {
		const [engines, ours] = secondTurns;
		expect(ours).toMatchObject({
			ids: engines!.ids,
			promptTokens: engines!.promptTokens,
			text: engines!.text
		});
	});

	test.each(Object.keys(DRAWN))(
		'an answer %s comes again, and is as the engine draws',
		async (title) => {
			const [engines, ours] = both(title);
			const again = new Map<string, Answer[]>();
			await answers(again, { [title]: DRAWN[title]! });
			expect(again.get(title)!.map(({ ids }) => ids)).toEqual(ours.map(({ ids }) => ids));
			expect(new Set(ours.map(({ text }) => text)).size).toBeGreaterThan(1);
			// The draws are the engine's own numbers; rounding at a border between two tokens may still part answers.
			const equal = ours.filter(({ ids }, i) => ids.join() === engines[i]!.ids.join()).length;
			report.push(`${title}: ${equal} of ${ours.length} answers as the engine drew them`);
			expect(equal).toBeGreaterThan(ours.length / 2);
		}
	);
	test('another seed gives another answer', async () => {
		const texts = [];
		for (const seed of [1, 2, 3, 4]) {
			await engine.reset();
			const { text } = await engine.chat(
				request('Hi', { temperature: 1.5, seed, ignore_eos: true })
			);
			texts.push(text);
		}
		expect(new Set(texts).size).toBeGreaterThan(1);
	});

	test('log probabilities equal the engine’s own', () => {
		let compared = 0;
		for (const title of ['log probabilities', 'with a seed and log probabilities']) {
			const [engines, ours] = both(title);
			for (const [i, { logprobs }] of ours.entries()) {
				expect(logprobs.length).toBeGreaterThan(0);
				for (const [j, { token, logprob, top }] of logprobs.entries()) {
					const wanted = engines[i]!.logprobs[j];
					// From where answers part on, there is nothing to compare.
					if (wanted?.token !== token) break;
					for (const [found, expected] of [
						[logprob, wanted.logprob],
						...top.map((one, k) => [one, wanted.top[k]])
					] as [number | null, number | null][]) {
						compared++;
						// The engine stops looking once less is left than the least of its list: below an f32's
						// resolution of 1, what it finds is chance. At temperature 0 all but one are -Infinity.
						if (expected === null || expected < -13) expect(found ?? -Infinity).toBeLessThan(-12.9);
						else expect(found).toBeCloseTo(expected, 4);
					}
				}
			}
		}
		report.push(`log probabilities: ${compared} compared`);
		expect(compared).toBeGreaterThan(100 * ASKED);
	});

	test('a resumable answer that was left resumes as the engine’s own', async () => {
		for (const more of [
			{ temperature: 1.2, seed: 5, ignore_eos: true, max_tokens: 40 },
			...(LONG ? [{ temperature: 0, ignore_eos: true, max_tokens: 40 }] : [])
		]) {
			const texts = [];
			for (const leanly of [false, true]) {
				const sessionId = crypto.randomUUID();
				await engine.load({ variant: name, lean: leanly });
				const whole = await engine.chat(request(QUESTIONS[0]!, more));
				await engine.leave(request(QUESTIONS[0]!, more), sessionId, 12);
				await engine.restart();
				await engine.load({ variant: name, lean: leanly });
				const resumed = await engine.resume(sessionId);
				expect(resumed).toMatchObject({
					recoveryMode: 'token_replay',
					recoveredText: whole.text
				});
				texts.push(whole.text);
			}
			expect(texts[1]).toBe(texts[0]);
		}
	});

	test('the library’s own sampling functions are never called', async () => {
		expect(plainCalls).toBeGreaterThan(1000);
		await engine.load({ variant: name, lean: true });
		await engine.chat(request('Hi', { temperature: 0.7, logprobs: true, top_logprobs: 2 }));
		await engine.complete({ prompt: 'Once', max_tokens: 8 });
		expect(await engine.samplerCalls()).toBe(0);
		expect((await engine.measure()).gpuErrors).toEqual([]);
		expect(leanPeak).toBeGreaterThan(0);
	});
	test('buffers for sampling that a library would allocate and keep never exist', async () => {
		const sizes: Record<string, { loaded: number; peak: number; live: number }> = {};
		for (const [title, options] of Object.entries({
			engine: { library: HIDING },
			lean: { library: HIDING, lean: true },
			'lean, without such buffers': { lean: true }
		})) {
			await engine.unload();
			await engine.measure();
			await engine.load({ variant: name, ...options });
			const { liveBytes: loaded } = await engine.measure();
			for (const more of [
				{ temperature: 0 },
				{ temperature: 1, seed: 3, presence_penalty: 1, logit_bias: { 9: 2 } },
				{ temperature: 1, seed: 4, logprobs: true, top_logprobs: 4 }
			])
				await engine.chat(request('Hi', { max_tokens: 12, ...more }));
			const { peakBytes, liveBytes } = await engine.measure();
			sizes[title] = { loaded, peak: peakBytes, live: liveBytes };
		}
		const { engine: plain, lean, 'lean, without such buffers': ordinary } = sizes;
		const bytes = hidden.factor * samplingBufferBytes(architecture, hidden);
		const drawn = `seed ${seed}: ${hidden.factor} buffers for a batch of ${hidden.batch}, ${bytes} bytes`;
		report.push(
			`${drawn}; peak ${plain!.peak} with the engine's sampling, ${lean!.peak} on the CPU, ${ordinary!.peak} without such buffers`
		);
		expect(plain!.live - plain!.loaded, drawn).toBeGreaterThanOrEqual(bytes);
		expect(lean, drawn).toEqual(ordinary);
		expect(plain!.peak - lean!.peak, drawn).toBeGreaterThan(0.99 * bytes);
	});
	test('50 answers leave no objects, buffers or memory behind, and unloading leaves no byte', async () => {
		const chat = async () => {
			await engine.reset();
			await engine.chat(request('What is WebGPU?', { max_tokens: 4, temperature: 0.7 }));
		};
		for (let i = 0; i < 3; i++) await chat();
		const before = await engine.measure();
		for (let i = 0; i < 50; i++) await chat();
		const after = await engine.measure();
		expect(after.objects).toBe(before.objects);
		expect(after.liveBytes).toBe(before.liveBytes);
		expect(after.wasmBytes).toBe(before.wasmBytes);
		await engine.unload();
		expect((await engine.measure()).liveBytes).toBe(0);
	});
}
