import { Tally, type TallyWorld } from '../statistics/tally.svelte.ts';
import { keptAnswers } from './kept-answers.ts';
import type { AppParts } from './parts.ts';

/** The tally of this browser. Counts the answers of stored conversations first, where a GPU is there to count for. */
export async function makeTally(
	{ conversations, statistics }: Pick<AppParts, 'conversations' | 'statistics'>,
	host: TallyWorld,
	hasDevice: boolean
): Promise<Tally> {
	const kept = await statistics();
	await kept.ready;
	const tally = new Tally(kept, host);
	// This visit's answers are counted as they end. After a failed read the next visit tries again.
	if (hasDevice)
		void tally
			.fill(() => keptAnswers(conversations, performance.timeOrigin))
			.catch(() => undefined);
	return tally;
}
