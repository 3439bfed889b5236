import * as v from 'valibot';

/** Live buffers as pairs of bytes and count; plain data, largest first. */
export type BufferSizes = readonly (readonly [bytes: number, count: number])[];

/** What the meter says of one load. */
export interface LoadReading {
	afterLoadBytes: number;
	peakBytes: number;
	sizes: { afterLoad: BufferSizes; afterFirstToken: BufferSizes };
}

export const MOST_GROUPS = 24;

const text = v.pipe(v.string(), v.maxLength(2000));
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 45));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 24));
const positive = v.pipe(size, v.minValue(1));
const groups = v.pipe(
	v.array(
		v.strictTuple([
			v.pipe(bytes, v.minValue(1)),
			v.pipe(v.number(), v.safeInteger(), v.minValue(-(2 ** 20)), v.maxValue(2 ** 20))
		])
	),
	v.maxLength(MOST_GROUPS)
);

/** One load compared with its plan. Bytes and tokens; times in milliseconds since 1970. */
export const observationSchema = v.pipe(
	v.object({
		variantId: text,
		libraryUrl: text,
		/** See `adapterKey`. */
		adapter: text,
		contextWindow: positive,
		/** The library's fingerprint: equal for libraries of one compiler and runtime. */
		generation: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)),
		sampling: v.picklist(['engine', 'lean']),
		/** Of the formulas it was planned with: under others the difference means nothing. */
		revision: v.pipe(v.number(), v.safeInteger()),
		shape: v.object({
			batch: positive,
			vocabulary: size,
			window: positive,
			positions: positive,
			layers: size,
			keyValueHeads: size,
			headDim: size,
			elementBytes: positive
		}),
		planned: v.object({
			weightsBytes: bytes,
			kvBytes: bytes,
			runtimeBytes: bytes,
			activationsBytes: bytes,
			samplingBytes: bytes,
			marginBytes: bytes
		}),
		/** By part as far as the sizes of the buffers tell; the rest after loading and with the first token is not told. */
		measured: v.object({
			weightsBytes: bytes,
			kvBytes: bytes,
			samplingBytes: bytes,
			afterLoadBytes: v.pipe(bytes, v.minValue(1)),
			peakBytes: v.pipe(bytes, v.minValue(1))
		}),
		/** Buffers that the plan does not place, after loading and more of them after the first token. */
		groups: v.object({ load: groups, chat: groups }),
		at: v.pipe(v.number(), v.finite(), v.minValue(0))
	}),
	v.check(
		({ measured }) => measured.peakBytes >= measured.afterLoadBytes,
		'a peak of at least what was held after loading'
	)
);
export type Observation = v.InferOutput<typeof observationSchema>;
