import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tests/support/runs.ts';
import type { Facts } from '../models/facts.ts';
import { calibrate, calibrationsOf } from './calibrate.ts';
import { calibrationFor, type Calibration } from './calibration.ts';
import { estimate } from './estimate.ts';
import {
	allocate,
	aModel,
	BATCH,
	factsOf,
	variantOf,
	type Model
} from './hidden-allocation.fixture.ts';
import { judge } from './judge.ts';
import { observationSchema, type LoadReading, type Observation } from './observation.ts';
import { excessRatio, observe, plannedPeak } from './observe.ts';
import type { TokenSampling } from './sampling.ts';
import { GiB, MiB, situation } from './samples.fixture.ts';
import { verdict, type VerdictKind } from './verdict.ts';

const adapter = 'an adapter';

const small = aModel('small', { vocabulary: 49_152, layers: 32, keyValueHeads: 5 });
const large = aModel('large', { vocabulary: 256_000, layers: 26, headDim: 256 });
const middle = aModel('middle');

function observed(
	of: Model,
	window: number,
	reading: LoadReading,
	overrides: Partial<Observation> = {},
	facts = factsOf(of)
): Observation {
	const { libraryUrl } = variantOf(of);
	const load = observe({
		variant: variantOf(of),
		contextWindow: window,
		facts,
		sampling: 'engine',
		libraryUrl,
		adapter,
		reading,
		at: 1
	});
	if (!load) throw new Error('the load was not observed');
	return { ...load, ...overrides };
}

const sampling = (factor: number) => ({
	moment: 'chat' as const,
	buffers: factor,
	wholePages: true,
	bytesEach: ({ vocabulary }: Model) => BATCH * vocabulary * 4
});
const constant = (bytes: number) => ({
	moment: 'load' as const,
	buffers: 1,
	wholePages: false,
	bytesEach: () => bytes
});

function made(
	of: Model,
	window: number,
	loads: readonly Observation[],
	{ facts = factsOf(of), by = 'engine' }: { facts?: Facts; by?: TokenSampling } = {}
) {
	const variant = variantOf(of);
	const calibration = calibrationFor(calibrationsOf(loads, adapter), by, {
		url: variant.libraryUrl,
		fingerprint: facts.library?.fingerprint ?? null
	});
	const found = estimate(variant, window, facts, [], { calibration, sampling: by });
	if (!found) throw new Error('there is no estimate');
	return found;
}

const hiding = observed(small, 4096, allocate(small, 4096, [sampling(6)]));

