import type { LogitProcessor, MLCEngine } from '@mlc-ai/web-llm';
import { expect, test, vi } from 'vitest';
import { compareAnswer, keepAnswer } from './forcing.ts';

const VOCABULARY = 5;
const PADDING = 3;
const END = 4;
const messages = [{ role: 'user' as const, content: 'Why?' }];
const live = () => new AbortController().signal;

/** A fake of the engine: it samples the largest of what its processor returns, until END. */
function engineOf(steps: readonly (readonly number[])[], own?: LogitProcessor) {
	const calls: string[] = [];
	const made: number[] = [];
	const requests: object[] = [];
	let stopped = false;
	const nothing = Object.assign(vi.fn(), { dispose: vi.fn() });
	const pipeline = {
		tvm: {
			...{ beginScope: vi.fn(), endScope: vi.fn(), cpu: vi.fn(), empty: vi.fn(), uniform: vi.fn() },
			rng: { randomFloat: vi.fn() }
		},
		vm: { getFunction: () => () => JSON.stringify({ active_vocab_size: VOCABULARY }) },
		config: {},
		fullVocabSize: VOCABULARY + PADDING,
		appearedTokensFreq: new Map(),
		logitProcessor: own,
		...{ getRNGState: vi.fn(), setRNGState: vi.fn(), sampleFromRawLogits: vi.fn() },
		...{ fsoftmaxWithTemperature: nothing, fargsortProbs: nothing, fsampleWithTopP: nothing }
	};
	async function* answer(most: number) {
		stopped = false;
		for (const step of steps.slice(0, most)) {
			// The padding has larger logits than any token.
			const logits = Float32Array.from([...step, ...new Array<number>(PADDING).fill(99)]);
			const given = pipeline.logitProcessor?.processLogits(logits) ?? logits;
			const token = given.indexOf(Math.max(...given));
			made.push(token);
			pipeline.logitProcessor?.processSampledToken(token);
			await Promise.resolve();
			yield { choices: [{}] };
			if (stopped || token === END) return;
		}
	}
	const engine = {
		loadedModelIdToPipeline: new Map([['m', pipeline]]),
		resetChat: () => Promise.resolve(void calls.push('reset')),
		interruptGenerate: () => {
			calls.push('interrupt');
			stopped = true;
		},
		chat: {
			completions: {
				create: (request: { max_tokens: number }) => {
					calls.push('answer');
					requests.push(request);
					return Promise.resolve(answer(request.max_tokens));
				}
			}
		}
	} as unknown as MLCEngine;
	return { loaded: { engine, modelId: 'm' }, pipeline, calls, made, requests };
}

const likes = (token: number) =>
	Array.from({ length: VOCABULARY }, (_, i) => (i === token ? 3 : i / 10));
const ANSWER = [likes(1), likes(2), likes(END)];

test('the most likely answer is kept to its end, and comparing it with itself gives exactly 0', async () => {
	const { loaded, calls } = engineOf(ANSWER);
	const kept = await keepAnswer(loaded, { messages, mostTokens: 9 }, live());
	expect(kept.map(({ token }) => token)).toEqual([1, 2, END]);
	const differences = await compareAnswer(loaded, { messages, kept }, live());
	expect(differences.map(({ divergence }) => divergence)).toEqual([0, 0, 0]);
	// Each on an empty context, and leaving one.
	expect(calls).toEqual(['reset', 'answer', 'reset', 'reset', 'answer', 'reset']);
});

test('another variant is made to write the reference’s answer, whatever it prefers', async () => {
	const kept = await keepAnswer(engineOf(ANSWER).loaded, { messages, mostTokens: 9 }, live());
	const other = engineOf([likes(1), likes(3), likes(END)]);
	const differences = await compareAnswer(other.loaded, { messages, kept }, live());
	expect(other.made).toEqual([1, 2, END]);
	expect(differences.map(({ sameToken }) => sameToken)).toEqual([true, false, true]);
});

test('the padding of the vocabulary counts for nothing', async () => {
	const [kept] = await keepAnswer(engineOf(ANSWER).loaded, { messages, mostTokens: 1 }, live());
	expect(kept?.tokens.length).toBe(VOCABULARY);
	expect(kept?.logRest).toBeNull();
});

test('whoever samples is given the forced logits, and comes back afterwards', async () => {
	const seen: number[] = [];
	const own: LogitProcessor = {
		processLogits: (logits) => {
			seen.push(logits.indexOf(0));
			return logits;
		},
		processSampledToken: vi.fn(),
		resetState: vi.fn()
	};
	const { loaded, pipeline } = engineOf(ANSWER, own);
	await keepAnswer(loaded, { messages, mostTokens: 2 }, live());
	expect(seen).toEqual([1, 2]);
	expect(own.processSampledToken).toHaveBeenCalledTimes(2);
	expect(pipeline.logitProcessor).toBe(own);
});

test('logits that are no numbers end the answer with a failure, and the engine stays whole', async () => {
	const { loaded, pipeline, calls, made } = engineOf([
		likes(1),
		likes(2).with(3, Number.NaN),
		...ANSWER
	]);
	await expect(keepAnswer(loaded, { messages, mostTokens: 9 }, live())).rejects.toMatchObject({
		kind: 'bad-logits',
		detail: { found: 'NaN for token 3' }
	});
	expect(made).toHaveLength(2);
	expect(pipeline.logitProcessor).toBeUndefined();
	expect(calls.at(-1)).toBe('reset');
});

test('an answer that ends early is no comparison', async () => {
	const kept = await keepAnswer(engineOf(ANSWER).loaded, { messages, mostTokens: 9 }, live());
	await expect(
		compareAnswer(engineOf(ANSWER.slice(0, 2)).loaded, { messages, kept }, live())
	).rejects.toMatchObject({ kind: 'engine', detail: { expected: 3, found: 2 } });
});

