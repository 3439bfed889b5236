import { bytes, count, duration, percent } from '../words.ts';
import type { Decision, Excluded, Exclusion, Question } from './decide.ts';
import type { Level } from './levels.ts';
import { cellBitsOf, type CellBits, type Matrix } from './matrix.ts';
import type { Outcome } from './pace.ts';

/** "q4f16_1", "q4f16_1 with 2,048 tokens", "SmolLM2-360M-Instruct q4f16_1". */
export function levelName({ variantId, quantization, contextWindow, by }: Level): string {
	switch (by) {
		case 'quantization':
			return quantization.name;
		case 'window':
			return `${quantization.name} with ${count(contextWindow)} tokens`;
		case 'family':
			return variantId.replace(/-MLC$/, '');
	}
}

export const cellName = (bits: CellBits): string =>
	bits === 16 ? 'not quantized' : `${bits} bits`;

/** What a cell becomes for these levels: "8 bits" is "q4f16_1" where 8 bits do not exist. null: nothing is as coarse. */
export const levelForCell = (levels: readonly Level[], bits: CellBits): Level | null =>
	levels.find(({ rank, barred }) => rank <= bits && barred === null) ?? null;

/** Whether a family has that many bits at all. */
export const hasBits = (levels: readonly Level[], bits: CellBits): boolean =>
	levels.some(
		({ by, quantization }) =>
			by === 'quantization' &&
			cellBitsOf({ ...quantization, compute: 'f32', needsShaderF16: false }) === bits
	);

/** "40 to 60%", "below 40%", "85% and more". */
export function bandName(
	bounds: readonly number[],
	index: number,
	unit: (n: number) => string
): string {
	const from = bounds[index - 1];
	const to = bounds[index];
	if (from === undefined) return `below ${unit(to ?? 0)}`;
	return to === undefined ? `${unit(from)} or more` : `${unit(from)} to ${unit(to)}`;
}
export const memoryBandName = ({ memory }: Matrix, row: number): string =>
	bandName(memory, row, percent);
export const loadBandName = ({ load }: Matrix, column: number): string =>
	bandName(load, column, count);

const EXCLUDED: Readonly<Record<Exclusion, string>> = {
	barred: 'cannot be loaded here',
	'below-floor': 'is below the floor',
	'not-on-disk': 'is not downloaded',
	'window-too-small': 'is too short for an open conversation',
	'window-not-allowed': 'has a smaller window, which is not allowed',
	family: 'is another family, which is not allowed'
};

export const excludedWords = ({ level, why }: Excluded): string =>
	`${levelName(level)} ${EXCLUDED[why]}`;

/** What an outcome means, as sentences for a person: what is done, why, and what speaks against other levels. */
export function sentenceOf(
	{ act, to, reason, waitMs, decision, waiting }: Outcome,
	current: string
): string {
	const name = to ? levelName(to) : current;
	const load = `${count(waiting)} waiting`;
	const memory =
		decision.memoryRatio === null ? '' : `, ${percent(decision.memoryRatio)} of memory with it`;
	const wait = waitMs === null ? '' : ` In ${duration(waitMs / 1000)} at the earliest.`;
	const does = act === 'suggest' ? `Suggests ${name}` : `Loads ${name}`;
	switch (reason) {
		case 'load':
			return `${does}: ${load} for long enough${memory}.`;
		case 'memory':
			return decision.cause === 'rule'
				? `${does}: a rule from measurements asks for it.`
				: `${does}: the matrix asks for it even without load${memory}.`;
		case 'failed':
			return `${does}: ${current} ran out of memory or lost the GPU.`;
		case 'slower':
			return `${does}: answers of ${current} became slow.`;
		case 'idle':
			return `${does}: nothing was asked for a while, and it fits with room to spare.`;
		case 'pin':
			return act === 'none' ? `Nothing to do: ${current} is pinned.` : `${does}: it is pinned.`;
		case 'right':
			return `Nothing to do: ${current} is right for ${load}${memory}.${causeWords(decision)}`;
		case 'dwell':
			return `Waits: ${name} would be right for ${load}.${wait}`;
		case 'not-idle':
			return `Waits: ${name} would be right once nothing is asked.${wait}`;
		case 'spacing':
			return `Waits: ${name} would be right, but the last swap was not long ago.${wait}`;
		case 'paused':
			return `Paused after the most automatic swaps allowed in a while; ${name} would be right.${wait}`;
		case 'undecided':
			return `Nothing to do: ${UNDECIDED[decision.cause] ?? `${current} is not among the levels of this family.`}`;
		case 'pin-barred':
			return `Nothing to do: ${name} is pinned and cannot be loaded now${to?.barred ? `. ${to.barred}` : ': it is not downloaded.'}`;
		case 'coarsest':
			return `Nothing to do: nothing coarser than ${current} may be loaded.`;
		case 'off':
			return `Off. ${name} would be right for ${load}${memory}.`;
	}
}

const UNDECIDED: Readonly<Partial<Record<Decision['cause'], string>>> = {
	elsewhere: 'the pinned level is of another family.',
	'no-budget': 'how much memory the GPU has is not known.',
	'no-level': 'no level may be loaded.'
};

function causeWords({ cause, excluded }: Decision): string {
	const rule = cause === 'rule' ? ' A rule from measurements asks for it.' : '';
	const coarsest =
		cause === 'coarsest' ? ' The matrix asks for something coarser, which there is not.' : '';
	const others = excluded
		.filter(({ why }) => why !== 'family' && why !== 'window-not-allowed')
		.map(excludedWords);
	return `${rule}${coarsest}${others.length > 0 ? ` Left out: ${others.join('; ')}.` : ''}`;
}

/** What was decided from, for the log. */
export function inputWords(
	{ decision, waiting }: Outcome,
	{
		matrix,
		budgetBytes,
		priority,
		floor
	}: Pick<Question, 'matrix' | 'budgetBytes' | 'priority' | 'floor'>,
	{ running, processor }: { running: boolean; processor: string | null }
): string {
	const { memoryRatio, cell } = decision;
	return [
		`${count(waiting)} waiting${running ? ', 1 running' : ''}`,
		budgetBytes === null ? 'budget unknown' : `budget ${bytes(budgetBytes)}`,
		...(memoryRatio === null ? [] : [`${percent(memoryRatio)} with the level decided`]),
		...(cell
			? [
					`matrix ${memoryBandName(matrix, cell.row)} x ${loadBandName(matrix, cell.column)}: ${cellName(cell.bits)}`
				]
			: []),
		`priority ${priority}`,
		...(floor === null ? [] : [`floor ${floor}`]),
		...(processor === null ? [] : [`processor ${processor}`])
	].join('; ');
}