describe('a calibration', () => {
	it('comes from one load at least', () => {
		expect(calibrate([])).toBeNull();
		expect(calibrate([hiding])?.sources).toHaveLength(1);
	});

	it('comes from the newest twelve loads: an older one that disagrees is forgotten', () => {
		const newer = Array.from({ length: 12 }, (_, i) => ({
			...observed(small, 1024 + 256 * i, allocate(small, 1024 + 256 * i, [sampling(6)])),
			at: 100 + i
		}));
		const older = { ...observed(large, 4096, allocate(large, 4096, [])), at: 1 };
		expect(calibrate([older, ...newer])?.certainty).not.toBe('contradicted');
		expect(calibrate([older, ...newer])?.sources.map(({ contextWindow }) => contextWindow)).toEqual(
			newer.map(({ contextWindow }) => contextWindow).reverse()
		);
		expect(calibrate([older, ...newer.slice(1)])?.certainty).toBe('contradicted');
	});

	it('corrects the part it was told of, and says where the correction comes from', () => {
		const before = made(middle, 4096, []);
		const after = made(middle, 4096, [hiding]);
		expect(after.samplingBytes).toBe(6 * 4096 * Math.ceil((BATCH * 151_936 * 4) / 4096));
		expect(after.kvBytes).toBe(before.kvBytes);
		expect(after.weightsBytes).toBe(before.weightsBytes);
		expect(after.confidence).toBe('library');
		expect(after.note).toMatch(
			/^Raised by 445 MiB: small, with the same kind of library, took \d+% more than planned here\.$/
		);
	});

	it('holds for the same kind of library, adapter and way of choosing tokens only', () => {
		const before = made(middle, 4096, []).peakBytes;
		const others: Partial<Observation>[] = [
			{ generation: 'another' },
			{ adapter: 'another' },
			{ sampling: 'lean' },
			// What was planned by other formulas.
			{ revision: hiding.revision + 1 }
		];
		for (const other of others)
			expect(made(middle, 4096, [{ ...hiding, ...other }]).peakBytes).toBe(before);
		const lean = { ...hiding, sampling: 'lean' as const };
		expect(made(middle, 4096, [lean], { by: 'lean' }).peakBytes).toBeGreaterThan(before);
		expect(made(middle, 4096, [hiding], { by: 'lean' }).peakBytes).toBe(before);
	});

	it('corrects nothing where the difference is within the margin, and then vouches for the plan', () => {
		fc.assert(
			fc.property(fc.double({ min: -0.019, max: 0.019, noNaN: true }), (ratio) => {
				const exact = allocate(small, 4096, []);
				const more = Math.round(ratio * exact.peakBytes);
				const reading = { ...exact, peakBytes: exact.peakBytes + Math.max(0, more) };
				const after = made(middle, 4096, [observed(small, 4096, reading)]);
				expect(after.correction).toMatchObject({ certainty: 'verified', bytes: 0 });
				expect(after.peakBytes).toBe(made(middle, 4096, []).peakBytes);
				expect(after.verified).toBe(true);
				expect(after.note).toBeNull();
			})
		);
	});

	it('adds a difference that nothing explains once, scales nothing, and is less sure', () => {
		const bytes = 123_456_789;
		const loads = [observed(small, 4096, allocate(small, 4096, [constant(bytes)]))];
		for (const [of, window] of [
			[middle, 1024],
			[large, 16_384]
		] as const) {
			const before = made(of, window, []);
			const after = made(of, window, loads);
			expect(after.peakBytes - before.peakBytes).toBeGreaterThanOrEqual(bytes);
			expect(after.peakBytes - before.peakBytes).toBeLessThan(1.01 * bytes);
			expect(after.correction?.certainty).toBe('undivided');
			expect(after.confidence).toBe('manifest');
			expect(after.verified).toBe(false);
			expect(after.marginRatio).toBeGreaterThanOrEqual(bytes / after.peakBytes);
			expect(after.note).toContain('for a reason not known yet');
		}
	});

	it('keeps a constant beside which a cache of the window takes nothing', () => {
		const shape = { ...hiding.shape, batch: 1, layers: 1, keyValueHeads: 1, headDim: 1 };
		const load = (
			[vocabulary, window]: [number, number],
			peakBytes: number,
			excess: number,
			groups: [number, number][]
		): Observation => ({
			...hiding,
			shape: { ...shape, vocabulary, window, positions: window },
			planned: {
				weightsBytes: peakBytes - excess,
				kvBytes: 0,
				runtimeBytes: 0,
				activationsBytes: 0,
				samplingBytes: 0,
				marginBytes: 0
			},
			measured: { ...hiding.measured, afterLoadBytes: peakBytes, peakBytes },
			groups: { load: groups, chat: [] }
		});
		// A constant and the vocabulary both explain the loads, so a second cause is tried: what the
		// constant leaves does not grow with the window.
		const calibration = calibrate([
			load([102, 8], 12e6, 216_000, [
				[10_800, 20],
				[9_300, 20]
			]),
			load([101, 8], 6e6, 180_000, [[9_000, 20]]),
			load([102, 16], 12e6, 192_000, [
				[9_600, 20],
				[9_000, 20]
			])
		]);
		expect(calibration?.certainty).toBe('undivided');
		expect(calibration?.terms.load).toContainEqual({
			scale: 'constant',
			bytesPer: 192_000,
			mostBytes: 192_000
		});
	});

	it('of two loads that disagree lowers the confidence and corrects nothing', () => {
		const exact = observed(large, 4096, allocate(large, 4096, []));
		const after = made(middle, 4096, [hiding, { ...exact, at: 2 }]);
		expect(after.peakBytes).toBe(made(middle, 4096, []).peakBytes);
		expect(after.correction).toMatchObject({ certainty: 'contradicted', bytes: 0 });
		expect(after.confidence).toBe('manifest');
		expect(after.marginRatio).toBeGreaterThanOrEqual(excessRatio(hiding));
	});

	it('leaves a plan as it is where one load took less, and nothing tells why', () => {
		const exact = allocate(small, 4096, []);
		const less = { ...exact, afterLoadBytes: exact.afterLoadBytes - 60 * MiB };
		const reading = { ...less, peakBytes: exact.peakBytes - 60 * MiB };
		const after = made(middle, 4096, [observed(small, 4096, reading)]);
		expect(after.peakBytes).toBe(made(middle, 4096, []).peakBytes);
		expect(after.correction).toMatchObject({ certainty: 'undivided', bytes: 0 });
	});

	it('takes planned sampling buffers back where a load never allocated them', () => {
		const planning = (of: Model): Facts => {
			const { library, config } = factsOf(of);
			if (!library || !config) throw new Error('the model was described');
			const usage = { softmax_with_temperature: 0, argsort_probs: 0, sample_with_top_p: 0 };
			return {
				config,
				library: {
					...library,
					memoryUsage: { ...library.memoryUsage, ...usage },
					imports: [{ module: 'env', name: 'TVMFFIWasmSafeCall', kind: 'function' }]
				}
			};
		};
		const facts = planning(middle);
		const without = allocate(small, 4096, []);
		const load = observed(small, 4096, without, {}, planning(small));
		const before = made(middle, 4096, [], { facts });
		const after = made(middle, 4096, [load], { facts });
		expect(before.samplingBytes).toBeGreaterThan(400 * MiB);
		expect(after.samplingBytes).toBe(0);
		expect(after.correction?.certainty).toBe('told');
		expect(after.note).toMatch(/^Lowered by 445 MiB/);
	});

	it('holds with less confidence for a variant of the same folder whose library was not read', () => {
		const { config } = factsOf(middle);
		const manifest = {
			shards: [],
			downloadBytes: 300 * MiB,
			gpuBytes: 300 * MiB,
			largestTensor: { name: 'w', bytes: 4 },
			tensorCount: 1
		};
		const facts: Facts = { ...(config && { config }), manifest };
		const before = made(middle, 4096, [], { facts });
		const after = made(middle, 4096, [hiding], { facts });
		expect(after.peakBytes - before.peakBytes).toBeGreaterThan(440 * MiB);
		expect(after.correction?.assumed).toBe(true);
		expect(after.marginRatio).toBeGreaterThan(before.marginRatio);
		expect(after.note).toContain('this one was not read yet');
		// Two kinds of library in the folder: nobody knows which of them this one is.
		const mixed = [hiding, { ...hiding, generation: 'another', variantId: 'b' }];
		expect(made(middle, 4096, mixed, { facts }).peakBytes).toBe(before.peakBytes);
		// The catalogue's figure is no sum of parts.
		expect(made(middle, 4096, [hiding], { facts: {} }).correction).toBeNull();
	});
});

