import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../models/facts.ts';
import {
	libraryOf,
	newerQwen,
	newerQwenMetadata,
	QWEN_VOCABULARY
} from './newer-libraries.fixture.ts';
import { observationSchema, type BufferSizes, type Observation } from './observation.ts';
import {
	beyondMargin,
	evidenceOf,
	excessRatio,
	marginOf,
	observe,
	plannedAfterLoad,
	plannedPeak,
	type Observed
} from './observe.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

const NOTHING = { afterLoadBytes: 1, peakBytes: 2, sizes: { afterLoad: [], afterFirstToken: [] } };
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Bytes that can be added up by hand: 1000 after loading, 1500 at the peak. */
const load: Observation = {
	variantId: 'a',
	libraryUrl: 'https://lib.test/a.wasm',
	adapter: 'an adapter',
	contextWindow: 4096,
	generation: '0123',
	sampling: 'engine',
	revision: 1,
	shape: {
		batch: 4,
		vocabulary: 100,
		window: 4096,
		positions: 4112,
		layers: 2,
		keyValueHeads: 1,
		headDim: 8,
		elementBytes: 2
	},
	planned: {
		weightsBytes: 700,
		kvBytes: 200,
		runtimeBytes: 100,
		activationsBytes: 300,
		samplingBytes: 200,
		marginBytes: 0
	},
	measured: {
		weightsBytes: 700,
		kvBytes: 200,
		samplingBytes: 200,
		afterLoadBytes: 1000,
		peakBytes: 1500
	},
	groups: { load: [], chat: [] },
	at: 1
};
const measuring = (
	afterLoadBytes: number,
	peakBytes: number,
	marginBytes = load.planned.marginBytes
): Observation => ({
	...load,
	planned: { ...load.planned, marginBytes },
	measured: { ...load.measured, afterLoadBytes, peakBytes }
});

describe('a load against its plan', () => {
	it('is compared at two moments', () => {
		expect([plannedAfterLoad(load), plannedPeak(load)]).toEqual([1000, 1500]);
		expect(excessRatio(measuring(1000, 1770))).toBeCloseTo(0.18, 12);
		expect(excessRatio(measuring(1000, 1485))).toBeCloseTo(-0.01, 12);
	});

	it('differs where it is off by more than 2 % of the peak, or by more than its plan allows for', () => {
		expect(marginOf(load)).toBe(30);
		const differing = (
			[
				[1000, 1530],
				[1000, 1531],
				[1000, 1470],
				[1000, 1469],
				[1030, 1500],
				[1031, 1500],
				[970, 1500],
				[969, 1500]
			] as const
		).map(([afterLoad, peak]) => beyondMargin(measuring(afterLoad, peak)));
		expect(differing).toEqual([false, true, false, true, false, true, false, true]);
		expect(beyondMargin(measuring(1000, 1600, 100))).toBe(false);
		expect(beyondMargin(measuring(1000, 1601, 100))).toBe(true);
	});

	it('is evidence of what came on loading, and of what chatting added', () => {
		const groups = { load: [[8, 1]], chat: [[16, 2]] } satisfies Observation['groups'];
		const seen = { ...measuring(1100, 1900), groups };
		expect(evidenceOf(seen, 'load')).toMatchObject({ excessBytes: 100, groups: groups.load });
		// 800 were added, 500 were planned.
		expect(evidenceOf(seen, 'chat')).toMatchObject({
			excessBytes: 300,
			groups: groups.chat,
			marginBytes: 30
		});
	});

	it.each([
		// Half a percent of something small.
		[MiB, 0.005 * MiB, 0.005 * MiB],
		// 64 KiB and 1.25 MiB: what runtimes take besides.
		[32 * MiB, MiB / 16, 0.005 * 32 * MiB],
		[512 * MiB, 0.0005 * 512 * MiB, 1.25 * MiB],
		// Shares of something large.
		[4 * GiB, 0.0005 * 4 * GiB, 0.0015 * 4 * GiB]
	])(
		'of %d bytes is tolerated within %d after loading and %d with the first token',
		(peak, onLoad, onChat) => {
			const seen = measuring(1000, peak);
			expect(evidenceOf(seen, 'load').toleranceBytes).toBeCloseTo(onLoad, 6);
			expect(evidenceOf(seen, 'chat').toleranceBytes).toBeCloseTo(onChat, 6);
		}
	);
});

