import type { MLCEngine } from '@mlc-ai/web-llm';
import { expect, test } from 'vitest';
import { runTest, syntheticTokens } from './speed-test.ts';

/** A fake of the engine that only notes what it is given. */
function engineOf({
	contextWindowSize = 4096,
	...rest
}: { contextWindowSize?: number; fullVocabSize?: unknown } = {}) {
	const { fullVocabSize } = { fullVocabSize: 100 as unknown, ...rest };
	const calls: string[] = [];
	const ids: number[] = [];
	const engine = {
		loadedModelIdToPipeline: new Map([['m', { fullVocabSize, contextWindowSize }]]),
		resetChat: () => {
			calls.push('reset');
			return Promise.resolve();
		},
		forwardTokensAndSample: (tokens: number[], isPrefill: boolean) => {
			calls.push(`${isPrefill ? 'prefill' : 'decode'} ${tokens.length}`);
			ids.push(...tokens);
			return Promise.resolve(0);
		}
	} as unknown as MLCEngine;
	const run = (
		test: Partial<Parameters<typeof runTest>[2]>,
		signal = new AbortController().signal
	) =>
		runTest(engine, 'm', { promptTokens: 0, generatedTokens: 0, depthTokens: 0, ...test }, signal);
	return { calls, ids, run, engine };
}

test('a prompt is read at once, generated tokens one by one, each on an empty context that is left empty', async () => {
	const { calls, run } = engineOf();
	await run({ promptTokens: 512 });
	await run({ generatedTokens: 3 });
	expect(calls).toEqual([
		...['reset', 'prefill 512', 'reset'],
		...['reset', 'decode 1', 'decode 1', 'decode 1', 'reset']
	]);
});

test('a depth is filled in pieces before the test', async () => {
	const { calls, run } = engineOf();
	await run({ depthTokens: 1200, generatedTokens: 1 });
	expect(calls).toEqual([
		'reset',
		'prefill 512',
		'prefill 512',
		'prefill 176',
		'decode 1',
		'reset'
	]);
});

test('token ids are the same in every run, and all are in the vocabulary', async () => {
	const [first, second] = [engineOf(), engineOf()];
	await first.run({ promptTokens: 300 });
	await second.run({ promptTokens: 300 });
	expect(first.ids).toEqual(second.ids);
	expect(new Set(first.ids).size).toBeGreaterThan(80);
	expect(first.ids.every((id) => Number.isInteger(id) && id >= 0 && id < 100)).toBe(true);
	const next = syntheticTokens(1);
	expect([next(), next()]).toEqual([0, 0]);
});

test('a test that is longer than the window is refused before anything is computed', async () => {
	const { calls, run } = engineOf({ contextWindowSize: 600 });
	await expect(run({ depthTokens: 500, promptTokens: 101 })).rejects.toMatchObject({
		kind: 'context-full'
	});
	expect(calls).toEqual([]);
	await run({ depthTokens: 500, promptTokens: 100 });
});

test('a stop between two tokens ends the test and leaves an empty context', async () => {
	const controller = new AbortController();
	const { calls, run } = engineOf();
	const running = run({ generatedTokens: 1000 }, controller.signal);
	await Promise.resolve();
	controller.abort();
	await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
	expect(calls.length).toBeLessThan(20);
	expect(calls.at(-1)).toBe('reset');
});

test('each step is waited for before the next one, and before the context is left empty', async () => {
	const { calls, run, engine } = engineOf();
	Object.assign(engine, {
		forwardTokensAndSample: async () => {
			calls.push('begun');
			await new Promise((resolve) => setTimeout(resolve));
			calls.push('ended');
			return 0;
		},
		resetChat: async () => {
			await new Promise((resolve) => setTimeout(resolve));
			calls.push('reset');
		}
	});
	await run({ depthTokens: 513, promptTokens: 1, generatedTokens: 2 });
	expect(calls).toEqual(['reset', ...Array<string[]>(5).fill(['begun', 'ended']).flat(), 'reset']);
});

test('the time is that of the prompt and the answer, without the depth', async () => {
	const { run, engine } = engineOf();
	const tookMs = (tokens: number) => (tokens >= 100 ? 60 : tokens > 1 ? 20 : 10);
	Object.assign(engine, {
		forwardTokensAndSample: (tokens: number[]) =>
			new Promise((resolve) => setTimeout(resolve, tookMs(tokens.length)))
	});
	const ms = await run({ depthTokens: 100, promptTokens: 10, generatedTokens: 2 });
	expect(ms).toBeGreaterThanOrEqual(38);
	await expect(run({})).resolves.toBeLessThan(10);
});

test('an engine that does not say how many tokens it knows is refused; one without a window has no limit', async () => {
	for (const fullVocabSize of [undefined, 0, -1, 1.5, '100']) {
		const { run } = engineOf({ fullVocabSize });
		await expect(run({ promptTokens: 1 })).rejects.toMatchObject({
			kind: 'engine',
			detail: { expected: 'fullVocabSize', found: typeof fullVocabSize }
		});
	}
	const least = engineOf({ fullVocabSize: 1, contextWindowSize: 1 });
	await least.run({ promptTokens: 1 });
	expect(least.ids).toEqual([0]);
	await expect(least.run({ promptTokens: 2 })).rejects.toMatchObject({ kind: 'context-full' });
	for (const contextWindowSize of [0, -1]) {
		const { calls, run } = engineOf({ contextWindowSize });
		await run({ promptTokens: 100_000 });
		expect(calls).toContain('prefill 100000');
	}
});

test('token ids are those of the generator in Numerical Recipes', () => {
	const next = syntheticTokens(2 ** 32);
	// 1 x 1664525 + 1013904223, and so on, modulo 2 ** 32.
	expect([next(), next(), next()]).toEqual([1_015_568_748, 1_586_005_467, 2_165_703_038]);
});