const RANK: Record<VerdictKind, number> = { fits: 0, tight: 1, blocked: 2 };

/** Loads of three models that took anything at all, in buffers of any size. */
const anyLoads = fc
	.array(
		fc.record({
			of: fc.constantFrom(small, middle, large),
			window: fc.constantFrom(1024, 4096, 5000),
			afterLoadRatio: fc.double({ min: 0.3, max: 3, noNaN: true }),
			chatRatio: fc.double({ min: 0, max: 8, noNaN: true }),
			hidden: fc.integer({ min: 0, max: 9 })
		}),
		{ minLength: 1, maxLength: 5 }
	)
	.map((loads) =>
		loads.map(({ of, window, afterLoadRatio, chatRatio, hidden }, at) => {
			const exact = allocate(of, window, hidden ? [sampling(hidden)] : []);
			const chat = exact.peakBytes - exact.afterLoadBytes;
			// Most loads are measured as they are, some took anything.
			const afterLoadBytes =
				afterLoadRatio < 1
					? exact.afterLoadBytes
					: Math.round(exact.afterLoadBytes * afterLoadRatio);
			const peakBytes =
				afterLoadBytes + (chatRatio < 4 ? chat : Math.round(chat * (chatRatio - 4)));
			return observed(of, window, { ...exact, afterLoadBytes, peakBytes }, { at });
		})
	);
