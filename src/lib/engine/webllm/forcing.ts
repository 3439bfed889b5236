import type { ChatCompletionMessageParam, LogitProcessor, MLCEngine } from '@mlc-ai/web-llm';
import { Failure } from '../../rpc/failure.ts';
import {
	comparePosition,
	keepPosition,
	mostLikely,
	NotFinite,
	type KeptPosition,
	type PositionDifference
} from '../position.ts';
import {
	activeVocabulary,
	loadedPipeline,
	unexpectedField,
	type Pipeline
} from './lean/pipeline.ts';

/** What is given to every token but one: far below any logit, and above what counts as forbidden. */
const NEVER = -1e30;

/** The engine with the model whose logits are read. */
export interface Loaded {
	engine: MLCEngine;
	modelId: string;
}

/** Writes the most likely answer (whatever the model's defaults), and keeps each of its positions. */
export async function keepAnswer(
	loaded: Loaded,
	{ messages, mostTokens }: { messages: ChatCompletionMessageParam[]; mostTokens: number },
	signal: AbortSignal
): Promise<KeptPosition[]> {
	const kept: KeptPosition[] = [];
	await drive(loaded, messages, mostTokens, signal, (logits) => {
		const token = mostLikely(logits);
		kept.push(keepPosition(logits, token));
		return token;
	});
	return kept;
}

/** Makes the model write a reference's answer, token by token, and compares what it would have said at each. */
export async function compareAnswer(
	loaded: Loaded,
	{ messages, kept }: { messages: ChatCompletionMessageParam[]; kept: readonly KeptPosition[] },
	signal: AbortSignal
): Promise<PositionDifference[]> {
	const differences: PositionDifference[] = [];
	await drive(loaded, messages, kept.length, signal, (logits) => {
		const position = kept[differences.length];
		if (!position) throw new Error('The engine reads on behind the end of the answer.');
		differences.push(comparePosition(position, logits));
		return position.token;
	});
	if (differences.length !== kept.length)
		throw new Failure('engine', 'The engine ended an answer before its last token.', {
			expected: kept.length,
			found: differences.length
		});
	return differences;
}

/**
 * Lets the engine answer on an empty context, and hands every step's logits to `choose`, which says the next token. The
 * engine's only way of handing them out is a logit processor; what samples (the engine or `lean`) is given logits that
 * leave no choice.
 */
async function drive(
	{ engine, modelId }: Loaded,
	messages: ChatCompletionMessageParam[],
	mostTokens: number,
	signal: AbortSignal,
	choose: (logits: Float32Array) => number
): Promise<void> {
	const cancelled = () => new Failure('cancelled', 'Cancelled.');
	if (signal.aborted) throw cancelled();
	const pipeline = pipelineOf(engine, modelId);
	const own = pipeline.logitProcessor as LogitProcessor | undefined;
	const active = activeVocabulary(pipeline);
	if (active === null)
		throw unusable({ field: '_metadata', expected: 'JSON', found: 'something else' });
	const interrupt = () => void engine.interruptGenerate();
	// Thrown in the middle of a step, it would leave the engine with a step half done.
	const found: { problem: Error | null } = { problem: null };
	const processor: LogitProcessor = {
		processLogits(logits) {
			let token = 0;
			try {
				if (found.problem === null) token = choose(logits.subarray(0, active));
			} catch (thrown) {
				found.problem = thrown instanceof Error ? thrown : new Error(String(thrown));
				interrupt();
			}
			logits.fill(NEVER);
			logits[token] = 0;
			return own ? own.processLogits(logits) : logits;
		},
		processSampledToken: (token) => own?.processSampledToken(token),
		resetState: () => own?.resetState()
	};
	// A context that was cached would be read with other kernels than one that was not.
	await engine.resetChat();
	pipeline.logitProcessor = processor;
	signal.addEventListener('abort', interrupt, { once: true });
	try {
		const chunks = await engine.chat.completions.create({
			messages,
			stream: true,
			max_tokens: mostTokens,
			temperature: 0,
			top_p: 1,
			presence_penalty: 0,
			frequency_penalty: 0,
			repetition_penalty: 1
		});
		// Drained after an interrupt, too: its end releases the engine's lock.
		for await (const chunk of chunks)
			if (chunk.choices.length > 0 && (signal.aborted || found.problem !== null)) interrupt();
	} finally {
		signal.removeEventListener('abort', interrupt);
		pipeline.logitProcessor = own;
		await engine.resetChat();
	}
	const { problem } = found;
	if (problem instanceof NotFinite)
		throw new Failure(
			'bad-logits',
			'The model computed no usable probabilities for the next token.',
			{
				expected: 'finite logits',
				found: `${problem.value} for token ${problem.token}`
			}
		);
	if (problem !== null) throw problem;
	if (signal.aborted) throw cancelled();
}

function pipelineOf(engine: MLCEngine, modelId: string): Pipeline {
	const pipeline = loadedPipeline(engine, modelId);
	const problem = unexpectedField(pipeline);
	if (problem) throw unusable(problem);
	return pipeline as Pipeline;
}

const unusable = (problem: { field: string; expected: string; found: string }) =>
	new Failure('engine', 'This version of the engine does not show what it computes.', {
		...problem
	});
