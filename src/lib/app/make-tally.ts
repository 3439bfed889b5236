import { adapterKey } from '#plan/memory/history.ts';
import { KeptQuality } from '../quality/kept.ts';
import { Tally } from '../statistics/tally.svelte.ts';
import type { CountingParts } from './counting.svelte.ts';
import { keptAnswers } from './kept-answers.ts';

/** The tally of this browser, and before it (`tellQuality`) what is known of quantizations. Counts the answers of stored conversations first, where a GPU is there to count for. */
export async function makeTally(
	{ conversations, measured, catalog, hardware, preflights, planner }: CountingParts,
	tellQuality: (quality: KeptQuality) => void
): Promise<Tally> {
	const { statistics: kept, quality } = await measured();
	tellQuality(
		new KeptQuality(quality, {
			adapter: () => hardware.device && adapterKey(hardware.device),
			libraryUrlOf: (variantId) => {
				const variant = catalog.variant(variantId);
				return variant ? catalog.libraryUrlOf(variant) : null;
			}
		})
	);
	await kept.ready;
	const tally = new Tally(kept, {
		variantOf: (id) => catalog.variant(id),
		keyOf: (variant) =>
			hardware.device && {
				variantId: variant.id,
				libraryUrl: catalog.libraryUrlOf(variant),
				adapter: adapterKey(hardware.device)
			},
		estimateOf: (variant) =>
			planner()?.estimate(variant, variant.defaultContextWindow, preflights.facts(variant)) ?? null
	});
	// This visit's answers are counted as they end. After a failed read the next visit tries again.
	if (hardware.device)
		void tally.fill(() => keptAnswers(conversations, visitBeganAt())).catch(() => undefined);
	return tally;
}

/** `performance.timeOrigin` runs apart from the clock that messages are dated by, by as long as the computer slept. */
const visitBeganAt = () => Date.now() - performance.now();
