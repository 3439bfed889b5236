import { defaultSampling } from '../engine/sampling.ts';
import type { AnsweredRow, Asked, Comparison } from './record.ts';

export const anAsked = (variantIds: string[], change: Partial<Asked> = {}): Asked => ({
	variantIds,
	contextWindow: 4096,
	question: { system: '', turns: [{ role: 'user', text: 'What is a window?' }] },
	sampling: { ...defaultSampling, seed: 1, maxTokens: 64 },
	blind: false,
	together: false,
	...change
});

export const anAnswer = (variantId: string, change: Partial<AnsweredRow> = {}): AnsweredRow => ({
	kind: 'answered',
	variantId,
	label: 'Tiny',
	quantization: variantId,
	at: 1,
	contextWindow: 4096,
	text: `Answer of ${variantId}.`,
	thinking: null,
	finish: 'stop',
	sawImages: null,
	loadMs: 500,
	firstTokenMs: 70,
	tokensPerSecond: 30,
	promptTokens: 20,
	completionTokens: 64,
	peakBytes: 2 ** 30,
	hidden: false,
	together: false,
	...change
});

export function aComparison(
	rows: Comparison['rows'] = [anAnswer('a'), anAnswer('b')],
	change: Partial<Comparison> = {}
): Comparison {
	const variantIds = rows.map(({ variantId }) => variantId);
	return {
		id: 'run',
		startedAt: 1,
		asked: anAsked(variantIds),
		variantIds,
		leftOut: [],
		fetched: [],
		before: null,
		currentId: null,
		state: 'done',
		pick: null,
		revealed: true,
		rows,
		...change
	};
}

/** Names are hidden until one is picked. */
export const aBlindOne = (rows?: Comparison['rows'], change: Partial<Comparison> = {}) => {
	const run = aComparison(rows, { revealed: false, ...change });
	return { ...run, asked: { ...run.asked, blind: true } };
};
