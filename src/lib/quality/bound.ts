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
