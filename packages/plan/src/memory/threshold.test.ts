import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_HISTORY, FAILURE_LIFE_MS, type MemoryHistory } from './history.ts';
import { suggestThreshold, type ThresholdQuestion } from './threshold.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const BUDGET = 1000;
const RANGE = { min: 0.5, max: 1 };

interface Happened {
	share: number;
	at?: number;
	adapter?: string;
}
const key = (contextWindow: number, adapter = 'here') => ({
	variantId: 'a',
	contextWindow,
	libraryUrl: 'https://example.com/a.wasm',
	adapter,
	sampling: 'engine' as const
});
const history = ({
	failed = [],
	worked = []
}: {
	failed?: Happened[];
	worked?: Happened[];
}): MemoryHistory => ({
	...EMPTY_HISTORY,
	failures: failed.map(({ share, at = NOW - HOUR, adapter }, i) => ({
		...key(i + 1, adapter),
		neededBytes: Math.max(1, Math.round(share * BUDGET)),
		at
	})),
	measurements: worked.map(({ share, at = NOW - 2 * HOUR, adapter }, i) => {
		const bytes = Math.max(1, Math.round(share * BUDGET));
		return { ...key(i + 1, adapter), afterLoadBytes: bytes, peakBytes: bytes, at };
	})
});
const suggest = (
	happened: Parameters<typeof history>[0],
	change: Partial<ThresholdQuestion> = {}
) =>
	suggestThreshold({
		history: history(happened),
		adapter: 'here',
		budgetBytes: BUDGET,
		threshold: 0.9,
		range: RANGE,
		now: NOW,
		...change
	});

test('nothing is suggested where nothing happened, or nothing that speaks against the threshold', () => {
	expect(suggest({})).toBeNull();
	expect(suggest({ worked: [{ share: 0.4 }, { share: 0.9 }] })).toBeNull();
	expect(suggest({ failed: [{ share: 0.95 }] })).toBeNull();
	expect(suggest({ failed: [{ share: 0.8 }] }, { budgetBytes: 0 })).toBeNull();
});

test('without a budget nothing is suggested, and with one of a single byte it is', () => {
	const nothing = { threshold: null, budgetBytes: 0 };
	expect(suggest({ failed: [{ share: 0.8 }] }, nothing)).toBeNull();
	expect(suggest({ failed: [{ share: 0.8 }] }, { ...nothing, budgetBytes: NaN })).toBeNull();
	const one = suggest({ failed: [{ share: 1 / BUDGET }] }, { ...nothing, budgetBytes: 1 });
	expect(one).toMatchObject({ ratio: 0.99, kind: 'lower' });
});

test('it admits what is planned at it exactly, and blocks what is planned above', () => {
	expect(suggest({ failed: [{ share: 0.9 }] })).toMatchObject({ ratio: 0.89, kind: 'lower' });
	expect(suggest({ failed: [{ share: 0.901 }] })).toBeNull();
	// What took just as much is admitted already, and no reason to raise it.
	const sentence = suggest({ worked: [{ share: 0.9 }, { share: 0.95 }] })?.sentence;
	expect(sentence).toMatch(/^A load that took up to 95%/);
	const both = suggest({ worked: [{ share: 0.94 }, { share: 0.95 }] })?.sentence;
	expect(both).toMatch(/^2 loads that took up to 95% .* blocks them\.$/);
});

test('it goes down to the lowest that may be set, and no further', () => {
	expect(suggest({ failed: [{ share: 0.51 }] })).toMatchObject({ ratio: 0.5 });
	expect(suggest({ failed: [{ share: 0.5 }] })).toBeNull();
});

test('it goes up to the whole budget, and to the least that may be set from below', () => {
	expect(suggest({ worked: [{ share: 1 }] })).toMatchObject({ ratio: 1, kind: 'higher' });
	expect(suggest({ worked: [{ share: 1.001 }] })).toBeNull();
	const low = { threshold: 0.4 };
	expect(suggest({ worked: [{ share: 0.5 }] }, low)).toMatchObject({ ratio: 0.5 });
	expect(suggest({ worked: [{ share: 0.49 }] }, low)).toBeNull();
});

