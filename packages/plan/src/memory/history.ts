import * as v from 'valibot';
import type { Device } from '../device/adapter.ts';
import type { Measured } from './estimate.ts';
import { observationSchema, type Observation } from './observation.ts';
import type { TokenSampling } from './sampling.ts';

const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const window = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const text = v.pipe(v.string(), v.maxLength(2000));
const time = v.pipe(v.number(), v.finite(), v.minValue(0));

const keyEntries = {
	variantId: text,
	contextWindow: window,
	/** Absolute: another library is another measurement. */
	libraryUrl: text,
	/** See `adapterKey`. */
	adapter: text,
	/** Who chose the tokens; before it was kept, always the engine. */
	sampling: v.optional(v.picklist(['engine', 'lean']), 'engine')
};

export const measurementSchema = v.pipe(
	v.object({ ...keyEntries, afterLoadBytes: bytes, peakBytes: bytes, at: time }),
	v.check((m) => m.peakBytes >= m.afterLoadBytes, 'a peak of at least what was held after loading')
);

export const failureSchema = v.object({ ...keyEntries, neededBytes: bytes, at: time });

/** Version 1 had no loads, and did not say who chose the tokens. */
const historySchema = v.object({
	version: v.picklist([1, 2]),
	measurements: v.array(v.unknown()),
	failures: v.array(v.unknown()),
	loads: v.optional(v.array(v.unknown()), [])
});

/** What the meter saw of one load. Times in milliseconds since 1970. */
export type Measurement = v.InferOutput<typeof measurementSchema>;

/** A load that ran out of GPU memory: `neededBytes`, its estimated peak, did not fit here then. */
export type MemoryFailure = v.InferOutput<typeof failureSchema>;

export interface MemoryHistory {
	version: 2;
	/** Newest last, one for each variant, window, library, adapter and way of choosing tokens. */
	measurements: readonly Measurement[];
	failures: readonly MemoryFailure[];
	/** The same loads compared with their plans: what they say of other variants. */
	loads: readonly Observation[];
}

export const EMPTY_HISTORY: MemoryHistory = {
	version: 2,
	measurements: [],
	failures: [],
	loads: []
};

/** The newest of each kind. */
export const MOST_RECORDS = 500;
export const MOST_LOADS = 100;

/** What held memory back then may be gone now: another program, a driver. */
export const FAILURE_LIFE_MS = 14 * 24 * 3600 * 1000;

/** A stored history; records that do not parse are left out, anything that is no history is an empty one. */
export function parseHistory(value: unknown): MemoryHistory {
	const outer = v.safeParse(historySchema, value);
	if (!outer.success) return EMPTY_HISTORY;
	const { measurements, failures, loads } = outer.output;
	return {
		version: 2,
		measurements: each(measurementSchema, measurements),
		failures: each(failureSchema, failures),
		loads: each(observationSchema, loads.slice(-MOST_LOADS))
	};
}

function each<const S extends v.GenericSchema>(
	schema: S,
	values: readonly unknown[]
): v.InferOutput<S>[] {
	return values.flatMap((value) => {
		const result = v.safeParse(schema, value);
		return result.success ? [result.output] : [];
	});
}

/** The same GPU with the same driver gives the same text. */
export const adapterKey = ({ vendor, architecture, description, gpuName }: Device): string =>
	[vendor, architecture, description, gpuName ?? ''].join('|');

export interface LoadKey {
	variantId: string;
	libraryUrl: string;
	adapter: string;
	/** Loads without the buffers for sampling say nothing of loads with them. */
	sampling: TokenSampling;
}

export const sameLoad = (a: LoadKey, b: LoadKey): boolean =>
	a.variantId === b.variantId &&
	a.libraryUrl === b.libraryUrl &&
	a.adapter === b.adapter &&
	a.sampling === b.sampling;

/** What was measured of a variant with a library on an adapter, at every window. */
export const measuredOf = (history: MemoryHistory, key: LoadKey): Measured[] =>
	history.measurements.filter((m) => sameLoad(m, key));

const alive = (failure: MemoryFailure, now: number): boolean =>
	now - failure.at < FAILURE_LIFE_MS && failure.at <= now + FAILURE_LIFE_MS;

/** The smallest window at which a load of this ran out of memory and was not disproved since; null: none. */
export function failedWindow(history: MemoryHistory, key: LoadKey, now: number): number | null {
	const windows = history.failures
		.filter((f) => sameLoad(f, key) && alive(f, now))
		.map((f) => f.contextWindow);
	return windows.length ? Math.min(...windows) : null;
}

/** Bytes at which a load ran out of memory on this adapter: an upper bound for an assumed budget, and for no other. */
export function observedCeiling(
	history: MemoryHistory,
	adapter: string,
	now: number
): number | null {
	const needed = history.failures
		.filter((f) => f.adapter === adapter && alive(f, now))
		.map((f) => f.neededBytes);
	return needed.length ? Math.min(...needed) : null;
}