describe('the buffers of a load', () => {
	const facts: Facts = { library: qwenLibrary('q4f16_1') };
	const LAYER = 257 * 2 * 2 * 16 * 64 * 2;

	function observed(
		afterLoad: BufferSizes,
		afterFirstToken: BufferSizes = afterLoad,
		of: Facts = facts,
		sampling: 'engine' | 'lean' = 'engine'
	): Observation {
		const made = observe({
			variant: qwenVariant('q4f16_1'),
			contextWindow: 4096,
			facts: of,
			sampling,
			libraryUrl: 'https://lib.test/a.wasm',
			adapter: 'an adapter',
			reading: { afterLoadBytes: 1, peakBytes: 2, sizes: { afterLoad, afterFirstToken } },
			at: 1
		});
		if (!made) throw new Error('the load was not observed');
		return made;
	}

	it('of the KV cache are one per layer, or two in all', () => {
		expect(observed([[LAYER, 24]]).measured.kvBytes).toBe(24 * LAYER);
		expect(observed([[12 * LAYER, 2]]).measured.kvBytes).toBe(24 * LAYER);
		expect(observed([[LAYER, 20]]).measured.kvBytes).toBe(20 * LAYER);
		// More of the same size are something else.
		const more = observed([[LAYER, 25]]);
		expect(more.measured.kvBytes).toBe(24 * LAYER);
		expect(more.groups.load).toContainEqual([LAYER, 1]);
	});

	it('of the KV cache are recognized in a model of one layer', () => {
		const library = qwenLibrary('q4f16_1');
		const attention = library.attention && { ...library.attention, layers: 1 };
		const one = { library: { ...library, attention } };
		expect(observed([[LAYER, 1]], [[LAYER, 1]], one).measured.kvBytes).toBe(LAYER);
	});

	it('that are planned and missing count below 0', () => {
		expect(observed([]).groups.load).toContainEqual([LAYER, -24]);
		expect(observed([]).measured).toMatchObject({ weightsBytes: 0, kvBytes: 0 });
	});

	it('of weights are those of the parameters, in whole words', () => {
		// The embedding: 151936 x 896 weights in 4 bits, and a scale of two bytes for each 32.
		const embedding = (151_936 * 896) / 2;
		const scales = ((151_936 * 896) / 32) * 2;
		const found = observed([
			[embedding, 1],
			[scales, 2]
		]);
		expect(found.measured.weightsBytes).toBe(embedding + scales);
		expect(found.groups.load).toContainEqual([scales, 1]);
		// 24 norms of each of two kinds and the last one, of 896 x 2 bytes; biases of 1152 x 2.
		expect(observed([[1792, 60]]).measured.weightsBytes).toBe(49 * 1792);
		expect(observed([[2304, 60]]).measured.weightsBytes).toBe(24 * 2304);
		const odd = {
			library: {
				...qwenLibrary('q4f16_1'),
				params: [{ name: 'odd', shape: [3], dtype: 'float16' }]
			}
		};
		expect(observed([[8, 1]], [[8, 1]], odd).measured.weightsBytes).toBe(8);
		const one = {
			library: { ...odd.library, params: [{ name: 'one', shape: [1], dtype: 'float16' }] }
		};
		expect(observed([[4, 1]], [[4, 1]], one).measured.weightsBytes).toBe(4);
	});

	it('that the first token adds are those that were not there before', () => {
		const found = observed(
			[
				[100, 2],
				[200, 3]
			],
			[
				[100, 5],
				[200, 1],
				[300, 1]
			]
		);
		// What was freed is none of them.
		expect(found.groups.chat).toEqual([
			[100, 3],
			[300, 1]
		]);
	});

	it('for choosing tokens are recognized by batch and vocabulary, in whole pages', () => {
		const binding = 128 * QWEN_VOCABULARY * 4;
		const page = Math.ceil(binding / 4096) * 4096;
		const taken = (of: Facts, buffers: number) =>
			observed([], [[page, buffers]], of).measured.samplingBytes / page;
		const softmax = newerQwen('q4f16_1');
		expect([1, 2].map((n) => taken(softmax, n))).toEqual([1, 1]);
		const metadata = newerQwenMetadata('q4f16_1');
		const all = { argsort_probs: 0, sample_with_top_p: 0 };
		const six: Facts = {
			...softmax,
			library: libraryOf({ ...metadata, memory_usage: { ...metadata.memory_usage, ...all } })
		};
		expect([5, 6, 7].map((n) => taken(six, n))).toEqual([5, 6, 6]);
		expect(observed([], [[page, 6]], six, 'lean').measured.samplingBytes).toBe(0);
	});

	it('are kept up to 24 groups, the largest in all first', () => {
		const many = Array.from({ length: 30 }, (_, i): [number, number] => [4 * (i + 1), 30 - i]);
		const { load: kept } = observed([], many, facts).groups;
		const { chat } = observed([], many, facts).groups;
		const totals = chat.map(([bytes, count]) => bytes * count);
		expect(chat).toHaveLength(24);
		expect(totals).toEqual([...totals].sort((a, b) => b - a));
		expect(Math.min(...totals)).toBeGreaterThanOrEqual(
			Math.max(
				...many.filter(([bytes]) => !chat.some(([kept]) => kept === bytes)).map(([b, n]) => b * n)
			)
		);
		expect(kept.every(([, count]) => count !== 0)).toBe(true);
	});
});