test('where what failed leaves no room above it, it is not raised', () => {
	const both = { worked: [{ share: 0.905 }], failed: [{ share: 0.91 }] };
	expect(suggest(both)).toBeNull();
	// Nor is it lowered for what it blocks anyway.
	expect(suggest({ worked: [{ share: 0.902 }], failed: [{ share: 0.904 }] })).toBeNull();
});

test('loads that it admitted and that ran out of memory lower it to just below the smallest', () => {
	expect(suggest({ failed: [{ share: 0.8 }] })).toEqual({
		ratio: 0.79,
		kind: 'lower',
		sentence: 'A load planned at 80% of the budget ran out of GPU memory here.'
	});
	const two = suggest({ failed: [{ share: 0.855 }, { share: 0.8 }, { share: 0.97 }] });
	expect(two).toMatchObject({ ratio: 0.79, kind: 'lower' });
	expect(two?.sentence).toMatch(/^2 loads planned at 80% of the budget or more ran out/);
});

test('with the check off, what failed is still a reason to switch it on', () => {
	expect(suggest({ failed: [{ share: 0.97 }] }, { threshold: null })).toMatchObject({
		ratio: 0.96,
		kind: 'lower'
	});
	expect(suggest({ worked: [{ share: 0.97 }] }, { threshold: null })).toBeNull();
});

test('loads above it that worked raise it so far that they are admitted', () => {
	const one = suggest({ worked: [{ share: 0.934 }, { share: 0.5 }] });
	expect(one).toMatchObject({ ratio: 0.94, kind: 'higher' });
	expect(one?.sentence).toMatch(/^A load that took up to 93% .* blocks it\.$/);
	expect(suggest({ worked: [{ share: 0.95 }, { share: 0.96 }] })).toMatchObject({ ratio: 0.96 });
	// 10 bytes above 93% of 20 MB: 93% would still block it.
	const [bytes, budgetBytes] = [18_600_010, 20_000_000];
	expect(suggest({ worked: [{ share: bytes / BUDGET }] }, { budgetBytes })).toMatchObject({
		ratio: 0.94
	});
});

test('it is raised no further than just below what failed', () => {
	const both = { worked: [{ share: 0.93 }, { share: 0.99 }], failed: [{ share: 0.95, at: NOW }] };
	expect(suggest(both)).toMatchObject({ ratio: 0.93, kind: 'higher' });
});

test('a load that took more and worked later disproves a failure', () => {
	const failed = [{ share: 0.8, at: NOW - 2 * HOUR }];
	expect(suggest({ failed, worked: [{ share: 0.85, at: NOW - HOUR }] })).toBeNull();
	expect(suggest({ failed, worked: [{ share: 0.85, at: NOW - 3 * HOUR }] })).toMatchObject({
		kind: 'lower'
	});
	expect(suggest({ failed, worked: [{ share: 0.7, at: NOW - HOUR }] })).toMatchObject({
		kind: 'lower'
	});
});

test('a load of as many bytes disproves a failure if it worked after it, not at the same moment', () => {
	const failed = [{ share: 0.8, at: NOW - HOUR }];
	const worked = (at: number) => suggest({ failed, worked: [{ share: 0.8, at }] });
	expect(worked(NOW - HOUR + 1)).toBeNull();
	expect(worked(NOW - HOUR)).toMatchObject({ ratio: 0.79, kind: 'lower' });
});

test('what worked raises nothing where as much failed since, or at the same moment', () => {
	const worked = [{ share: 0.95, at: NOW - HOUR }];
	const after = (share: number, at: number) => suggest({ worked, failed: [{ share, at }] });
	for (const share of [0.93, 0.95])
		for (const at of [NOW - HOUR, NOW - HOUR + 1]) expect(after(share, at)).toBeNull();
	for (const share of [0.93, 0.95]) expect(after(share, NOW - HOUR - 1)?.ratio).toBe(0.95);
	expect(after(0.951, NOW)).toMatchObject({ ratio: 0.95 });
});

