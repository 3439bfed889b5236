import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type VariantName, architecture as a, variants } from '../model/architecture.ts';
import { plan } from '../model/metadata.ts';
import type { Reference } from '../model/reference.ts';
import { type Engine, startEngine } from './engine.ts';
import { END, ids, opening, promptOf, referenceOf, text, turn } from './source.ts';
import { LONG } from './tried.ts';

/** Token counts of the prompts: around the edges of a quad, of a workgroup and of the prefill chunk (128). */
const LENGTHS = LONG
	? [5, 6, 7, 8, 9, 13, 16, 17, 24, 31, 33, 48, 63, 64, 65, 96, 127, 128, 129, 130, 257, 400]
	: [5, 8, 9, 16, 17, 64, 65, 127, 128, 129, 257];
const GREEDY = { temperature: 0, ignore_eos: true } as const;

interface Agreement {
	tokens: number;
	/** Tokens where the engine took the reference's second best, which was as good within the error. */
	ties: string[];
	/** The largest difference of a logit, absolute and by the range of its logits. */
	error: number;
	relative: number;
}

function argmax(x: Float32Array): number {
	let best = 0;
	for (let i = 1; i < x.length; i++) if (x[i]! > x[best]!) best = i;
	return best;
}

/**
 * Feeds the reference what the engine drew, token by token, and compares: raw logits, and the token with the best of
 * them (after `bias`). `logits` are the reference's after the prompt.
 */
function compare(
	name: VariantName,
	reference: Reference,
	logits: Float32Array,
	drawn: Awaited<ReturnType<Engine['drawn']>>,
	bias: Record<number, number> = {}
): Agreement {
	const result: Agreement = { tokens: drawn.length, ties: [], error: 0, relative: 0 };
	for (const [i, { id, logits: encoded }] of drawn.entries()) {
		const bytes = Buffer.from(encoded, 'base64');
		const found = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
		expect(found.length).toBe(a.vocab);
		let error = 0;
		let low = Infinity;
		let high = -Infinity;
		for (const [j, wanted] of logits.entries()) {
			error = Math.max(error, Math.abs(found[j]! - wanted));
			low = Math.min(low, wanted);
			high = Math.max(high, wanted);
		}
		result.error = Math.max(result.error, error);
		result.relative = Math.max(result.relative, error / (high - low));
		const biased = logits.slice();
		for (const [token, b] of Object.entries(bias)) biased[Number(token)]! += b;
		const best = argmax(biased);
		const gap = biased[best]! - biased[id]!;
		if (variants[name].float === 'f16' && id !== best && gap <= 2 * error)
			result.ties.push(`token ${i}: ${id} for ${best}, ${gap.toExponential(1)} apart`);
		else expect(id, `token ${i} of ${drawn.map((d) => d.id).join(' ')}`).toBe(best);
		if (i + 1 < drawn.length) logits = reference.step(id);
	}
	return result;
}

