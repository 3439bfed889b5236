import type { MLCEngine } from '@mlc-ai/web-llm';
import { expect, test } from 'vitest';
import { runTest, syntheticTokens } from './speed-test.ts';

/** A fake of the engine that only notes what it is given. */
function engineOf({ contextWindowSize = 4096 } = {}) {
	const calls: string[] = [];
	const ids: number[] = [];
	const engine = {
		loadedModelIdToPipeline: new Map([['m', { fullVocabSize: 100, contextWindowSize }]]),
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
	return { calls, ids, run };
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