test('old failures, and those of another GPU, say nothing', () => {
	expect(suggest({ failed: [{ share: 0.8, at: NOW - FAILURE_LIFE_MS }] })).toBeNull();
	expect(suggest({ failed: [{ share: 0.8, adapter: 'other' }] })).toBeNull();
	expect(suggest({ worked: [{ share: 0.95, adapter: 'other' }] })).toBeNull();
});

test('what worked counts for less safety only lately, and only since whatever failed at or below it', () => {
	expect(suggest({ worked: [{ share: 0.95, at: NOW - FAILURE_LIFE_MS }] })).toBeNull();
	const failed = [{ share: 0.92, at: NOW - FAILURE_LIFE_MS - HOUR }];
	expect(suggest({ failed, worked: [{ share: 0.95, at: failed[0]!.at - 1 }] })).toBeNull();
	expect(suggest({ failed, worked: [{ share: 0.95, at: NOW - HOUR }] })).toMatchObject({
		ratio: 0.95,
		kind: 'higher'
	});
	// Old as it is, what failed above it bounds it.
	expect(
		suggest({ failed: [{ ...failed[0]!, share: 0.945 }], worked: [{ share: 0.943 }] })
	).toMatchObject({ ratio: 0.94, kind: 'higher' });
});

test('where not even the lowest threshold would have helped, none is suggested', () => {
	expect(suggest({ failed: [{ share: 0.3 }] })).toBeNull();
	// What took more than the budget is no reason to go beyond it.
	expect(suggest({ worked: [{ share: 1.2 }] })).toBeNull();
});

/** Loads of these shares of the budget, before now. */
const loadsOf = (min: number, max: number) =>
	fc.array(
		fc.record({
			share: fc.double({ min, max, noNaN: true }),
			at: fc.integer({ min: NOW - FAILURE_LIFE_MS * 2, max: NOW })
		}),
		{ maxLength: 6 }
	);

test('law: once taken, nothing more is suggested; whole percents within the range, below what failed', () => {
	const loads = loadsOf(0.01, 1.3);
	fc.assert(
		fc.property(
			loads,
			loads,
			fc.option(fc.integer({ min: 50, max: 100 }).map((n) => n / 100)),
			(failed, worked, threshold) => {
				const first = suggest({ failed, worked }, { threshold });
				fc.pre(first !== null);
				expect(first.ratio).toBeGreaterThanOrEqual(RANGE.min);
				expect(first.ratio).toBeLessThanOrEqual(RANGE.max);
				expect(Math.round(first.ratio * 100)).toBeCloseTo(first.ratio * 100, 9);
				if (threshold !== null && first.kind === 'lower')
					expect(first.ratio).toBeLessThan(threshold);
				if (threshold !== null && first.kind === 'higher')
					expect(first.ratio).toBeGreaterThan(threshold);
				const then = suggest({ failed, worked }, { threshold: first.ratio });
				// A lower threshold can show loads that it would block; they lie above what failed.
				expect(then).toBeNull();
			}
		)
	);
});

test('law: as time goes by and nothing happens, no less safety is suggested', () => {
	const loads = loadsOf(0.5, 1.1);
	fc.assert(
		fc.property(
			loads,
			loads,
			fc.integer({ min: 50, max: 100 }).map((n) => n / 100),
			fc.integer({ min: 1, max: FAILURE_LIFE_MS * 2 }),
			(failed, worked, threshold, laterMs) => {
				const then = suggest({ failed, worked }, { threshold, now: NOW + laterMs });
				if (then?.kind !== 'higher') return;
				const first = suggest({ failed, worked }, { threshold });
				expect(first?.kind).toBe('higher');
				expect(then.ratio).toBeLessThanOrEqual(first?.ratio ?? 0);
			}
		),
		{ numRuns: 1000 }
	);
});
