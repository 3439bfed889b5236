import { describe, expect, it } from 'vitest';
import type { BufferGroup, Evidence, Shape } from './causes.ts';
import { explain } from './explain.ts';

const shape = (given: Partial<Shape> = {}): Shape => ({
	batch: 128,
	vocabulary: 100_000,
	window: 4096,
	positions: 4112,
	layers: 24,
	keyValueHeads: 2,
	headDim: 64,
	elementBytes: 2,
	...given
});
const evidence = (
	excessBytes: number,
	groups: readonly BufferGroup[] = [],
	given: Partial<Shape> = {},
	more: Partial<Evidence> = {}
): Evidence => ({
	shape: shape(given),
	excessBytes,
	groups,
	toleranceBytes: 1000,
	marginBytes: 2000,
	...more
});

/** One f32 per sequence and token, and the keys of one layer for the window. */
const ROWS = 128 * 100_000 * 4;
const PAGES = 4096 * 2 * 64;

const told = (...args: Parameters<typeof evidence>) => explain([evidence(...args)]);
const undivided = (bytesPer: number) => ({
	kind: 'undivided',
	terms: [{ scale: 'constant', bytesPer }]
});
const bySizes = (...terms: object[]) => ({ kind: 'told', by: 'sizes', terms });

describe('one load', () => {
	it('says nothing where it is off by no more than is tolerated or allowed for', () => {
		for (const excess of [0, 1000, -1000, 2000, -2000])
			expect(told(excess)).toEqual({ kind: 'nothing' });
		expect(told(2001)).toEqual(undivided(2001));
		expect(told(3000, [], {}, { toleranceBytes: 3000 })).toEqual({ kind: 'nothing' });
		expect(told(3001, [], {}, { toleranceBytes: 3000 })).toEqual(undivided(3001));
	});

	it('that took less for no known reason changes nothing', () => {
		expect(told(-2001)).toEqual({ kind: 'undivided', terms: [] });
	});

	it.each([1, 6, 16])('is explained by buffers of batch x vocabulary, %d times that', (times) => {
		const bytesPer = 4 * times;
		expect(told(times * ROWS, [[times * ROWS, 1]])).toEqual(
			bySizes({ scale: 'vocabulary', bytesPer })
		);
		expect(told(times * ROWS, [[ROWS, times]])).toEqual(bySizes({ scale: 'vocabulary', bytesPer }));
	});

	it('is not explained by more than sixteen times that in one buffer, or by a part of it', () => {
		for (const bytes of [17 * ROWS, ROWS / 2, 1.5 * ROWS])
			expect(told(bytes, [[bytes, 1]])).toEqual(undivided(bytes));
	});

	it('is explained by buffers that are rounded up to whole pages of 4096 bytes, and no further', () => {
		const odd = { vocabulary: 100_001, batch: 1 };
		const exact = 4 * 100_001;
		const rounded = Math.ceil(exact / 4096) * 4096;
		for (const bytes of [exact, rounded])
			expect(told(bytes, [[bytes, 1]], odd)).toMatchObject({ by: 'sizes' });
		for (const bytes of [exact + 1, rounded - 1, rounded + 1, rounded + 4096])
			expect(told(bytes, [[bytes, 1]], odd)).toEqual(undivided(bytes));
	});

	it('is not explained by sizes below 64 KiB: too many are a multiple by chance', () => {
		const rows = (vocabulary: number) =>
			told(8 * 4 * vocabulary, [[4 * vocabulary, 8]], { vocabulary, batch: 1 });
		expect(rows(16_384)).toEqual(bySizes({ scale: 'vocabulary', bytesPer: 32 }));
		expect(rows(16_383)).toEqual(undivided(8 * 4 * 16_383));
	});

	it.each([1, 2, 4])(
		'is explained by a cache with elements of %d bytes in each layer',
		(element) => {
			const bytes = PAGES * element;
			const explained = bySizes({ scale: 'window', bytesPer: element });
			expect(told(24 * bytes, [[bytes, 24]])).toEqual(explained);
			// Of the pages that hold the window, too.
			const held = (bytes / 4096) * 4112;
			expect(told(24 * held, [[held, 24]])).toMatchObject({
				by: 'sizes',
				terms: [{ scale: 'window' }]
			});
		}
	);

	it.each([16, 18, 30, 36, 64])(
		'is explained by a cache of %d bytes per number: up to sixteen times elements of 1, 2 or 4',
		(per) => {
			const bytes = per * PAGES;
			expect(told(24 * bytes, [[bytes, 24]])).toEqual(bySizes({ scale: 'window', bytesPer: per }));
		}
	);

	it.each([17, 33, 34, 35, 65, 68])('is not explained by a cache of %d bytes per number', (per) => {
		const bytes = per * PAGES;
		expect(told(24 * bytes, [[bytes, 24]])).toEqual(undivided(24 * bytes));
	});

	it('is explained by a cache in the only layer', () => {
		expect(told(PAGES, [[PAGES, 1]], { layers: 1 })).toEqual(
			bySizes({ scale: 'window', bytesPer: 1 })
		);
	});

	it('is added whole where nothing tells its cause, be it a single byte', () => {
		const strict = { toleranceBytes: 0.5, marginBytes: 0.5 };
		expect(told(1, [], {}, strict)).toEqual(undivided(1));
		expect(told(-1, [], {}, strict)).toEqual({ kind: 'undivided', terms: [] });
	});

	it('is not explained by a cache in some of the layers, or of another width', () => {
		expect(told(23 * PAGES, [[PAGES, 23]])).toEqual(undivided(23 * PAGES));
		expect(told(48 * PAGES, [[PAGES, 48]])).toMatchObject({ by: 'sizes' });
		const three = (PAGES / 4096) * 3000;
		expect(told(24 * three, [[three, 24]])).toEqual(undivided(24 * three));
	});

	it('is not explained by a size that says two things', () => {
		// 4 x 131072 and 4096 x 2 x 64 are the same.
		const same = { vocabulary: 131_072, batch: 1 };
		expect(told(24 * PAGES, [[PAGES, 24]], same)).toEqual(undivided(24 * PAGES));
		expect(told(23 * PAGES, [[PAGES, 23]], same)).toMatchObject({
			terms: [{ scale: 'vocabulary' }]
		});
	});

	it('may have two causes at once, and buffers that are none of them', () => {
		const groups: BufferGroup[] = [
			[ROWS, 2],
			[7_777_777, 1],
			[PAGES, 24]
		];
		const both = bySizes({ scale: 'vocabulary', bytesPer: 8 }, { scale: 'window', bytesPer: 1 });
		expect(told(2 * ROWS + 24 * PAGES, groups)).toEqual(both);
		expect(told(2 * ROWS + 24 * PAGES + 1000, groups)).toEqual(both);
		expect(told(2 * ROWS + 24 * PAGES - 1000, groups)).toEqual(both);
		const off = 2 * ROWS + 24 * PAGES + 1001;
		expect(told(off, groups)).toEqual(undivided(off));
	});

	it('adds up buffers of one cause', () => {
		const groups: BufferGroup[] = [
			[3 * ROWS, 1],
			[2 * ROWS, 1]
		];
		expect(told(5 * ROWS, groups)).toEqual(bySizes({ scale: 'vocabulary', bytesPer: 20 }));
		// The closest combination counts, of equally close ones the first.
		const odd = { vocabulary: 100_001 };
		const exact = 128 * 100_001 * 4;
		const rounded = Math.ceil(exact / 4096) * 4096;
		const near: BufferGroup[] = [
			[exact, 1],
			[rounded, 1]
		];
		const perToken = (excess: number, ordered: readonly BufferGroup[]) => {
			const found = told(excess, ordered, odd, { toleranceBytes: 4000 });
			return found.kind === 'told' && found.terms[0]?.bytesPer;
		};
		const [four, more] = [exact, rounded].map((bytes) => bytes / (128 * 100_001));
		for (const ordered of [near, near.toReversed()]) {
			expect(perToken(exact + 300, ordered)).toBe(four);
			expect(perToken(rounded - 300, ordered)).toBe(more);
		}
		const middle = (exact + rounded) / 2;
		expect(perToken(middle, near)).toBe(four);
		expect(perToken(middle, near.toReversed())).toBe(more);
	});

	it('is explained by eight groups of buffers at most', () => {
		const groups = (n: number) =>
			Array.from({ length: n }, (_, i): BufferGroup => [(i + 1) * ROWS, 1]);
		expect(told(36 * ROWS, groups(8))).toEqual(bySizes({ scale: 'vocabulary', bytesPer: 144 }));
		expect(told(45 * ROWS, groups(9))).toEqual(undivided(45 * ROWS));
	});

	it('that lacks planned buffers is explained by these', () => {
		expect(told(-5 * ROWS, [[ROWS, -5]])).toEqual(bySizes({ scale: 'vocabulary', bytesPer: -20 }));
		expect(told(-24 * PAGES, [[PAGES, -24]])).toEqual(bySizes({ scale: 'window', bytesPer: -1 }));
	});
});

