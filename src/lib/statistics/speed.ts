import type { Estimate } from '#plan/memory/estimate.ts';
import type { Speeds } from '#plan/memory/request.ts';
import type { VariantRecord } from './record.ts';
import type { Spread } from './spread.ts';

/** Tokens per second as answers had them here. */
export interface MeasuredSpeed {
	kind: 'measured';
	decode: Spread;
}

/** What a variant that was not measured may do, by what others showed: never a measurement. */
export interface EstimatedSpeed {
	kind: 'estimated';
	tokensPerSecond: number;
	/** What the run it comes from read per second. */
	bytesPerSecond: number;
	/** Whose run that was. */
	fromVariantId: string;
}

export type Speed = MeasuredSpeed | EstimatedSpeed;

export const tokensPerSecondOf = (speed: Speed): number =>
	speed.kind === 'measured' ? speed.decode.mean : speed.tokensPerSecond;

/** What decoding one token reads of the GPU's memory. */
export interface Reading {
	/** All of them are read for each token; of an embedding that is looked up, too much is counted. */
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

/** What a measured variant read. */
export interface Bandwidth {
	variantId: string;
	bytesPerToken: number;
	bytesPerSecond: number;
}

/** Bytes per second that the last answers of a variant read here; null: nothing of it was measured here. */
export function bandwidthOf(record: VariantRecord, reading: Reading): Bandwidth | null {
	// What came with a conversation may have been measured on another device.
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

/** The depth that an estimate is for: a short conversation. */
const DEPTH_TOKENS = 512;

/**
 * A model far smaller than another is limited by the start of each kernel, and not by memory: what it reads per second
 * says nothing of the larger one. As a ratio of the bytes per token.
 */
const FARTHEST_RATIO = 8;

/**
 * Decode speed of a variant that was not measured: what the nearest measured one in size read per second, over what this
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

/** For the seconds of a prediction: of measurements alone. */
export const speedsOf = (record: VariantRecord | null): Speeds | null =>
	record && record.decode.count > 0 && record.prefill.count > 0
		? {
				prefillTokensPerSecond: record.prefill.mean,
				decodeTokensPerSecond: record.decode.mean
			}
		: null;

/** What answers of a variant were like here. */
export interface Experience {
	speed: Speed | null;
	/** Mean milliseconds to the first token; null: not measured. */
	firstTokenMs: number | null;
	answers: number;
}

export const NO_EXPERIENCE: Experience = { speed: null, firstTokenMs: null, answers: 0 };