const modelOf = ({ variantId }: Observation): Model =>
	[small, middle, large].find(({ id }) => id === variantId) ?? small;

describe('calibration never makes a verdict more permissive than the measured peak', () => {
	it('a corrected plan is at least what each of its loads took', () => {
		fc.assert(
			fc.property(anyLoads, (loads) => {
				for (const load of newestOf(loads)) {
					const of = modelOf(load);
					const before = made(of, load.contextWindow, []).peakBytes;
					const after = made(of, load.contextWindow, newestOf(loads));
					if (after.correction?.bytes === 0) expect(after.peakBytes).toBe(before);
					else expect(after.peakBytes).toBeGreaterThanOrEqual(load.measured.peakBytes);
				}
			}),
			{ numRuns: runs(150) }
		);
	});

	it('nor at a larger window of what was measured, for any budget', () => {
		fc.assert(
			fc.property(
				anyLoads,
				fc.integer({ min: 64 * MiB, max: 8 * GiB }),
				fc.integer({ min: 0, max: 30_000 }),
				(all, bytes, more) => {
					const loads = newestOf(all);
					for (const load of loads) {
						const of = modelOf(load);
						const variant = variantOf(of);
						const facts = factsOf(of);
						const { library } = facts;
						const calibration = calibrationFor(calibrationsOf(loads, adapter), 'engine', {
							url: variant.libraryUrl,
							fingerprint: library?.fingerprint ?? null
						});
						const measured = loads
							.filter(({ variantId }) => variantId === variant.id)
							.map(({ contextWindow, measured: seen }) => ({ contextWindow, ...seen }));
						const window = load.contextWindow + more;
						// A load at this very window is what counts there.
						if (measured.some((m) => m.contextWindow === window && more > 0)) continue;
						const known = { facts, measured, failedWindow: null, calibration };
						const where = situation(bytes);
						const judged = judge(variant, window, known, where);
						if (!judged.estimate) throw new Error('there is no estimate');
						const atPeak = verdict(
							{
								variant,
								contextWindow: window,
								facts,
								estimate: { ...judged.estimate, peakBytes: load.measured.peakBytes }
							},
							where
						);
						expect(RANK[judged.verdict.kind]).toBeGreaterThanOrEqual(RANK[atPeak.kind]);
					}
				}
			)
		);
	});
});

/** One load of each variant and window, as the history keeps them. */
const newestOf = (loads: readonly Observation[]): Observation[] => [
	...new Map(loads.map((load) => [`${load.variantId} ${load.contextWindow}`, load])).values()
];

