import type { MLCEngine } from '@mlc-ai/web-llm';
import { Failure } from '../../rpc/failure.ts';
import type { SpeedTest } from '../protocol.ts';
import { isObject, loadedPipeline } from './lean/pipeline.ts';

/** The context is filled in pieces of so many tokens, so that a stop need not wait for all of it. */
const PIECE_TOKENS = 512;

/**
 * Runs a test once and returns its milliseconds. Tokens are fed by their ids, so that every variant computes the same
 * number of them whatever its tokenizer and template. As in llama-bench, what is fed next does not depend on what was
 * generated; other than there, a token is sampled and read back after the prompt and after every generated token, by
 * whoever samples for answers (the engine or `lean`) and with the model's own defaults. The engine offers no forward
 * without it, and a chat cannot do without it either.
 */
export async function runTest(
	engine: MLCEngine,
	modelId: string,
	{ promptTokens, generatedTokens, depthTokens }: SpeedTest,
	signal: AbortSignal
): Promise<number> {
	const { vocabulary, contextWindow } = sizesOf(engine, modelId);
	const wanted = depthTokens + promptTokens + generatedTokens;
	if (contextWindow !== null && wanted > contextWindow)
		throw new Failure('context-full', 'The test is longer than the context window.', {
			expected: `at most ${contextWindow} tokens`,
			found: wanted
		});
	const next = syntheticTokens(vocabulary);
	const forward = async (tokens: number, isPrefill: boolean) => {
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		await engine.forwardTokensAndSample(
			Array.from({ length: tokens }, () => next()),
			isPrefill
		);
	};
	// What is in the cache of an answer does not belong to a conversation that the engine knows: it must not be continued.
	await engine.resetChat();
	try {
		for (let left = depthTokens; left > 0; left -= PIECE_TOKENS)
			await forward(Math.min(left, PIECE_TOKENS), true);
		const startMs = performance.now();
		if (promptTokens > 0) await forward(promptTokens, true);
		for (let made = 0; made < generatedTokens; made++) await forward(1, false);
		return performance.now() - startMs;
	} finally {
		await engine.resetChat();
	}
}

/** The same ids in every run: a linear congruential generator (Numerical Recipes) over the whole vocabulary. */
export function syntheticTokens(vocabulary: number): () => number {
	let state = 1;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * vocabulary);
	};
}

function sizesOf(engine: MLCEngine, modelId: string) {
	const pipeline = loadedPipeline(engine, modelId);
	const { fullVocabSize, contextWindowSize } = isObject(pipeline) ? pipeline : {};
	if (!Number.isInteger(fullVocabSize) || Number(fullVocabSize) < 1)
		throw new Failure(
			'engine',
			'This version of the engine does not say how many tokens it knows.',
			{
				expected: 'fullVocabSize',
				found: typeof fullVocabSize
			}
		);
	return {
		vocabulary: Number(fullVocabSize),
		contextWindow: Number(contextWindowSize) > 0 ? Number(contextWindowSize) : null
	};
}
