import type { Estimate } from '#plan/memory/estimate.ts';
import type { Speeds } from '#plan/memory/request.ts';
import type { VariantRecord } from './record.ts';
import type { Spread } from './spread.ts';

/** Measured tokens per second. */
export interface MeasuredSpeed {
	kind: 'measured';
	decode: Spread;
}

/** Estimate for a variant without measurements, from another variant's answers. */
export interface EstimatedSpeed {
	kind: 'estimated';
	tokensPerSecond: number;
	/** Memory read per second in the source's answers. */
	bytesPerSecond: number;
	/** The measured variant the estimate comes from. */
	fromVariantId: string;
}

export type Speed = MeasuredSpeed | EstimatedSpeed;

export const tokensPerSecondOf = (speed: Speed): number =>
	speed.kind === 'measured' ? speed.decode.mean : speed.tokensPerSecond;

/** GPU memory read to decode one token. */
export interface Reading {
	/** All weights. An overestimate: only one row of the embedding is read. */
	weightsBytes: number;
	kvBytesPerToken: number;
}

export const readingOf = ({ weightsBytes, kvBytes, contextWindow }: Estimate): Reading => ({
	weightsBytes,
	kvBytesPerToken: kvBytes / Math.max(1, contextWindow)
});

export const bytesPerToken = (
	{ weightsBytes, kvBytesPerToken }: Reading,
	depthTokens: number
): number => weightsBytes + kvBytesPerToken * depthTokens;

/** Memory bandwidth that a measured variant reached. */
export interface Bandwidth {
	variantId: string;
	bytesPerToken: number;
	bytesPerSecond: number;
}

/** Bytes per second read by the last answers of a variant; null: none was measured on this device. */
export function bandwidthOf(record: VariantRecord, reading: Reading): Bandwidth | null {
	// Stored conversations may have been imported from another device.
	const here = record.recent.filter(({ kept }) => !kept);
	if (here.length === 0) return null;
	const mean = (of: (rate: (typeof here)[number]) => number) =>
		here.reduce((sum, rate) => sum + of(rate), 0) / here.length;
	const read = ({ depthTokens }: (typeof here)[number]) => bytesPerToken(reading, depthTokens);
	const bytesPerSecond = mean((rate) => rate.tokensPerSecond * read(rate));
	return bytesPerSecond > 0 && bytesPerSecond < Infinity
		? { variantId: record.variantId, bytesPerToken: mean(read), bytesPerSecond }
		: null;
}

/** Estimates are for a short conversation. */
const DEPTH_TOKENS = 512;

/**
 * Small models are limited by kernel launches instead of memory bandwidth, so they predict nothing for much larger ones.
 * Largest ratio of bytes per token between source and estimate.
 */
const FARTHEST_RATIO = 8;

/**
 * Decode speed of an unmeasured variant: the bandwidth of the measured variant nearest in size, divided by the bytes this
 * one reads per token. null: none is near enough.
 */
export function estimateSpeed(
	reading: Reading,
	measured: readonly Bandwidth[]
): EstimatedSpeed | null {
	const own = bytesPerToken(reading, DEPTH_TOKENS);
	if (!(own > 0)) return null;
	const distance = ({ bytesPerToken }: Bandwidth) => Math.abs(Math.log(bytesPerToken / own));
	const [nearest] = measured
		.filter((each) => distance(each) <= Math.log(FARTHEST_RATIO))
		.sort((a, b) => distance(a) - distance(b));
	return nearest
		? {
				kind: 'estimated',
				tokensPerSecond: nearest.bytesPerSecond / own,
				bytesPerSecond: nearest.bytesPerSecond,
				fromVariantId: nearest.variantId
			}
		: null;
}

export const measuredSpeed = (record: VariantRecord | null): MeasuredSpeed | null =>
	record && record.decode.count > 0 ? { kind: 'measured', decode: record.decode } : null;

/** Speeds for predictions: measurements only. */
export const speedsOf = (record: VariantRecord | null): Speeds | null =>
	record && record.decode.count > 0 && record.prefill.count > 0
		? {
				prefillTokensPerSecond: record.prefill.mean,
				decodeTokensPerSecond: record.decode.mean
			}
		: null;

/** Summary of a variant's answers on this device. */
export interface Experience {
	speed: Speed | null;
	/** Mean milliseconds to the first token; null: not measured. */
	firstTokenMs: number | null;
	answers: number;
}

export const NO_EXPERIENCE: Experience = { speed: null, firstTokenMs: null, answers: 0 };