test('a stop in the middle ends it as cancelled', async () => {
	const controller = new AbortController();
	const own: LogitProcessor = {
		processLogits: (logits) => {
			controller.abort();
			return logits;
		},
		processSampledToken: vi.fn(),
		resetState: vi.fn()
	};
	const { loaded, made, pipeline } = engineOf(ANSWER, own);
	await expect(
		keepAnswer(loaded, { messages, mostTokens: 9 }, controller.signal)
	).rejects.toMatchObject({ kind: 'cancelled' });
	expect(made).toHaveLength(1);
	expect(pipeline.logitProcessor).toBe(own);
	await expect(
		keepAnswer(loaded, { messages, mostTokens: 9 }, controller.signal)
	).rejects.toMatchObject({ kind: 'cancelled' });
});

test('a stop that the engine forgets as it begins to answer is repeated at the first token', async () => {
	const controller = new AbortController();
	const { loaded, made } = engineOf(ANSWER);
	const { completions } = loaded.engine.chat;
	const create = completions.create.bind(completions) as (request: unknown) => unknown;
	Object.assign(completions, {
		create: (request: unknown) => {
			controller.abort();
			return create(request);
		}
	});
	await expect(
		keepAnswer(loaded, { messages, mostTokens: 9 }, controller.signal)
	).rejects.toMatchObject({ kind: 'cancelled' });
	expect(made).toEqual([1]);
});

test('an engine that is another one is refused before anything is asked of it', async () => {
	const { loaded, pipeline, calls } = engineOf(ANSWER);
	Object.assign(pipeline, { fullVocabSize: 'many' });
	await expect(keepAnswer(loaded, { messages, mostTokens: 9 }, live())).rejects.toMatchObject({
		kind: 'engine',
		detail: { field: 'fullVocabSize' }
	});
	expect(calls).toEqual([]);
});

test('nothing of the model’s own settings changes the logits: the answer is the most likely one', async () => {
	const { loaded, requests } = engineOf(ANSWER);
	await keepAnswer(loaded, { messages, mostTokens: 7 }, live());
	expect(requests).toEqual([
		{
			messages,
			stream: true,
			max_tokens: 7,
			temperature: 0,
			top_p: 1,
			presence_penalty: 0,
			frequency_penalty: 0,
			repetition_penalty: 1
		}
	]);
});

test('one that was cancelled before it began asks nothing of the engine', async () => {
	const { loaded, calls } = engineOf(ANSWER);
	await expect(
		keepAnswer(loaded, { messages, mostTokens: 9 }, AbortSignal.abort())
	).rejects.toMatchObject({ kind: 'cancelled' });
	expect(calls).toEqual([]);
});

test('an engine whose library says nothing of its vocabulary is refused', async () => {
	const { loaded, pipeline, calls } = engineOf(ANSWER);
	pipeline.vm.getFunction = () => () => 'no JSON';
	await expect(keepAnswer(loaded, { messages, mostTokens: 9 }, live())).rejects.toMatchObject({
		kind: 'engine',
		detail: { field: '_metadata' }
	});
	expect(calls).toEqual([]);
});

test('a fault of ours in the middle is told as it is, after the engine has ended its step', async () => {
	const kept = await keepAnswer(engineOf(ANSWER).loaded, { messages, mostTokens: 9 }, live());
	// One token of the reference's is not in this vocabulary.
	const strange = kept.map((position, i) => (i === 1 ? { ...position, token: 77 } : position));
	const { loaded, calls } = engineOf(ANSWER);
	await expect(compareAnswer(loaded, { messages, kept: strange }, live())).rejects.toThrow(
		'There is no token 77 in a vocabulary of 5.'
	);
	expect(calls.slice(0, 3)).toEqual(['reset', 'answer', 'interrupt']);
	expect(calls.at(-1)).toBe('reset');
});

test('every token but the chosen one is out of reach, also for what keeps its own order', async () => {
	const seen: number[][] = [];
	const own: LogitProcessor = {
		processLogits: (logits) => {
			seen.push([...logits]);
			return logits;
		},
		processSampledToken: vi.fn(),
		resetState: vi.fn()
	};
	await keepAnswer(engineOf(ANSWER, own).loaded, { messages, mostTokens: 1 }, live());
	const never = Math.fround(-1e30);
	expect(seen).toEqual([[never, 0, ...Array<number>(VOCABULARY + PADDING - 2).fill(never)]]);
});

test('what comes after the last token interrupts nothing', async () => {
	const controller = new AbortController();
	const { loaded, calls } = engineOf([likes(END)]);
	const { completions } = loaded.engine.chat;
	Object.assign(completions, {
		create: () =>
			Promise.resolve(
				(async function* () {
					await Promise.resolve();
					yield { choices: [{}] };
					controller.abort();
					calls.push('usage');
					yield { choices: [] };
				})()
			)
	});
	await expect(
		keepAnswer(loaded, { messages, mostTokens: 9 }, controller.signal)
	).rejects.toMatchObject({ kind: 'cancelled' });
	// Once, by the signal itself.
	expect(calls.filter((call) => call === 'interrupt')).toHaveLength(1);
});

test('the answer is over when the context is empty again', async () => {
	const { loaded, calls } = engineOf(ANSWER);
	Object.assign(loaded.engine, {
		resetChat: async () => {
			await new Promise((resolve) => setTimeout(resolve));
			calls.push('reset');
		}
	});
	await keepAnswer(loaded, { messages, mostTokens: 9 }, live());
	expect(calls).toEqual(['reset', 'answer', 'reset']);
});
