import * as v from 'valibot';
import type { Variant } from '../models/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { paramBytes } from '../models/library.ts';
import type { BufferGroup, Evidence, Moment } from './causes.ts';
import {
	MOST_GROUPS,
	observationSchema,
	type BufferSizes,
	type LoadReading,
	type Observation
} from './observation.ts';
import { EXACT_MARGIN, PLAN_REVISION, planOf, shapeOf, type Plan } from './plan.ts';
import { samplingBuffers, type TokenSampling } from './sampling.ts';

/** The load that was measured. */
export interface Observed {
	variant: Variant;
	contextWindow: number;
	facts: Facts;
	sampling: TokenSampling;
	libraryUrl: string;
	adapter: string;
	reading: LoadReading;
	at: number;
}

/** Holds a load against its plan, part by part; null where its library is not known, so that nothing follows for others. */
export function observe(load: Observed): Observation | null {
	const { variant, contextWindow, facts, sampling, reading } = load;
	// The doubt of a kind that nobody measured yet ends with this load.
	const plan = planOf(variant, contextWindow, facts, { sampling, verifiedHere: true });
	const shape = shapeOf(variant, contextWindow, facts);
	if (!facts.library || !plan || !shape) return null;
	const { afterLoad, afterFirstToken } = reading.sizes;

	const left = new Map(afterLoad);
	const weights = take(left, weightBuffers(facts));
	const kv = take(left, kvBuffers(plan, shape.layers, left));
	const added = difference(afterFirstToken, afterLoad);
	const sampled = take(added, plannedSampling(plan, facts, sampling));
	const parsed = v.safeParse(observationSchema, {
		variantId: variant.id,
		libraryUrl: load.libraryUrl,
		adapter: load.adapter,
		contextWindow,
		generation: facts.library.fingerprint,
		sampling,
		revision: PLAN_REVISION,
		shape,
		planned: {
			weightsBytes: Math.round(plan.weightsBytes),
			kvBytes: Math.round(plan.kvBytes),
			runtimeBytes: Math.round(plan.runtimeBytes),
			activationsBytes: Math.round(plan.activationsBytes),
			samplingBytes: Math.round(plan.samplingBytes),
			marginBytes: Math.round(plan.marginBytes)
		},
		measured: {
			weightsBytes: weights,
			kvBytes: kv,
			samplingBytes: sampled,
			afterLoadBytes: reading.afterLoadBytes,
			peakBytes: reading.peakBytes
		},
		groups: { load: largest(left), chat: largest(added) },
		at: load.at
	});
	return parsed.success ? parsed.output : null;
}

/** Takes the planned buffers out, and keeps how many are missing as a count below 0. Resolves with the bytes found. */
function take(sizes: Map<number, number>, planned: ReadonlyMap<number, number>): number {
	let found = 0;
	for (const [bytes, wanted] of planned) {
		const there = sizes.get(bytes) ?? 0;
		found += bytes * Math.min(Math.max(0, there), wanted);
		sizes.set(bytes, there - wanted);
	}
	return found;
}

/** Buffers are whole words of four bytes. */
const rounded = (bytes: number): number => Math.max(4, Math.ceil(bytes / 4) * 4);

function weightBuffers({ library, config }: Facts): Map<number, number> {
	const buffers = new Map<number, number>();
	for (const param of library?.params ?? []) {
		const bytes = paramBytes(param, config?.vocabSize ?? null);
		if (bytes !== null) buffers.set(rounded(bytes), (buffers.get(rounded(bytes)) ?? 0) + 1);
	}
	return buffers;
}

/** One buffer per layer in MLC's libraries, one for all keys and one for all values in pocket's. */
function kvBuffers(
	plan: Plan,
	layers: number,
	there: ReadonlyMap<number, number>
): Map<number, number> {
	if (!(plan.kvBytes > 0) || layers < 1) return new Map();
	const count = [layers, 2].find((n) => (there.get(plan.kvBytes / n) ?? 0) >= n) ?? layers;
	return new Map([[rounded(plan.kvBytes / count), count]]);
}

function plannedSampling(
	plan: Plan,
	facts: Facts,
	sampling: TokenSampling
): ReadonlyMap<number, number> {
	const { bindingBytes } = samplingBuffers(facts, sampling);
	if (bindingBytes === null || !(plan.samplingBytes > 0)) return new Map();
	const bytes = Math.ceil(bindingBytes / 4096) * 4096;
	return new Map([[bytes, Math.round(plan.samplingBytes / bytes)]]);
}

function difference(after: BufferSizes, before: BufferSizes): Map<number, number> {
	const counts = new Map(after);
	for (const [bytes, count] of before) counts.set(bytes, (counts.get(bytes) ?? 0) - count);
	// What was freed since is no part of what the first token takes.
	return new Map([...counts].filter(([, count]) => count > 0));
}

const largest = (sizes: ReadonlyMap<number, number>): [number, number][] =>
	[...sizes]
		.filter(([, count]) => count !== 0)
		.sort(([a, n], [b, m]) => Math.abs(b * m) - Math.abs(a * n))
		.slice(0, MOST_GROUPS);

const MiB = 2 ** 20;

export const plannedAfterLoad = ({ planned }: Observation): number =>
	planned.weightsBytes + planned.kvBytes + planned.runtimeBytes;

export const plannedPeak = (observation: Observation): number =>
	plannedAfterLoad(observation) +
	observation.planned.activationsBytes +
	observation.planned.samplingBytes;

/** Measured peak against planned: 0.18 is 18 % above. */
export const excessRatio = (observation: Observation): number =>
	observation.measured.peakBytes / Math.max(1, plannedPeak(observation)) - 1;

/** By how much a load may differ from its plan without saying anything of it. */
export const marginOf = (observation: Observation): number =>
	Math.max(observation.planned.marginBytes, EXACT_MARGIN * plannedPeak(observation));

/** Whether a load took more or less than its plan allows for. */
export function beyondMargin(observation: Observation): boolean {
	const { measured } = observation;
	const margin = marginOf(observation);
	return (
		Math.abs(measured.peakBytes - plannedPeak(observation)) > margin ||
		Math.abs(measured.afterLoadBytes - plannedAfterLoad(observation)) > margin
	);
}

/**
 * A load as evidence. Tolerances: of 20 real loads 19 were exact after loading; the runtime takes one to two MiB
 * while chatting, and the peak was up to 0.11 % below the plan.
 */
export function evidenceOf(observation: Observation, moment: Moment): Evidence {
	const { measured, planned, shape } = observation;
	const peak = measured.peakBytes;
	const groups: readonly BufferGroup[] = observation.groups[moment];
	const marginBytes = marginOf(observation);
	const small = (mostBytes: number) => Math.min(mostBytes, 0.005 * peak);
	if (moment === 'load')
		return {
			shape,
			groups,
			excessBytes: measured.afterLoadBytes - plannedAfterLoad(observation),
			toleranceBytes: Math.max(0.0005 * peak, small(MiB / 16)),
			marginBytes
		};
	return {
		shape,
		groups,
		excessBytes: peak - measured.afterLoadBytes - planned.activationsBytes - planned.samplingBytes,
		toleranceBytes: Math.max(0.0015 * peak, small(1.25 * MiB)),
		marginBytes
	};
}
