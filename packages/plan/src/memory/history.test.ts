import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetOf } from '../device/budget.ts';
import { estimate } from './estimate.ts';
import {
	adapterKey,
	EMPTY_HISTORY,
	FAILURE_LIFE_MS,
	failedWindow,
	measuredOf,
	observedCeiling,
	parseHistory,
	type Measurement,
	type MemoryFailure
} from './history.ts';
import { HISTORY_V1 } from './history-v1.fixture.ts';
import { recordFailure, recordLoad, recordMeasurement, withoutLibrary } from './learning.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import { device, GiB, MiB } from './samples.fixture.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

const key = {
	variantId: 'Qwen2-0.5B-Instruct-q4f16_1-MLC',
	libraryUrl: 'https://lib.test/a.wasm',
	adapter: adapterKey(device()),
	sampling: 'engine' as const
};

const now = 1_800_000_000_000;

const measurement = (overrides: Partial<Measurement> = {}): Measurement => ({
	...key,
	contextWindow: 4096,
	afterLoadBytes: 383 * MiB,
	peakBytes: 426 * MiB,
	at: now,
	...overrides
});

const failure = (overrides: Partial<MemoryFailure> = {}): MemoryFailure => ({
	...key,
	contextWindow: 4096,
	neededBytes: 1.5 * GiB,
	at: now,
	...overrides
});

function load(): Observation {
	const observed = observe({
		...key,
		variant: qwenVariant('q4f16_1'),
		contextWindow: 4096,
		facts: { library: qwenLibrary('q4f16_1') },
		reading: {
			afterLoadBytes: 383 * MiB,
			peakBytes: 500 * MiB,
			sizes: { afterLoad: [[MiB, 383]], afterFirstToken: [[MiB, 500]] }
		},
		at: now
	});
	if (!observed) throw new Error('the load was not observed');
	return observed;
}

const failed = (...failures: MemoryFailure[]) =>
	failures.reduce((history, f) => recordFailure(history, f, 'out-of-memory'), EMPTY_HISTORY);

describe('measurements', () => {
	it('are found for the same variant, library and adapter only', () => {
		const history = recordMeasurement(EMPTY_HISTORY, measurement());
		expect(measuredOf(history, key)).toEqual([measurement()]);
		for (const other of ['variantId', 'libraryUrl', 'adapter'] as const)
			expect(measuredOf(history, { ...key, [other]: 'another' })).toEqual([]);
	});

	it('give way to newer ones of the same window, and stand beside other windows', () => {
		let history = recordMeasurement(EMPTY_HISTORY, measurement());
		history = recordMeasurement(history, measurement({ contextWindow: 1024 }));
		history = recordMeasurement(history, measurement({ peakBytes: 430 * MiB, at: now + 1 }));
		expect(measuredOf(history, key).map((m) => [m.contextWindow, m.peakBytes])).toEqual([
			[1024, 426 * MiB],
			[4096, 430 * MiB]
		]);
	});

	it('are what the estimate then says', () => {
		const history = recordMeasurement(EMPTY_HISTORY, measurement());
		const made = estimate(qwenVariant('q4f16_1'), 4096, null, measuredOf(history, key));
		expect(made).toMatchObject({ confidence: 'measured', peakBytes: 426 * MiB });
	});

	it.each([
		['NaN', { peakBytes: NaN }],
		['nothing', { afterLoadBytes: 0 }],
		['a peak below what was held', { peakBytes: 1 }],
		['half a token', { contextWindow: 0.5 }]
	])('of %s are not taken', (_, broken) => {
		expect(recordMeasurement(EMPTY_HISTORY, measurement(broken))).toBe(EMPTY_HISTORY);
	});
});

