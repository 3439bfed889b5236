import type { Calibration } from '#plan/memory/calibration.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Loaded } from '../runner/target.ts';
import type { Planner } from './parts.ts';

/**
 * The detail of the window's `headroom:loaded` event. Planned: from the files alone, without what was measured here.
 * Corrected: with what loads of other variants said before this one.
 */
export interface LoadedDetail {
	variantId: string;
	contextWindow: number;
	plannedAfterLoadBytes: number | null;
	plannedPeakBytes: number | null;
	/** Part of the planned peak: buffers for choosing tokens. */
	plannedSamplingBytes: number | null;
	correctedPeakBytes: number | null;
	afterLoadBytes: number;
	peakBytes: number;
	loadMs: number;
	firstTokenMs: number;
	swapGapMs: number | null;
	/** Who chooses the tokens. */
	tokenSampling: TokenSampling;
}

/** For whoever measures the page from outside: the figures of a load, to the byte and to the millisecond. */
export function announceLoaded(
	{ variant, contextWindow, facts, result }: Loaded,
	swapGapMs: number | null,
	calibration: Calibration | null,
	estimate: Planner['estimate'] | undefined
) {
	const sampling = result.tokenSampling;
	const planned = estimate?.(variant, contextWindow, facts, [], { sampling });
	const corrected = estimate?.(variant, contextWindow, facts, [], { sampling, calibration });
	const detail: LoadedDetail = {
		variantId: variant.id,
		contextWindow,
		plannedAfterLoadBytes: planned?.afterLoadBytes ?? null,
		plannedPeakBytes: planned?.peakBytes ?? null,
		plannedSamplingBytes: planned?.samplingBytes ?? null,
		correctedPeakBytes: corrected?.peakBytes ?? null,
		afterLoadBytes: result.afterLoadBytes,
		peakBytes: result.peakBytes,
		loadMs: result.loadMs,
		firstTokenMs: result.firstTokenMs,
		swapGapMs,
		tokenSampling: sampling
	};
	window.dispatchEvent(new CustomEvent('headroom:loaded', { detail }));
}
