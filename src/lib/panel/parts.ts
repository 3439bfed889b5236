import type { Estimate } from '#plan/memory/estimate.ts';
import { bytes, count } from '#plan/words.ts';

export interface Part {
	key: 'weights' | 'kv' | 'activations' | 'runtime' | 'sampling';
	name: string;
	bytes: number;
	/** What it is, in a sentence. */
	explanation: string;
}

/** The parts of an estimate as they are shown, in the bar's order; together they are its peak. */
export function partsOf(estimate: Estimate): Part[] {
	const parts: Part[] = [
		{
			key: 'weights',
			name: 'Weights',
			bytes: estimate.weightsBytes,
			explanation: 'The model’s parameters, stored as its quantization says.'
		},
		{
			key: 'kv',
			name: 'KV cache',
			bytes: estimate.kvBytes,
			explanation: 'What the model remembers of the conversation; grows with the context window.'
		},
		{
			key: 'activations',
			name: 'Activations',
			bytes: estimate.activationsBytes,
			explanation: 'Working memory while a prompt is read; taken at the first prompt, then kept.'
		},
		{
			key: 'runtime',
			name: 'Runtime',
			bytes: estimate.runtimeBytes,
			explanation: 'The engine’s own tables, buffers and cache bookkeeping.'
		}
	];
	// Many libraries have none.
	if (estimate.samplingBytes > 0)
		parts.push({
			key: 'sampling',
			name: 'Sampling',
			bytes: estimate.samplingBytes,
			explanation: samplingExplanation(estimate)
		});
	return parts;
}

function samplingExplanation({ samplingBatch, confidence }: Estimate): string {
	const batch = samplingBatch === null ? 'the batch' : `a batch of ${count(samplingBatch)}`;
	const whose =
		confidence === 'manifest'
			? `${batch}, the compiler’s usual one`
			: `${batch} that the library was compiled for`;
	return `Choosing the next token: buffers for ${whose}; taken with the first token, then kept.`;
}

/** All parts with their bytes, for a tooltip or a report. */
export const partsInWords = (estimate: Estimate): string =>
	partsOf(estimate)
		.map((part) => `${part.name} ${bytes(part.bytes)}`)
		.join(', ');