describe('a history', () => {
	const many = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

	it('keeps the newest 500 measurements and failures, and 100 loads', () => {
		let history = EMPTY_HISTORY;
		for (const i of many(502)) {
			history = recordMeasurement(history, measurement({ contextWindow: i }));
			history = recordFailure(
				history,
				failure({ contextWindow: 100_000 + i, variantId: 'other', neededBytes: 2 ** 40 }),
				'out-of-memory'
			);
			if (i <= 102) history = recordLoad(history, { ...load(), contextWindow: i });
		}
		expect(history.measurements.map(({ contextWindow }) => contextWindow)).toEqual(
			many(502).slice(2)
		);
		expect(history.failures.map(({ contextWindow }) => contextWindow - 100_000)).toEqual(
			many(502).slice(2)
		);
		expect(history.loads.map(({ contextWindow }) => contextWindow)).toEqual(many(102).slice(2));
		// Loads come with their buffers: a stored history with more of them is cut, too.
		const more = { ...history, loads: [load(), ...history.loads] };
		expect(parseHistory(JSON.parse(JSON.stringify(more))).loads).toEqual(history.loads);
	});

	it.each<[string, Partial<Measurement>, boolean]>([
		['one byte', { afterLoadBytes: 1, peakBytes: 1 }, true],
		['no bytes', { afterLoadBytes: 0, peakBytes: 1 }, false],
		['one token', { contextWindow: 1 }, true],
		['no tokens', { contextWindow: 0 }, false],
		['the first moment of time', { at: 0 }, true],
		['a moment before', { at: -1 }, false],
		['no moment', { at: Infinity }, false],
		['a long name', { variantId: 'x'.repeat(2000) }, true],
		['a longer name', { variantId: 'x'.repeat(2001) }, false]
	])('takes a measurement of %s: %3$s', (_, given, taken) => {
		const history = recordMeasurement(EMPTY_HISTORY, measurement(given));
		expect(history.measurements).toHaveLength(taken ? 1 : 0);
		const stored = { ...EMPTY_HISTORY, measurements: [measurement(given)] };
		expect(parseHistory(stored).measurements).toHaveLength(taken ? 1 : 0);
	});

	it('takes a failure that needed something', () => {
		expect(failed(failure({ neededBytes: 1 })).failures).toHaveLength(1);
		expect(failed(failure({ neededBytes: 0 })).failures).toHaveLength(0);
	});
});

describe('loads compared with their plans', () => {
	it('give way to newer ones of the same variant, window and way of choosing tokens', () => {
		const later = { ...load(), at: now + 1 };
		const others = [
			{ ...load(), contextWindow: 1024 },
			{ ...load(), sampling: 'lean' as const },
			{ ...load(), variantId: 'another' }
		];
		const history = [load(), ...others, later].reduce(recordLoad, EMPTY_HISTORY);
		expect(history.loads).toEqual([...others, later]);
		expect(parseHistory(JSON.parse(JSON.stringify(history)))).toEqual(history);
	});

	it('go when the library is no longer the same', () => {
		const history = recordLoad(EMPTY_HISTORY, load());
		expect(withoutLibrary(history, load().libraryUrl).loads).toEqual([]);
		expect(withoutLibrary(history, 'https://lib.test/b.wasm').loads).toEqual([load()]);
	});

	it('that are damaged are not taken', () => {
		expect(recordLoad(EMPTY_HISTORY, { ...load(), generation: '' })).toBe(EMPTY_HISTORY);
	});
});

describe('loads that failed', () => {
	it('are remembered when memory was the cause, and only then', () => {
		expect(failed(failure()).failures).toHaveLength(1);
		for (const kind of ['device-lost', 'network', 'cancelled', 'engine', 'bad-file'])
			expect(recordFailure(EMPTY_HISTORY, failure(), kind)).toBe(EMPTY_HISTORY);
	});

	it('bound what the adapter has by the smallest that did not fit', () => {
		const history = failed(failure(), failure({ variantId: 'b', neededBytes: GiB }));
		expect(observedCeiling(history, key.adapter, now)).toBe(GiB);
		expect(observedCeiling(history, 'another', now)).toBeNull();
	});

	it('lower an assumed budget and never a declared one', () => {
		const observedCeilingBytes = observedCeiling(failed(failure()), key.adapter, now);
		expect(budgetOf(device(), { observedCeilingBytes }).totalBytes).toBe(1.5 * GiB);
		const declared = budgetOf(device(), { observedCeilingBytes, declaredBytes: 8 * GiB });
		expect(declared.totalBytes).toBe(8 * GiB);
	});

	it('are replaced by later ones of the same window, and stand beside others', () => {
		const history = failed(
			failure(),
			failure({ contextWindow: 8192 }),
			failure({ sampling: 'lean' }),
			failure({ neededBytes: 2 * GiB })
		);
		expect(
			history.failures.map(({ contextWindow, neededBytes }) => [contextWindow, neededBytes / GiB])
		).toEqual([
			[8192, 1.5],
			[4096, 1.5],
			[4096, 2]
		]);
	});

	it('are disproved by a success at exactly what they needed, on the same adapter', () => {
		const before = failed(failure({ variantId: 'b' }));
		const exact = measurement({ peakBytes: 1.5 * GiB });
		expect(recordMeasurement(before, exact).failures).toEqual([]);
		expect(recordMeasurement(before, { ...exact, adapter: 'another' }).failures).toHaveLength(1);
	});

	it('last for two weeks, and those of a clock that ran ahead no longer than that', () => {
		const day = 24 * 3600 * 1000;
		expect(FAILURE_LIFE_MS).toBe(14 * day);
		const at = (days: number) => failedWindow(failed(failure({ at: now + days * day })), key, now);
		expect([-14, -13.99, 0, 14, 14.01].map(at)).toEqual([null, 4096, 4096, 4096, null]);
	});

	it('expire', () => {
		const history = failed(failure());
		const last = now + FAILURE_LIFE_MS - 1;
		expect(observedCeiling(history, key.adapter, last)).toBe(1.5 * GiB);
		expect(observedCeiling(history, key.adapter, last + 1)).toBeNull();
		expect(failedWindow(history, key, last + 1)).toBeNull();
	});

	it('are disproved by a success that took as much', () => {
		const small = recordMeasurement(failed(failure({ variantId: 'b' })), measurement());
		expect(observedCeiling(small, key.adapter, now)).toBe(1.5 * GiB);
		const large = recordMeasurement(small, measurement({ peakBytes: 2 * GiB }));
		expect(observedCeiling(large, key.adapter, now)).toBeNull();
	});

	it('are disproved for a variant by its own success', () => {
		const history = failed(failure(), failure({ contextWindow: 8192 }));
		expect(failedWindow(history, key, now)).toBe(4096);
		expect(failedWindow(recordMeasurement(history, measurement()), key, now)).toBe(8192);
	});
});