describe('a load of which too little is known', () => {
	it.each<[string, Partial<Observed>]>([
		['without its library', { facts: {} }],
		['at a window of nothing', { contextWindow: 0 }],
		['with a peak of nothing', { reading: { ...NOTHING, peakBytes: 0 } }],
		['with a peak below what it held before', { reading: { ...NOTHING, afterLoadBytes: 3 } }]
	])('%s is not kept', (_, change) => {
		const whole: Observed = {
			variant: qwenVariant('q4f16_1'),
			contextWindow: 4096,
			facts: { library: qwenLibrary('q4f16_1') },
			sampling: 'engine',
			libraryUrl: 'https://lib.test/a.wasm',
			adapter: 'an adapter',
			reading: NOTHING,
			at: 1
		};
		expect(observe(whole)).not.toBeNull();
		expect(observe({ ...whole, ...change })).toBeNull();
	});
});

describe('a kept load', () => {
	const is = (given: unknown) => v.is(observationSchema, given);
	const changed = (path: string, value: unknown) => {
		const copy = structuredClone(load) as unknown as Record<string, unknown>;
		const names = path.split('.');
		const last = names.pop() ?? '';
		const owner = names.reduce((at, name) => at[name] as Record<string, unknown>, copy);
		owner[last] = value;
		return copy;
	};

	it.each<[string, unknown, unknown]>([
		['variantId', 'x'.repeat(2000), 'x'.repeat(2001)],
		['libraryUrl', 'x'.repeat(2000), 'x'.repeat(2001)],
		['adapter', '', 7],
		['generation', 'x'.repeat(200), 'x'.repeat(201)],
		['generation', 'x', ''],
		['contextWindow', 1, 0],
		['contextWindow', 2 ** 24, 2 ** 24 + 1],
		['sampling', 'lean', 'both'],
		['revision', 7, 0.5],
		['shape.batch', 1, 0],
		['shape.window', 2 ** 24, 2 ** 24 + 1],
		['shape.positions', 1, 0],
		['shape.elementBytes', 1, 0],
		['shape.vocabulary', 0, -1],
		['shape.vocabulary', 2 ** 24, 2 ** 24 + 1],
		['shape.layers', 0, 1.5],
		['planned.weightsBytes', 0, -1],
		['planned.kvBytes', 2 ** 45, 2 ** 45 + 1],
		['measured.weightsBytes', 0, -1],
		['measured.afterLoadBytes', 1, 0],
		['measured.afterLoadBytes', 1500, 1501],
		['measured.peakBytes', 2 ** 45, 2 ** 45 + 1],
		['groups.load', [[1, 0]], [[0, 1]]],
		['groups.load', [[2 ** 45, 1]], [[2 ** 45 + 1, 1]]],
		['groups.chat', [[1, 2 ** 20]], [[1, 2 ** 20 + 1]]],
		['groups.chat', [[1, -(2 ** 20)]], [[1, -(2 ** 20) - 1]]],
		['groups.chat', Array(24).fill([1, 1]), Array(25).fill([1, 1])],
		['groups.chat', [[1, 1]], [[1, 1, 1]]],
		['at', 0, -1],
		['at', 1e15, Infinity]
	])('has a %s from one bound to the other', (path, good, bad) => {
		expect(is(changed(path, good))).toBe(true);
		expect(is(changed(path, bad))).toBe(false);
	});

	it('may have had one byte, and its peak at once', () => {
		expect(is({ ...load, measured: { ...load.measured, afterLoadBytes: 1, peakBytes: 1 } })).toBe(
			true
		);
	});
});
