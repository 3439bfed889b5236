import type { Wishes } from '../adapt/decide.ts';
import type { Variant } from '../models/catalog.ts';
import { parseQuantization } from '../models/quantization.ts';
import { undercuts } from './choice.ts';
import { LEAST_WINDOW } from './context.ts';
import { judge, type Knowledge } from './judge.ts';
import type { Situation } from './verdict.ts';

/** What is not clearly smaller would fail the same way. */
const CLEARLY_SMALLER = 0.9;

/**
 * The next smaller thing to load after one failed, or null: of the family's variants at the same window, and of the
 * same variant at half the window and less down to the least, the largest that is clearly smaller and not blocked.
 * Nothing below the floor. Where quality was asked for, a smaller window comes before a coarser quantization; where
 * speed was, after it.
 */
export function nextSmaller(
	failed: { variant: Variant; contextWindow: number },
	siblings: readonly Variant[],
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation,
	{ priority, floor }: Wishes = { priority: 'balanced', floor: null }
): { variant: Variant; contextWindow: number } | null {
	const judged = (variant: Variant, contextWindow: number) =>
		judge(variant, contextWindow, knownOf(variant), situation);
	const most = judged(failed.variant, failed.contextWindow).estimate?.peakBytes ?? Infinity;
	const least = floor === null ? null : parseQuantization(floor);
	const windows: number[] = [];
	for (let window = failed.contextWindow / 2; window > LEAST_WINDOW; window /= 2)
		windows.push(Math.floor(window));
	if (failed.contextWindow > LEAST_WINDOW) windows.push(LEAST_WINDOW);
	const preference = ({ variant }: { variant: Variant }) => {
		if (priority === 'balanced') return 0;
		return (variant.id === failed.variant.id) === (priority === 'quality') ? 0 : 1;
	};
	const candidates = [
		...siblings
			.filter(({ id, quantization }) => id !== failed.variant.id && !undercuts(quantization, least))
			.map((variant) => judged(variant, failed.contextWindow)),
		...windows.map((window) => judged(failed.variant, window))
	];
	const [best] = candidates
		.flatMap(({ variant, contextWindow, estimate, verdict }) =>
			estimate && verdict.kind !== 'blocked' && estimate.peakBytes <= CLEARLY_SMALLER * most
				? [{ variant, contextWindow, peakBytes: estimate.peakBytes }]
				: []
		)
		.sort((a, b) => preference(a) - preference(b) || b.peakBytes - a.peakBytes);
	return best ? { variant: best.variant, contextWindow: best.contextWindow } : null;
}
