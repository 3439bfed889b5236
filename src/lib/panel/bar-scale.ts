export interface BarScale {
	/** Bytes at the bar's right end. */
	endBytes: number;
	/** The budget lies beyond the right end. */
	zoomed: boolean;
}

/** Below this share of the budget the model would be a sliver. */
const ZOOM_BELOW_RATIO = 0.12;
/** What the model then fills of the bar. */
const ZOOMED_FILL_RATIO = 0.6;
/** Air behind the largest mark. */
const AIR_RATIO = 1.04;

/**
 * How many bytes the bar spans: the budget, or the model where that is larger; a model that is tiny against its
 * budget is zoomed in on, so that its parts stay legible.
 */
export function barScale(peakBytes: number, liveBytes: number, budgetBytes: number): BarScale {
	const largest = Math.max(peakBytes, liveBytes, 1);
	if (budgetBytes > 0 && largest < budgetBytes * ZOOM_BELOW_RATIO)
		return { endBytes: largest / ZOOMED_FILL_RATIO, zoomed: true };
	return { endBytes: Math.max(largest, budgetBytes) * AIR_RATIO, zoomed: false };
}
