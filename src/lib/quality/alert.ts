import type { Summary } from './summary.ts';

/** From here on a variant is marked. */
export interface Bound {
	/** Lowest ratio of positions with the same most likely token. */
	sameToken: number;
	/** Largest mean divergence, in nats. */
	divergence: number;
}

export const DEFAULT_BOUND: Bound = { sameToken: 0.9, divergence: 0.1 };

/** Which of the two figures are beyond the bound; a value on the bound is not. */
export function beyond(
	{ sameToken, divergence }: Summary,
	bound: Bound = DEFAULT_BOUND
): (keyof Bound)[] {
	const found: (keyof Bound)[] = [];
	if (sameToken.value < bound.sameToken) found.push('sameToken');
	if (divergence.value > bound.divergence) found.push('divergence');
	return found;
}