it('what was seen of a library goes with it, and nothing else', () => {
	const gone = 'https://lib.test/gone.wasm';
	let history = failed(failure(), failure({ libraryUrl: gone, contextWindow: 2 }));
	history = recordMeasurement(history, measurement({ peakBytes: 400 * MiB, contextWindow: 1 }));
	history = recordMeasurement(history, {
		...measurement({ peakBytes: 400 * MiB, contextWindow: 1 }),
		libraryUrl: gone
	});
	const left = withoutLibrary(history, gone);
	expect([history.measurements.length, history.failures.length]).toEqual([2, 2]);
	expect(left.measurements.map(({ libraryUrl }) => libraryUrl)).toEqual([key.libraryUrl]);
	expect(left.failures.map(({ libraryUrl }) => libraryUrl)).toEqual([key.libraryUrl]);
});

describe('parseHistory', () => {
	it('gives back what was stored', () => {
		const anyRecord = fc.record({
			variantId: fc.string({ maxLength: 20 }),
			libraryUrl: fc.string({ maxLength: 20 }),
			adapter: fc.string({ maxLength: 20 }),
			sampling: fc.constantFrom('engine' as const, 'lean' as const),
			contextWindow: fc.integer({ min: 1, max: 131_072 }),
			neededBytes: fc.integer({ min: 1, max: 2 ** 45 }),
			at: fc.nat()
		});
		fc.assert(
			fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
				const history = records.reduce(
					(h, { neededBytes, ...rest }) =>
						recordMeasurement(recordFailure(h, { ...rest, neededBytes }, 'out-of-memory'), {
							...rest,
							afterLoadBytes: 1,
							peakBytes: neededBytes
						}),
					EMPTY_HISTORY
				);
				expect(parseHistory(JSON.parse(JSON.stringify(history)))).toEqual(history);
			})
		);
	});

	it('leaves out records that are damaged and keeps the others', () => {
		const stored = {
			version: 2,
			measurements: [measurement(), { ...measurement(), peakBytes: '426 MiB' }, null],
			failures: [7, failure()],
			loads: [load(), { ...load(), groups: { load: [[NaN, 1]], chat: [] } }, 'a load']
		};
		expect(parseHistory(stored)).toEqual({
			version: 2,
			measurements: [measurement()],
			failures: [failure()],
			loads: [load()]
		});
	});

	it('takes anything else for an empty history', () => {
		fc.assert(
			fc.property(fc.anything(), (value) => {
				expect(parseHistory(value)).toEqual(EMPTY_HISTORY);
			})
		);
		expect(parseHistory({ version: 3, measurements: [], failures: [] })).toEqual(EMPTY_HISTORY);
	});

	it('reads what version 1 kept, when the engine chose all tokens and no loads were compared', () => {
		const old: unknown = JSON.parse(HISTORY_V1);
		const history = parseHistory(old);
		expect(history.version).toBe(2);
		expect(history.loads).toEqual([]);
		expect(history.measurements).toHaveLength(2);
		expect(history.failures).toHaveLength(1);
		for (const { sampling } of [...history.measurements, ...history.failures])
			expect(sampling).toBe('engine');
		const [{ variantId, libraryUrl, adapter } = key] = history.measurements;
		const kept = { variantId, libraryUrl, adapter };
		expect(measuredOf(history, { ...kept, sampling: 'engine' })).toMatchObject([
			{ contextWindow: 1024, afterLoadBytes: 1_583_112, peakBytes: 2_134_760 }
		]);
		expect(measuredOf(history, { ...kept, sampling: 'lean' })).toEqual([]);
	});
});

it('tells adapters apart by what they say of themselves', () => {
	expect(adapterKey(device({ gpuName: 'NVIDIA GeForce RTX 4060' }))).not.toBe(adapterKey(device()));
	expect(adapterKey(device({ software: true }))).toBe(adapterKey(device()));
});
