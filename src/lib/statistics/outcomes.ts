import * as v from 'valibot';

/** How answers or loads ended. */
export interface Outcomes {
	/** Includes those with an unknown end, because the tab died. */
	begun: number;
	complete: number;
	/** By a person. */
	stopped: number;
	/** By the kind of failure. */
	failed: Readonly<Record<string, number>>;
}

export type Ending =
	{ kind: 'complete' | 'stopped' | 'unknown' } | { kind: 'failed'; failure: string };

export const NO_OUTCOMES: Outcomes = { begun: 0, complete: 0, stopped: 0, failed: {} };

/** More than the kinds that exist; bounds a hostile record. */
const MOST_KINDS = 60;
const times = v.fallback(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1e12)), 0);
const kind = v.pipe(v.string(), v.maxLength(40), v.regex(/^[a-z][a-z-]*$/));

/** Stored outcomes; invalid fields become empty. */
export const outcomesSchema: v.GenericSchema<unknown, Outcomes> = v.fallback(
	v.pipe(
		v.object({
			begun: times,
			complete: times,
			stopped: times,
			failed: v.fallback(
				v.pipe(v.record(kind, times), v.maxEntries(MOST_KINDS)) as v.GenericSchema<
					unknown,
					Record<string, number>
				>,
				{}
			)
		}),
		v.transform((read) => ({ ...read, begun: Math.max(read.begun, endedOf(read)) }))
	),
	NO_OUTCOMES
);

export function ended(outcomes: Outcomes, ending: Ending): Outcomes {
	const next = { ...outcomes, begun: outcomes.begun + 1 };
	switch (ending.kind) {
		case 'complete':
			return { ...next, complete: next.complete + 1 };
		case 'stopped':
			return { ...next, stopped: next.stopped + 1 };
		case 'failed':
			return { ...next, failed: summed(next.failed, { [ending.failure]: 1 }) };
		case 'unknown':
			return next;
	}
}

export const mergeOutcomes = (a: Outcomes, b: Outcomes): Outcomes => ({
	begun: a.begun + b.begun,
	complete: a.complete + b.complete,
	stopped: a.stopped + b.stopped,
	failed: summed(a.failed, b.failed)
});

export const failedOf = ({ failed }: Pick<Outcomes, 'failed'>): number =>
	Object.values(failed).reduce((sum, each) => sum + each, 0);

const endedOf = (outcomes: Omit<Outcomes, 'begun'>): number =>
	outcomes.complete + outcomes.stopped + failedOf(outcomes);

/** Share of complete ones among complete and failed; stopped ones do not count. null: there were none. */
export function successRatio(outcomes: Outcomes): number | null {
	const told = outcomes.complete + failedOf(outcomes);
	return told === 0 ? null : outcomes.complete / told;
}

function summed(
	a: Readonly<Record<string, number>>,
	b: Readonly<Record<string, number>>
): Record<string, number> {
	const sum = new Map(Object.entries(a));
	for (const [kind, n] of Object.entries(b))
		if (sum.has(kind) || sum.size < MOST_KINDS) sum.set(kind, (sum.get(kind) ?? 0) + n);
	return Object.fromEntries(sum);
}