describe('a stored load that is hostile or damaged never breaks a plan', () => {
	const size = fc.oneof(fc.nat(2 ** 24), fc.constantFrom(0, 1, 2 ** 24));
	const positive = fc.oneof(fc.integer({ min: 1, max: 2 ** 24 }), fc.constantFrom(1, 2 ** 24));
	const bytes = fc.oneof(
		fc.nat(),
		fc.constantFrom(0, 1, 2 ** 45),
		fc.integer({ min: 0, max: 2 ** 45 })
	);
	const groups = fc.array(
		fc.tuple(fc.integer({ min: 1, max: 2 ** 45 }), fc.integer({ min: -(2 ** 20), max: 2 ** 20 })),
		{ maxLength: 24 }
	);
	const hostile: fc.Arbitrary<Observation> = fc
		.record({
			variantId: fc.constantFrom('small', 'middle', 'x'),
			contextWindow: positive,
			shape: fc.record({
				batch: positive,
				vocabulary: size,
				window: positive,
				positions: positive,
				layers: size,
				keyValueHeads: size,
				headDim: size,
				elementBytes: positive
			}),
			planned: fc.record({
				weightsBytes: bytes,
				kvBytes: bytes,
				runtimeBytes: bytes,
				activationsBytes: bytes,
				samplingBytes: bytes,
				marginBytes: bytes
			}),
			measured: fc
				.record({
					weightsBytes: bytes,
					kvBytes: bytes,
					samplingBytes: bytes,
					afterLoadBytes: bytes,
					more: bytes
				})
				.map(({ more, afterLoadBytes, ...rest }) => ({
					...rest,
					afterLoadBytes: Math.max(1, afterLoadBytes),
					peakBytes: Math.min(2 ** 45, Math.max(1, afterLoadBytes) + more)
				})),
			groups: fc.record({ load: groups, chat: groups })
		})
		.map((fields) => ({ ...hiding, ...fields }));

	const sound = (calibration: Calibration | null) => {
		for (const window of [512, 4096, 131_072]) {
			const facts = factsOf(middle);
			const found = estimate(variantOf(middle), window, facts, [], { calibration });
			if (!found) throw new Error('there is no estimate');
			const { weightsBytes, kvBytes, activationsBytes, runtimeBytes, samplingBytes } = found;
			for (const part of [weightsBytes, kvBytes, activationsBytes, runtimeBytes, samplingBytes])
				expect(Number.isSafeInteger(part) && part >= 0).toBe(true);
			expect(weightsBytes + kvBytes + runtimeBytes).toBe(found.afterLoadBytes);
			expect(found.afterLoadBytes + activationsBytes + samplingBytes).toBe(found.peakBytes);
			expect(Number.isFinite(found.marginRatio)).toBe(true);
			expect(found.note ?? '').not.toMatch(/NaN|Infinity|undefined/);
			const larger = estimate(variantOf(middle), window + 777, facts, [], { calibration });
			expect(larger?.peakBytes).toBeGreaterThanOrEqual(found.peakBytes);
			expect(larger?.kvBytes).toBeGreaterThanOrEqual(kvBytes);
		}
	};

	it('whatever the figures of records that parse', () => {
		fc.assert(
			fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (loads) => {
				const parsed = loads.filter((load) => v.is(observationSchema, load));
				fc.pre(parsed.length > 0);
				sound(calibrate(parsed));
			}),
			{ numRuns: runs(150) }
		);
	});

	it('nor does one that took gigabytes where nothing was planned', () => {
		const nothing = {
			weightsBytes: 0,
			kvBytes: 0,
			runtimeBytes: 0,
			activationsBytes: 0,
			samplingBytes: 0,
			marginBytes: 0
		};
		const load = {
			...observed(middle, 4096, allocate(middle, 4096, [])),
			planned: nothing,
			measured: {
				weightsBytes: 0,
				kvBytes: 0,
				samplingBytes: 0,
				afterLoadBytes: 3_125_235_105,
				peakBytes: 3_129_930_000
			}
		};
		expect(v.is(observationSchema, load)).toBe(true);
		sound(calibrate([load]));
	});

	it('nor do true records with one figure changed', () => {
		const key = fc.constantFrom('afterLoadBytes' as const, 'peakBytes' as const);
		fc.assert(
			fc.property(key, bytes, anyLoads, (field, value, loads) => {
				const [first, ...others] = loads;
				if (!first) throw new Error('there is a load');
				const changed = { ...first, measured: { ...first.measured, [field]: value } };
				fc.pre(v.is(observationSchema, changed));
				sound(calibrate([changed, ...others]));
			})
		);
	});
});

it('a load is planned as the page planned it, part by part', () => {
	const exact = allocate(middle, 4096, []);
	const load = observed(middle, 4096, exact);
	expect(load.measured.weightsBytes).toBe(load.planned.weightsBytes);
	expect(load.measured.kvBytes).toBe(load.planned.kvBytes);
	expect(plannedPeak(load)).toBe(exact.peakBytes);
	expect(observe({ ...seenOf(middle, exact), facts: {} })).toBeNull();
});

const seenOf = (of: Model, reading: LoadReading) => ({
	variant: variantOf(of),
	contextWindow: 4096,
	sampling: 'engine' as const,
	libraryUrl: '',
	adapter,
	reading,
	at: 1
});
