import * as v from 'valibot';

/** Decisions that are kept; the oldest go first. */
export const MOST_ENTRIES = 200;

const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(8.64e15));
const words = v.pipe(v.string(), v.maxLength(2000));

const entrySchema = v.object({
	/** Milliseconds since 1970: when it was decided first, and last in a row. */
	at: time,
	lastAt: time,
	/** Times in a row. */
	count: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	kind: v.picklist(['nothing', 'waits', 'suggested', 'swap', 'loaded', 'failed', 'signal']),
	sentence: words,
	/** What it was decided from, as words. */
	inputs: words
});
const logSchema = v.object({ version: v.literal(1), entries: v.array(v.unknown()) });

export type LogEntry = v.InferOutput<typeof entrySchema>;
export interface DecisionLog {
	version: 1;
	/** Oldest first. */
	entries: readonly LogEntry[];
}

export const EMPTY_LOG: DecisionLog = { version: 1, entries: [] };

/** A stored log; entries that do not parse are left out. */
export function parseLog(raw: unknown): DecisionLog {
	const outer = v.safeParse(logSchema, raw);
	if (!outer.success) return EMPTY_LOG;
	const entries = outer.output.entries.flatMap((each) => {
		const entry = v.safeParse(entrySchema, each);
		return entry.success ? [entry.output] : [];
	});
	return { version: 1, entries: entries.slice(-MOST_ENTRIES) };
}

/** Adds a decision. The same sentence again counts up, so that a quiet hour is one line. */
export function note(
	{ entries }: DecisionLog,
	{ at, kind, sentence, inputs }: Pick<LogEntry, 'at' | 'kind' | 'sentence' | 'inputs'>
): DecisionLog {
	const last = entries.at(-1);
	const entry =
		last?.sentence === sentence && last.kind === kind
			? { ...last, lastAt: Math.max(last.lastAt, at), count: last.count + 1, inputs }
			: { at, lastAt: at, count: 1, kind, sentence, inputs };
	const before = entry.count > 1 ? entries.slice(0, -1) : entries;
	return { version: 1, entries: [...before, entry].slice(-MOST_ENTRIES) };
}

/** When this browser swapped by itself: of an earlier visit, too. */
export const swapTimes = ({ entries }: DecisionLog): number[] =>
	entries.filter(({ kind }) => kind === 'swap').map(({ lastAt }) => lastAt);
