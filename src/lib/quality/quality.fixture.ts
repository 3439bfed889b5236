import { keepPosition, type KeptPosition, type PositionDifference } from '../engine/position.ts';
import type { QualityRecord } from './record.ts';
import type { Summary } from './summary.ts';

/** A summary with these means. */
export const summaryOf = ({
	sameToken = 0.98,
	divergence = 0.004,
	lowerBounds = 0
} = {}): Summary => ({
	positions: 856,
	lowerBounds,
	sameToken: { value: sameToken, error: 0.002 },
	divergence: {
		value: divergence,
		error: divergence / 10,
		quantiles: [0, 0, divergence / 2, divergence * 3, divergence * 8],
		largest: divergence * 50
	},
	perplexityRatio: { value: 1.0024, error: 0.0006 }
});

export const recordOf = (change: Partial<QualityRecord> = {}): QualityRecord => ({
	variantId: 'pocket-q4f32_1',
	referenceId: 'pocket-q0f32',
	libraryUrl: 'https://site.test/pocket-q4f32_1.wasm',
	referenceLibraryUrl: 'https://site.test/pocket-q0f32.wasm',
	adapter: 'a GPU',
	set: 'v1-24x64',
	summary: summaryOf(),
	departures: [null, 3],
	at: 1_700_000_000_000,
	...change
});

/** A kept position whose token has this probability. */
export const keptOf = (probability: number): KeptPosition =>
	keepPosition(Float32Array.of(Math.log(probability), Math.log(1 - probability)), 0);

export const differenceOf = (change: Partial<PositionDifference> = {}): PositionDifference => ({
	divergence: 0,
	lowerBound: false,
	sameToken: true,
	logProbability: -1,
	referenceLogProbability: -1,
	...change
});
