import * as v from 'valibot';
import {
	failureSchema,
	measurementSchema,
	MOST_LOADS,
	MOST_RECORDS,
	sameLoad,
	type Measurement,
	type MemoryFailure,
	type MemoryHistory
} from './history.ts';
import { observationSchema, type Observation } from './observation.ts';

/** A later measurement takes the place of the one before. A success also disproves failures that needed no more. */
export function recordMeasurement(history: MemoryHistory, measurement: Measurement): MemoryHistory {
	const parsed = v.safeParse(measurementSchema, measurement);
	if (!parsed.success) return history;
	const { output } = parsed;
	return {
		...history,
		measurements: [
			...history.measurements.filter(
				(m) => !(sameLoad(m, output) && m.contextWindow === output.contextWindow)
			),
			output
		].slice(-MOST_RECORDS),
		failures: history.failures.filter(
			(f) =>
				!(
					(f.adapter === output.adapter && f.neededBytes <= output.peakBytes) ||
					(sameLoad(f, output) && f.contextWindow <= output.contextWindow)
				)
		)
	};
}

/** Keeps a load with what it says of the plans of its kind. A later one of the same variant and window replaces it. */
export function recordLoad(history: MemoryHistory, load: Observation): MemoryHistory {
	const parsed = v.safeParse(observationSchema, load);
	if (!parsed.success) return history;
	const { output } = parsed;
	const others = history.loads.filter(
		(l) => !(sameLoad(l, output) && l.contextWindow === output.contextWindow)
	);
	return { ...history, loads: [...others, output].slice(-MOST_LOADS) };
}

/** Remembers a load that failed for memory; a failure of any other kind says nothing about memory. */
export function recordFailure(
	history: MemoryHistory,
	failure: MemoryFailure,
	kind: string
): MemoryHistory {
	if (kind !== 'out-of-memory') return history;
	const parsed = v.safeParse(failureSchema, failure);
	if (!parsed.success) return history;
	const { output } = parsed;
	const others = history.failures.filter(
		(f) => !(sameLoad(f, output) && f.contextWindow === output.contextWindow)
	);
	return { ...history, failures: [...others, output].slice(-MOST_RECORDS) };
}

/** Without what was seen of a library that is no longer the same. */
export const withoutLibrary = (history: MemoryHistory, libraryUrl: string): MemoryHistory => ({
	...history,
	measurements: history.measurements.filter((m) => m.libraryUrl !== libraryUrl),
	failures: history.failures.filter((f) => f.libraryUrl !== libraryUrl),
	loads: history.loads.filter((l) => l.libraryUrl !== libraryUrl)
});
