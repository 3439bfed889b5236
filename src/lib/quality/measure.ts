import type { GpuEngine } from '../engine/gpu-engine.ts';
import type { KeptPosition, PositionDifference } from '../engine/position.ts';
import { ANSWER_TOKENS, type Prompt } from './prompts.ts';

type Keeper = Pick<GpuEngine, 'keepAnswer'>;
type Comparer = Pick<GpuEngine, 'compareAnswer'>;

/** An answer of the reference, as the other variants are compared with it. */
export interface ReferenceAnswer {
	prompt: Prompt;
	kept: readonly KeptPosition[];
}

export interface Watch {
	signal: AbortSignal;
	/** Prompts done. */
	onDone?: ((done: number) => void) | undefined;
}

/** Has the loaded model answer every prompt, and keeps its answers. Throws the engine's Failure. */
export async function takeReference(
	engine: Keeper,
	prompts: readonly Prompt[],
	{ signal, onDone }: Watch
): Promise<ReferenceAnswer[]> {
	const answers: ReferenceAnswer[] = [];
	for (const prompt of prompts) {
		const request = { messages: messagesOf(prompt), mostTokens: ANSWER_TOKENS };
		answers.push({ prompt, kept: await engine.keepAnswer(request, { signal }) });
		onDone?.(answers.length);
	}
	return answers;
}

/** Compares the loaded model with the reference, answer by answer. Throws the engine's Failure. */
export async function compareWith(
	engine: Comparer,
	reference: readonly ReferenceAnswer[],
	{ signal, onDone }: Watch
): Promise<PositionDifference[][]> {
	const differences: PositionDifference[][] = [];
	for (const { prompt, kept } of reference) {
		const request = { messages: messagesOf(prompt), kept };
		differences.push(await engine.compareAnswer(request, { signal }));
		onDone?.(differences.length);
	}
	return differences;
}

const messagesOf = ({ text }: Prompt) => [{ role: 'user' as const, content: text }];