/** All that holds for a variant in a browser. */
export function describeVariant(name: VariantName, browser: () => string | undefined) {
	const variant = variants[name];
	const report: string[] = [];
	let engine: Engine;
	let reference: Reference;
	let agreed: Agreement = { tokens: 0, ties: [], error: 0, relative: 0 };

	function expectAgreement(found: Agreement) {
		agreed = {
			tokens: agreed.tokens + found.tokens,
			ties: [...agreed.ties, ...found.ties],
			error: Math.max(agreed.error, found.error),
			relative: Math.max(agreed.relative, found.relative)
		};
		if (variant.float === 'f32') expect(found.error).toBeLessThan(2e-3);
		else expect(found.relative).toBeLessThan(0.02);
	}

	beforeAll(async () => {
		const path = browser();
		if (path === undefined) throw new Error('There is no browser for this variant');
		reference = referenceOf(name);
		engine = await startEngine(path);
	});
	afterAll(async () => {
		await engine?.close();
		const { tokens, ties, error, relative } = agreed;
		report.unshift(
			`${tokens} tokens agree, ${ties.length} of them ties${ties.map((t) => ` (${t})`).join('')}; logits differ by at most ${error.toExponential(1)}, ${(100 * relative).toFixed(3)} % of their range`
		);
		console.log(report.map((line) => `${name}: ${line}`).join('\n'));
	});

	describe('with its tokens and logits captured', () => {
		beforeAll(async () => {
			await engine.load({ variant: name, capture: true });
			await engine.drawn();
		});

		test.each(LENGTHS)('a prompt of %i tokens is continued as by the reference', async (length) => {
			const prompt = promptOf(length);
			await engine.reset();
			const { promptTokens } = await engine.complete({ prompt, max_tokens: 10, ...GREEDY });
			expect(promptTokens).toBe(length);
			const drawn = await engine.drawn();
			expect(drawn.length).toBe(10);
			reference.reset();
			expectAgreement(compare(name, reference, reference.prefill(ids(prompt)), drawn));
		});

		test('a second turn continues the cache of the first', async () => {
			const first = 'What is a KV cache?';
			const second = 'And why does it grow?';
			// A cache is kept only after a reply that ended by itself: a bias makes any model end.
			let bias = 0;
			let reply: number[];
			do {
				reference.reset();
				const biased = reference.prefill(ids(opening + turn(first)));
				reply = [];
				for (let logits = biased; reply.length < 60; logits = reference.step(reply.at(-1))) {
					logits[END]! += bias;
					reply.push(argmax(logits));
					if (reply.at(-1) === END) break;
				}
				bias = bias * 1.5 + 0.5;
			} while (reply.at(-1) !== END);
			bias = (bias - 0.5) / 1.5;

			await engine.reset();
			const asked = { role: 'user', content: first } as const;
			const one = await engine.chat({
				messages: [asked],
				temperature: 0,
				max_tokens: 60,
				logit_bias: { [END]: bias }
			});
			expect(one.finish).toBe('stop');
			reference.reset();
			expectAgreement(
				compare(
					name,
					reference,
					reference.prefill(ids(opening + turn(first))),
					await engine.drawn(),
					{
						[END]: bias
					}
				)
			);
			const two = await engine.chat({
				messages: [
					asked,
					{ role: 'assistant', content: one.text },
					{ role: 'user', content: second }
				],
				max_tokens: 24,
				...GREEDY
			});
			expect(two.promptTokens).toBe(ids(turn(second)).length);
			expectAgreement(
				compare(name, reference, reference.prefill(ids(turn(second))), await engine.drawn())
			);

			// Read again from the start, as after a swap, the conversation is the same text.
			await engine.reset();
			const again = await engine.chat({
				messages: [
					asked,
					{ role: 'assistant', content: one.text },
					{ role: 'user', content: second }
				],
				max_tokens: 8,
				...GREEDY
			});
			const whole = ids(opening + turn(first) + one.text + turn(second));
			expect(again.promptTokens).toBe(whole.length);
			reference.reset();
			expectAgreement(compare(name, reference, reference.prefill(whole), await engine.drawn()));
		});

		test('after a reset, a chat knows nothing of the one before', async () => {
			for (const question of ['Hello!', 'What is VRAM?']) {
				await engine.reset();
				await engine.chat({
					messages: [{ role: 'user', content: question }],
					max_tokens: 8,
					...GREEDY
				});
				reference.reset();
				expectAgreement(
					compare(
						name,
						reference,
						reference.prefill(ids(opening + turn(question))),
						await engine.drawn()
					)
				);
			}
		});
	});

	describe.each([256, 1000, a.contextWindow])('at a context window of %i', (contextWindow) => {
		const planned = plan(a, variant, contextWindow);

		test('the GPU bytes held are the planned ones', async () => {
			await engine.unload();
			await engine.measure();
			await engine.load({ variant: name, contextWindow });
			const loaded = await engine.measure();
			expect(loaded.liveBytes).toBe(planned.loadedBytes);
			expect(loaded.peakBytes).toBe(planned.loadedBytes);

			// A prompt of two chunks, then decoding.
			const prompt = promptOf(130);
			for (let i = 0; i < 2; i++) await engine.complete({ prompt, max_tokens: 24, ...GREEDY });
			const { peakBytes } = await engine.measure();
			const off = (peakBytes - planned.peakBytes) / planned.peakBytes;
			report.push(
				`window ${contextWindow}: ${loaded.liveBytes} bytes loaded as planned, peak ${peakBytes} (${(100 * off).toFixed(3)} % off)`
			);
			expect(Math.abs(off)).toBeLessThan(0.02);
		});
		test('unloading leaves no byte', async () => {
			await engine.unload();
			expect((await engine.measure()).liveBytes).toBe(0);
		});
	});

	describe('at work', () => {
		beforeAll(() => engine.load({ variant: name }));
		const ask = (more: object) =>
			engine.chat({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 16, ...more });
		const prompt = ids(opening + turn('Hi'));

		test('50 chats leave no objects, buffers or memory behind', async () => {
			const chat = async () => {
				await engine.reset();
				await engine.chat({
					messages: [{ role: 'user', content: 'What is WebGPU?' }],
					max_tokens: 4,
					temperature: 0.7
				});
			};
			for (let i = 0; i < 3; i++) await chat();
			const before = await engine.measure();
			for (let i = 0; i < 50; i++) await chat();
			const after = await engine.measure();
			expect(after.objects).toBe(before.objects);
			expect(after.liveBytes).toBe(before.liveBytes);
			expect(after.buffersCreated).toBe(0);
			expect(after.wasmBytes).toBe(before.wasmBytes);
		});

		test('decodes in a few submits per token and no new buffer', async () => {
			await engine.reset();
			await ask({ max_tokens: 8, ...GREEDY });
			await engine.measure();
			await engine.reset();
			const { decodeTokensPerSecond, prefillTokensPerSecond } = await ask({
				max_tokens: 100,
				...GREEDY
			});
			const { submits, buffersCreated, dispatches } = await engine.measure();
			report.push(
				`decode ${decodeTokensPerSecond.toFixed(0)} tok/s, prefill ${prefillTokensPerSecond.toFixed(0)} tok/s, ${dispatches / 100} launches and ${submits / 100} submits per token`
			);
			expect(buffersCreated).toBe(0);
			expect(submits / 100).toBeLessThanOrEqual(4.1);
		});

		test('a seed makes sampling repeatable', async () => {
			// Past the end of its answer even a model sure of itself has a choice.
			const sample = async (seed: number) =>
				(await ask({ temperature: 2, top_p: 1, ignore_eos: true, max_tokens: 80, seed })).text;
			const first = await sample(7);
			expect(await sample(7)).toBe(first);
			const others = [await sample(8), await sample(9), await sample(10)];
			expect(others.some((text) => text !== first)).toBe(true);
		});

		test('penalties and biases act as in the reference', async () => {
			const word = ids(' the')[0]!;
			const [bias, presence, frequency, repetition] = [20, 0.5, 1.5, 1.3];
			const found = await ask({
				...GREEDY,
				logit_bias: { [word]: bias },
				presence_penalty: presence,
				frequency_penalty: frequency,
				repetition_penalty: repetition
			});
			reference.reset();
			const counts = new Map<number, number>();
			const wanted: number[] = [];
			for (let x = reference.prefill(prompt); wanted.length < 16;) {
				x[word]! += bias;
				for (const [token, n] of counts) {
					const y = x[token]! - presence - frequency * n;
					x[token] = y < 0 ? y * repetition : y / repetition;
				}
				const id = argmax(x);
				wanted.push(id);
				counts.set(id, (counts.get(id) ?? 0) + 1);
				x = reference.step(id);
			}
			if (variant.float === 'f32') expect(found.text).toBe(text(wanted));
			else expect(found.text.startsWith(text(wanted.slice(0, 4)))).toBe(true);
		});

		test('log probabilities are those of the reference', async () => {
			const { logprobs } = await ask({
				max_tokens: 2,
				temperature: 1,
				top_p: 1e-5,
				logprobs: true,
				top_logprobs: 3
			});
			reference.reset();
			const logits = reference.prefill(prompt);
			const sorted = [...logits].sort((x, y) => y - x);
			const top = sorted[0]!;
			const sum = Math.log(sorted.reduce((s, v) => s + Math.exp(v - top), 0)) + top;
			const near = variant.float === 'f32' ? 1e-3 : 0.02 * (top - sorted.at(-1));
			for (const [i, found] of logprobs[0]!.top.entries())
				expect(Math.abs(found - (sorted[i]! - sum))).toBeLessThan(near);
		});

		test('a grammar leaves only what it allows', async () => {
			const { text: found } = await ask({
				temperature: 0,
				response_format: { type: 'grammar', grammar: 'root ::= "yes" | "no"' }
			});
			expect(found).toMatch(/^(yes|no)$/);
		});

		test('an interrupted answer stops early', async () => {
			const { completionTokens } = await engine.interrupt(
				{ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 400, ...GREEDY },
				5
			);
			expect(completionTokens).toBeLessThan(60);
		});

		test('launches of more than 65,535 workgroups reach every element', async () => {
			for (const { kernel, blocks, wrong } of await engine.largeGrids(a.vocab)) {
				expect(blocks, kernel).toBeGreaterThan(65_535);
				expect(wrong, kernel).toBe(0);
			}
		});

		test('the sampler sorts, cuts at top_p and draws as it should', async () => {
			const logits = Array.from({ length: a.vocab }, (_, i) => Math.fround(6 * Math.sin(i * i)));
			logits[700] = logits[3]!; // a tie
			const tensor = (
				data: number[],
				shape = [data.length],
				dtype: 'float32' | 'int32' = 'float32'
			) => ({
				shape,
				dtype,
				data
			});
			const temperature = 0.8;
			const [probabilities] = await engine.invoke('softmax_with_temperature', [
				tensor(logits, [1, 1, a.vocab]),
				tensor([temperature])
			]);
			const top = Math.max(...logits);
			const weights = logits.map((x) => Math.exp((x - top) / temperature));
			const total = weights.reduce((x, y) => x + y, 0);
			for (const [i, w] of weights.entries())
				expect(Math.abs(probabilities![i]! - w / total)).toBeLessThan(1e-6);

			const [sorted, indices] = await engine.invoke('argsort_probs', [
				tensor(probabilities!, [1, a.vocab])
			]);
			const order = [...probabilities!.keys()].sort(
				(x, y) => probabilities![y]! - probabilities![x]! || x - y
			);
			expect(indices).toEqual(order);
			expect(sorted).toEqual(order.map((i) => probabilities![i]));

			for (const topP of [1e-5, 0.3, 0.9, 1])
				for (const uniform of [0, 0.31, 0.77, 0.999]) {
					const [token] = await engine.invoke('sample_with_top_p', [
						tensor(sorted!, [1, a.vocab]),
						tensor(indices!, [1, a.vocab], 'int32'),
						tensor([uniform]),
						tensor([0], [1], 'int32'),
						tensor([topP])
					]);
					let count = 0;
					let mass = 0;
					while (count < a.vocab && mass < topP) mass = Math.fround(mass + sorted![count++]!);
					let pick = 0;
					for (let sum = 0; pick + 1 < count; pick++) {
						sum = Math.fround(sum + sorted![pick]!);
						if (sum > uniform * mass) break;
					}
					expect(token, `top_p ${topP}, uniform ${uniform}`).toEqual([order[pick]]);
				}
		});

		test('a step the state was not prepared for fails in words, and chats go on', async () => {
			await engine.reset();
			const before = await ask({ ...GREEDY });
			await expect(engine.unpreparedStep(1)).rejects.toThrow(
				'The state was not prepared for this many positions'
			);
			await engine.reset();
			expect((await ask({ ...GREEDY })).text).toBe(before.text);
		});

		test('the context window ends a generation', async () => {
			await engine.load({ variant: name, contextWindow: 256 });
			const found = await ask({ max_tokens: 2000, ...GREEDY });
			expect(found.finish).toBe('length');
			expect(found.totalTokens).toBeGreaterThanOrEqual(255);
		});
	});

	describe('when it cannot be loaded', () => {
		test('a window larger than the library allows is refused in words', async () => {
			await expect(
				engine.load({ variant: name, contextWindow: 2 * a.contextWindow })
			).rejects.toThrow("The context window is larger than this library's");
		});
		test('a library of another variant says which parameter it misses', async () => {
			const library =
				variant.weights === 'q4'
					? name.replace('q4', 'q0').replace('_1', '')
					: `${name.replace('q0', 'q4')}_1`;
			await expect(engine.load({ variant: name, library })).rejects.toThrow(
				/Missing parameter model\.embed_tokens\.(q_)?weight/
			);
		});
		test('no shader and no device complained in all that', async () => {
			expect((await engine.measure()).gpuErrors).toEqual([]);
		});
	});
}
