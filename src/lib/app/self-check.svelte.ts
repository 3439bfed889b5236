import type { Answers } from '../chat/answers.svelte.ts';
import { PROMPTS } from '../quality/prompts.ts';
import { ownNats, referenceProblem, wrongResults } from '../quality/reference.ts';
import { takeReference } from '../quality/measure.ts';
import { asFailure } from '../rpc/failure.ts';
import type { Loaded } from '../runner/target.ts';

const ADVICE =
	'Its library may not be the right one, its files may be damaged, or this GPU computes wrongly. Do not trust its answers; remove it, or add it with another library.';

/**
 * Has a model that was just loaded write a short text and asks how likely it finds that itself. Resolves with what is
 * wrong, in words; null: nothing is; undefined: it could not be told, because somebody wanted an answer, or the model
 * left.
 */
export async function selfCheck(
	answers: Pick<Answers, 'lease' | 'queue'>,
	{ engine }: Pick<Loaded, 'engine'>
): Promise<string | null | undefined> {
	const run = new AbortController();
	const { signal } = run;
	let stop = () => {};
	let release = () => {};
	try {
		const lease = await answers.lease('A check of the new model', signal);
		release = () => lease.release();
		stop = $effect.root(() => {
			$effect(() => {
				if (answers.queue.waiting.length > 0) run.abort();
			});
		});
		lease.stopped.addEventListener('abort', () => run.abort());
		const taken = await takeReference(engine, PROMPTS.slice(0, 1), { signal });
		const kept = taken.map((answer) => answer.kept);
		const problem = referenceProblem({ answers: kept, itself: [], unquantized: null });
		if (problem === null) return null;
		return `Its first answer looks like garbage (${ownNats(kept)?.toFixed(1)} nats a token). ${ADVICE}`;
	} catch (thrown) {
		const problem = wrongResults(asFailure(thrown));
		return problem ? `${problem.message} ${ADVICE}` : undefined;
	} finally {
		stop();
		release();
	}
}