describe('several loads', () => {
	const two = { vocabulary: 200_000 };
	const long = { window: 8192, positions: 8208 };

	it('are explained by the one cause that fits the totals of all', () => {
		expect(explain([evidence(24 * 12_800_000), evidence(24 * 25_600_000, [], two)])).toEqual({
			kind: 'told',
			by: 'loads',
			terms: [{ scale: 'vocabulary', bytesPer: 24 }]
		});
		const perToken = 24 * 2 * 64;
		expect(
			explain([evidence(3 * 4096 * perToken), evidence(3 * 8192 * perToken, [], long)])
		).toEqual({ kind: 'told', by: 'loads', terms: [{ scale: 'window', bytesPer: 3 }] });
		const other = { ...two, ...long };
		expect(explain([evidence(5e6), evidence(5e6, [], other)])).toEqual({
			kind: 'told',
			by: 'loads',
			terms: [{ scale: 'constant', bytesPer: 5e6 }]
		});
	});

	it('are fitted by the load that has most of a cause, as far as the others allow', () => {
		const fit = (first: number, second: number) => {
			const found = explain([
				evidence(24 * 12_800_000 + first),
				evidence(24 * 25_600_000 + second, [], two)
			]);
			return found.kind === 'told' ? found.terms[0]?.bytesPer : found.kind;
		};
		expect(fit(0, 500)).toBe(24 + 500 / 25_600_000);
		// The smaller one is then off by more than is tolerated: the coefficient gives way.
		expect(fit(-900, 900)).toBe((24 * 12_800_000 + 100) / 12_800_000);
		expect(fit(900, -900)).toBe((24 * 12_800_000 - 100) / 12_800_000);
		expect(fit(-1500, 0)).toBe((24 * 12_800_000 - 500) / 12_800_000);
		expect(fit(-2000, 1000)).toBe('contradicted');
	});

	it('are fitted by the newest, the first, of those that have most of a cause', () => {
		const alike = (newest: number, older: number) =>
			explain([
				evidence(48 * ROWS + newest, [], two),
				evidence(48 * ROWS + older, [], two),
				evidence(24 * ROWS)
			]);
		const perToken = (newest: number) => (48 * ROWS + newest) / (2 * 12_800_000);
		for (const [newest, older] of [
			[500, -500],
			[-500, 500]
		] as const)
			expect(alike(newest, older)).toEqual({
				kind: 'told',
				by: 'loads',
				terms: [{ scale: 'vocabulary', bytesPer: perToken(newest) }]
			});
	});

	/** Vocabularies as 1, 2 and 3, windows as 1, 2 and 4; buffers of 24 bytes per token, and 1450 bytes beside them. */
	const three = (changes: readonly number[]) =>
		explain(
			changes.map((by, i) =>
				evidence((i + 1) * 24e6 + 1450 + by, [[(i + 1) * 4e6, 6]], {
					batch: 1,
					vocabulary: (i + 1) * 1e6,
					window: 4096 * 2 ** i
				})
			)
		);

	it('have two causes only where these fit at least twice as closely as one', () => {
		// One fits as far as is tolerated; two are off by 480 and by 520 of 1000 bytes.
		const both = three([240, 0, -240]);
		expect(both).toMatchObject({ kind: 'told', by: 'both' });
		expect(both.kind === 'told' && [...both.terms].map(({ bytesPer }) => bytesPer)).toEqual([
			24, 1690
		]);
		expect(three([260, 0, -260])).toMatchObject({
			kind: 'told',
			by: 'loads',
			terms: [{ scale: 'vocabulary' }]
		});
	});

	it('that follow a cause in all, and in no buffer that makes up the difference, contradict it', () => {
		const more = { toleranceBytes: 1e6 };
		const off = (first: number, second: number) =>
			explain([
				evidence(1e8, [[1e8 + first, 1]], {}, more),
				evidence(2e8, [[2e8 + second, 1]], two, more)
			]);
		// Each makes up the difference within what is tolerated, and they are not as 1 and 2.
		expect(off(5e5, -9e5)).toEqual({ kind: 'contradicted' });
		expect(off(5e5, -1e6)).toEqual({ kind: 'contradicted' });
		// Buffers that do not make up the difference deny nothing.
		expect(off(5e5, -1.1e6)).toMatchObject({ kind: 'told', by: 'loads' });
	});

	it('are explained by buffers beside which one load has others of the same size', () => {
		const other = { ...two, ...long };
		for (const all of [1, 2, 3])
			expect(explain([evidence(5e6, [[5e6, 1]]), evidence(5e6, [[5e6, all]], other)])).toEqual({
				kind: 'told',
				by: 'both',
				terms: [{ scale: 'constant', bytesPer: 5e6 }]
			});
	});

	it('have the same buffers where they are off by what is tolerated, and no more', () => {
		const other = { ...two, ...long };
		const by = (bytes: number) => {
			const found = explain([
				evidence(5e6, [[5e6, 1]]),
				evidence(5e6 + bytes, [[5e6 + bytes, 1]], other)
			]);
			return found.kind === 'told' ? found.by : found.kind;
		};
		expect([by(1000), by(-1000)]).toEqual(['both', 'both']);
		expect([by(1001), by(-1001)]).not.toContain('both');
	});

	it('that are two have no cause in their buffers and another in the rest: any could be explained so', () => {
		const rest = (n: number, given = {}) =>
			evidence(6 * n * ROWS + 50_000, [[n * ROWS, 6]], { vocabulary: 100_000 * n, ...given });
		expect(explain([rest(1), rest(2, long)])).toEqual({ kind: 'contradicted' });
		expect(explain([rest(1), rest(2, long), rest(4)])).toMatchObject({ kind: 'told', by: 'both' });
	});

	it('with two causes that cannot be told apart have the constant one', () => {
		// 40,960 and 40,961 tokens: the cache fits a little better.
		const found = explain([
			evidence(
				6 * ROWS + 5e6,
				[
					[ROWS, 6],
					[5e6, 1]
				],
				{ window: 40_960 }
			),
			evidence(
				12 * ROWS + 5_000_122,
				[
					[2 * ROWS, 6],
					[5_000_122, 1]
				],
				{ ...two, window: 40_961 }
			)
		]);
		expect(found.kind).toBe('undivided');
		expect('terms' in found && found.terms.map(({ scale }) => scale)).toContain('constant');
	});

	it('have a buffer in two of them at least, or it is told by the loads alone', () => {
		const four = { vocabulary: 400_000 };
		expect(explain([evidence(750), evidence(3000, [[3000, 1]], four)])).toMatchObject({
			by: 'loads',
			terms: [{ scale: 'vocabulary' }]
		});
	});

	it.each([
		[4096, 'both'],
		[4097, 'contradicted']
	])('have the same buffer where it is %d bytes larger: %s', (bytes, expected) => {
		const more = { toleranceBytes: 1e5 };
		const found = explain([
			evidence(5e5, [[5e5, 1]], {}, more),
			evidence(5e5 + bytes, [[5e5 + bytes, 1]], { ...two, ...long }, more)
		]);
		expect(found.kind === 'told' ? found.by : found.kind).toBe(expected);
	});

	it.each([
		[48, 'windowBytes'],
		[50, 'windowBytes'],
		[52, 'pagesBytes']
	])(
		'whose pages hold %d tokens more than the window follow %s: the plainer one, if it is off by a tenth of what is tolerated',
		(more, scale) => {
			const cache = { layers: 1, keyValueHeads: 1, headDim: 1 };
			const first = { ...cache, positions: 4096 + more, elementBytes: 2 };
			const other = { ...cache, window: 8192, positions: 8192, elementBytes: 4 };
			expect(
				explain([evidence(2 * (4096 + more), [], first), evidence(4 * 8192, [], other)])
			).toMatchObject({ kind: 'told', by: 'loads', terms: [{ scale, bytesPer: 1 }] });
		}
	);

	it('need no buffers of a cause where its bytes are within what is tolerated', () => {
		const small = (first: number) =>
			explain(
				[first, 2 * first, 4 * first].map((bytes, i) =>
					evidence(bytes, i === 0 ? [] : [[bytes, 1]], { vocabulary: 100_000 * 2 ** i })
				)
			);
		expect(small(1000)).toMatchObject({ by: 'both', terms: [{ scale: 'vocabulary' }] });
		expect(small(1001)).not.toMatchObject({ by: 'both' });
	});

	it('of which one has unknown sizes have no cause that goes by them', () => {
		const cache = (window: number) => 24 * 2 * 64 * window;
		const followed = [
			evidence(cache(4096), [[cache(4096) / 24, 24]]),
			evidence(cache(8192), [[cache(8192) / 24, 24]], long)
		];
		expect(explain(followed)).toMatchObject({ by: 'both', terms: [{ scale: 'window' }] });
		const unknown = evidence(0, [], { layers: 0 });
		expect(explain([...followed, unknown])).toEqual({ kind: 'contradicted' });
		const totals = followed.map((one) => ({ ...one, groups: [] }));
		expect(explain(totals)).toMatchObject({ by: 'loads', terms: [{ scale: 'window' }] });
		expect(explain([...totals, unknown])).toEqual({ kind: 'contradicted' });
	});

	it('that are alike tell no cause: the most of them is added once', () => {
		expect(explain([evidence(5e6), evidence(5e6 + 500)])).toEqual(undivided(5e6 + 500));
		expect(explain([evidence(ROWS, [[ROWS, 1]]), evidence(ROWS, [[ROWS, 1]])])).toMatchObject({
			kind: 'told',
			terms: [{ scale: 'vocabulary', bytesPer: 4 }]
		});
	});

	it('that no cause fits contradict each other', () => {
		expect(explain([evidence(5e6), evidence(9e6)])).toEqual({ kind: 'contradicted' });
		expect(explain([evidence(5e6), evidence(0)])).toEqual({ kind: 'contradicted' });
	});

	it('whose buffers follow the cause are explained by both', () => {
		expect(
			explain([evidence(6 * ROWS, [[ROWS, 6]]), evidence(12 * ROWS, [[2 * ROWS, 6]], two)])
		).toEqual({
			kind: 'told',
			by: 'both',
			terms: [{ scale: 'vocabulary', bytesPer: 24 }]
		});
		const other = { ...two, ...long };
		expect(explain([evidence(5e6, [[5e6, 1]]), evidence(5e6, [[5e6, 1]], other)])).toEqual({
			kind: 'told',
			by: 'both',
			terms: [{ scale: 'constant', bytesPer: 5e6 }]
		});
	});

	it('are explained as far as is tolerated, and no further', () => {
		const other = { ...two, ...long };
		const off = (bytes: number) =>
			explain([evidence(5e6, [[5e6, 1]]), evidence(5e6 + bytes, [[5e6, 1]], other)]);
		expect(off(1000)).toEqual({
			kind: 'told',
			by: 'both',
			terms: [{ scale: 'constant', bytesPer: 5e6 }]
		});
		expect(off(1001)).not.toMatchObject({ by: 'both' });
	});

	it('with two causes in their buffers have both', () => {
		const both = (rows: number): BufferGroup[] => [
			[rows, 6],
			[5e6, 1]
		];
		const found = explain([
			evidence(6 * ROWS + 5e6, both(ROWS)),
			evidence(18 * ROWS + 5e6, both(3 * ROWS), { vocabulary: 300_000, ...long })
		]);
		expect(found).toMatchObject({ kind: 'told', by: 'both' });
		const terms = found.kind === 'told' ? found.terms : [];
		expect(new Map(terms.map(({ scale, bytesPer }) => [scale, bytesPer]))).toEqual(
			new Map([
				['constant', 5e6],
				['vocabulary', 24]
			])
		);
	});

	const seenBy = (first: number, offBy: number, toleranceBytes: number) => {
		const more = { toleranceBytes };
		const found = explain([
			evidence(first, [[first, 1]], {}, more),
			evidence(2 * first, [[2 * first + offBy, 1]], two, more)
		]);
		return found.kind === 'told' ? found.by : found.kind;
	};

	it('have buffers of a cause where their bytes agree within 0.2 %', () => {
		// Else they deny what the totals say: they make up the excess, and do not follow the cause.
		expect([3.9e5, 4.1e5].map((off) => seenBy(1e8, off, 1e6))).toEqual(['both', 'contradicted']);
	});

	it('have buffers of a cause where their bytes agree within a page', () => {
		expect([8000, 8400].map((off) => seenBy(1e6, off, 1e5))).toEqual(['both', 'contradicted']);
	});

	it('have buffers of a cause where their bytes agree within what is tolerated', () => {
		expect([1000, 1001].map((off) => seenBy(1e8, off, 1000))).toEqual(['both', 'loads']);
	});
});
