import type { Standing } from './kept.ts';
import type { Bound } from './bound.ts';
import type { Summary } from './summary.ts';

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
