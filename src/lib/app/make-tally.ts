import { adapterKey } from '#plan/memory/history.ts';
import { variantById } from '#plan/models/catalog-data.ts';
import { Tally } from '../statistics/tally.svelte.ts';
import type { App } from './app.svelte.ts';
import { keptAnswers } from './kept-answers.ts';
import type { AppParts } from './parts.ts';

/** The statistics of this browser, begun with the conversations that are kept in it. */
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
	// What this page writes is counted when it is written. Conversations that cannot be read are read at the next visit.
	if (app.device)
		void tally
			.fill(() => keptAnswers(conversations, performance.timeOrigin))
			.catch(() => undefined);
	return tally;
}
