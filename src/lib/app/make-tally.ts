import { adapterKey } from '#plan/memory/history.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { Tally } from '../statistics/tally.svelte.ts';
import type { App } from './app.svelte.ts';
import { keptAnswers } from './kept-answers.ts';
import type { AppParts } from './parts.ts';

/** The tally of this browser. Counts the answers of stored conversations first. */
export async function makeTally(
	app: App,
	{ conversations, statistics }: Pick<AppParts, 'conversations' | 'statistics'>
): Promise<Tally> {
	const kept = await statistics();
	await kept.ready;
	const tally = new Tally(kept, {
		variantOf: (id) => variantById.get(id),
		keyOf: (variant) =>
			app.device && {
				variantId: variant.id,
				libraryUrl: app.sourceOf(variant).libraryUrl,
				adapter: adapterKey(app.device)
			},
		estimateOf: (variant) =>
			app.planner?.estimate(variant, variant.defaultContextWindow, app.facts(variant)) ?? null
	});
	// This visit's answers are counted as they end. After a failed read the next visit tries again.
	if (app.device)
		void tally
			.fill(() => keptAnswers(conversations, performance.timeOrigin))
			.catch(() => undefined);
	return tally;
}
