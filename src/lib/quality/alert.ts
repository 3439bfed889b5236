import type { Standing } from './kept.ts';
import type { Summary } from './summary.ts';

/** From here on a variant is marked. */
export interface Bound {
	/** Lowest ratio of positions with the same most likely token. */
	sameToken: number;
	/** Largest mean divergence, in nats. */
	divergence: number;
}

export const DEFAULT_BOUND: Bound = { sameToken: 0.9, divergence: 0.1 };

export const boundRanges = {
	sameToken: { min: 0.5, max: 1, step: 0.01 },
	divergence: { min: 0.001, max: 10, step: 0.01 }
} as const;

/** Which of the two figures are beyond the bound; a value on the bound is not. */
export function beyond({ sameToken, divergence }: Summary, bound: Bound): (keyof Bound)[] {
	const found: (keyof Bound)[] = [];
	if (sameToken.value < bound.sameToken) found.push('sameToken');
	if (divergence.value > bound.divergence) found.push('divergence');
	return found;
}

/** Whether a variant is marked, wherever it is shown or chosen. What was not measured is not. */
export const differsStrongly = (standing: Standing | null, bound: Bound): boolean =>
	standing?.kind === 'measured' && beyond(standing.record.summary, bound).length > 0;
