import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aDevice } from '#plan/device/a-device.fixture.ts';
import { budgetOf } from '#plan/device/budget.ts';
import { NOTHING_KNOWN, type Knowledge } from '#plan/memory/judge.ts';
import type { CachedState } from '../files/protocol.ts';
import type { Situation } from '#plan/memory/verdict.ts';
import type { Variant } from '#plan/models/catalog.ts';
import { aCatalog } from '#plan/models/a-catalog.fixture.ts';
import type { Download } from '../disk/on-disk.ts';
import {
	columnNames,
	filterRows,
	makeRows,
	NO_FILTER,
	sortRows,
	windowFor,
	type Column,
	type Filter,
	type Row
} from './rows.ts';

const GiB = 2 ** 30;
const families = aCatalog();
const variants = families.flatMap(({ variants }) => variants);
const withBudget = (bytes: number): Situation => {
	const device = aDevice();
	return {
		reading: { kind: 'ready', device },
		budget: budgetOf(device, { declaredBytes: bytes, reserveBytes: 0 }),
		threshold: 0.9
	};
};
const aDownload: Download = {
	variant: null,
	baseUrl: 'https://hub.example/a/resolve/0123abc/',
	askedUrl: 'https://hub.example/a/resolve/main/',
	state: 'complete',
	bytes: 1000,
	freedBytes: 1000,
	files: 5,
	missing: [],
	libraryUrl: null,
	lastUsedAt: null,
	fetchedAt: null,
	uses: 0
};
const withManifest = (gpuBytes: number): Knowledge => ({
	...NOTHING_KNOWN,
	facts: {
		manifest: {
			shards: [],
			downloadBytes: gpuBytes,
			gpuBytes,
			largestTensor: { name: 'head', bytes: 1 },
			tensorCount: 1
		}
	}
});
interface Given {
	budget?: number;
	wish?: number | null;
	known?: (variant: Variant) => Knowledge;
	download?: (variant: Variant) => Download | null;
}
const rowsWith = ({
	budget = 4 * GiB,
	wish = null,
	known = () => NOTHING_KNOWN,
	download = () => null
}: Given = {}) => makeRows(families, wish, known, withBudget(budget), download);
const ids = (rows: readonly Row[]) => rows.map(({ variant }) => variant.id);

test('every variant has a row, in the order of the catalogue', () => {
	expect(ids(rowsWith())).toEqual(variants.map(({ id }) => id));
});

describe('the window of a row', () => {
	const [pocket, , qwen] = [variants[0], variants[1], variants.at(-1)];
	test('is the record’s own unless another is wished', () => {
		expect(qwen && windowFor(qwen, null, NOTHING_KNOWN)).toBe(4096);
		expect(qwen && windowFor(qwen, 8192, NOTHING_KNOWN)).toBe(8192);
	});
	test('is never above what the model is known to allow', () => {
		expect(pocket && windowFor(pocket, 8192, NOTHING_KNOWN)).toBe(2048);
	});
	test('a larger one never costs less', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 512, max: 131_072 }),
				fc.integer({ min: 512, max: 131_072 }),
				(a, b) => {
					const [small, large] = [
						rowsWith({ wish: Math.min(a, b) }),
						rowsWith({ wish: Math.max(a, b) })
					];
					small.forEach((row, i) =>
						expect(row.estimate?.peakBytes).toBeLessThanOrEqual(large[i]?.estimate?.peakBytes ?? 0)
					);
				}
			),
			{ numRuns: 40 }
		);
	});
});

describe('filters', () => {
	const passing = (filter: Partial<Filter>, rows = rowsWith()) =>
		ids(filterRows(rows, { ...NO_FILTER, ...filter }));

	test('no filter lets everything pass', () => {
		expect(passing({})).toHaveLength(variants.length);
	});
	test('"fits here" follows the budget', () => {
		expect(passing({ verdict: 'fits' })).not.toContain('Llama-3.1-8B-Instruct-q4f16_1-MLC');
		expect(passing({ verdict: 'fits' }, rowsWith({ budget: 16 * GiB }))).toContain(
			'Llama-3.1-8B-Instruct-q4f16_1-MLC'
		);
	});
	test('more budget never takes a row away from "fits here" nor from "fits here or tight"', () => {
		const budget = fc.integer({ min: 2 ** 20, max: 64 * GiB });
		fc.assert(
			fc.property(budget, budget, fc.constantFrom('fits', 'not-blocked'), (a, b, verdict) => {
				const less = passing({ verdict }, rowsWith({ budget: Math.min(a, b) }));
				const more = passing({ verdict }, rowsWith({ budget: Math.max(a, b) }));
				expect(more).toEqual(expect.arrayContaining(less));
			})
		);
	});
	test('f32 leaves out what computes in 16 bits, and f16 the rest', () => {
		expect(passing({ compute: 'f32' })).toEqual([
			'pocket-q0f32',
			'Qwen3-1.7B-q0f32-MLC',
			'Qwen3-1.7B-q4f32_1-MLC'
		]);
		expect(passing({ compute: 'f16' })).toHaveLength(variants.length - 3);
	});
	test('each ability is asked for by itself, and together', () => {
		expect(passing({ vision: true })).toEqual(['Phi-3.5-vision-instruct-q4f16_1-MLC']);
		expect(passing({ thinking: true })).toEqual([
			'Qwen3-1.7B-q0f32-MLC',
			'Qwen3-1.7B-q4f32_1-MLC',
			'Qwen3-1.7B-q4f16_1-MLC'
		]);
		expect(passing({ vision: true, thinking: true })).toEqual([]);
	});
	test('a size lets pass what takes no more', () => {
		const most = 2.2 * GiB;
		const passed = filterRows(rowsWith(), { ...NO_FILTER, mostBytes: most });
		expect(ids(passed)).toEqual(['pocket-q0f32', 'Qwen3-1.7B-q4f16_1-MLC']);
	});
	test('a word that names a quantization keeps only that of a family', () => {
		expect(passing({ query: 'qwen q4f32' })).toEqual(['Qwen3-1.7B-q4f32_1-MLC']);
		expect(passing({ query: 'nothing-of-this-name' })).toEqual([]);
	});
	test('"on disk" wants all of the weights, not only the files before them', () => {
		const rows = (state: CachedState) =>
			rowsWith({
				download: (variant) =>
					variant.id === 'pocket-q0f32' ? { ...aDownload, variant, state } : null
			});
		expect(passing({ onDisk: true }, rows('plan'))).toEqual([]);
		expect(passing({ onDisk: true }, rows('partial'))).toEqual([]);
		expect(passing({ onDisk: true }, rows('complete'))).toEqual(['pocket-q0f32']);
	});
});

describe('sorting', () => {
	const column = fc.constantFrom(...(Object.keys(columnNames) as Column[]));

	test('never loses or doubles a row, and leaves its input as it was', () => {
		fc.assert(
			fc.property(column, fc.boolean(), (column, descending) => {
				const rows = rowsWith();
				const before = [...rows];
				expect(ids(sortRows(rows, { column, descending })).sort()).toEqual(ids(before).sort());
				expect(rows).toEqual(before);
			})
		);
	});
	test('by size, either way', () => {
		const sizes = (descending: boolean) =>
			sortRows(rowsWith(), { column: 'size', descending }).map(
				({ estimate }) => estimate?.peakBytes ?? NaN
			);
		expect(sizes(false)).toEqual(sizes(false).toSorted((a, b) => a - b));
		expect(sizes(true)).toEqual(sizes(false).toReversed());
	});
	test('what is unknown comes last either way', () => {
		for (const descending of [false, true]) {
			const rows = sortRows(rowsWith(), { column: 'parameters', descending });
			expect(rows.at(-1)?.family.id).toBe('pocket');
		}
	});
	test('the surest first, then what the catalogue only declares', () => {
		const measured = { contextWindow: 4096, afterLoadBytes: GiB, peakBytes: 2 * GiB };
		const rows = rowsWith({
			known: ({ id }) =>
				id.startsWith('Phi') ? { ...NOTHING_KNOWN, measured: [measured] } : NOTHING_KNOWN
		});
		const [first] = sortRows(rows, { column: 'confidence', descending: false });
		expect(first?.family.id).toBe('Phi-3.5-vision-instruct');
	});
});

test('what is saved comes from the manifests where both were read, else from the bits per weight', () => {
	const saved = (rows: Row[], id: string) =>
		rows.find(({ variant }) => variant.id === id)?.savedRatio;
	expect(saved(rowsWith(), 'Qwen3-1.7B-q4f16_1-MLC')).toBeCloseTo(1 - 4.5 / 32);
	expect(saved(rowsWith(), 'Qwen3-1.7B-q0f32-MLC')).toBe(0);
	const read = rowsWith({ known: ({ id }) => withManifest(id.includes('q0f32') ? 6800 : 1000) });
	expect(saved(read, 'Qwen3-1.7B-q4f16_1-MLC')).toBeCloseTo(1 - 1000 / 6800);
});

describe('what was measured of variants', () => {
	const speeds: Record<string, Row['speed']> = {
		0: { kind: 'measured', decode: { count: 3, mean: 30, squares: 0, min: 30, max: 30 } },
		1: { kind: 'estimated', tokensPerSecond: 40, bytesPerSecond: 1, fromVariantId: 'x' },
		2: { kind: 'measured', decode: { count: 1, mean: 50, squares: 0, min: 50, max: 50 } }
	};
	const rows = makeRows(
		families,
		null,
		() => NOTHING_KNOWN,
		withBudget(8 * GiB),
		() => null,
		(variant) => {
			const i = variants.indexOf(variant);
			return {
				speed: speeds[i] ?? null,
				firstTokenMs: i === 1 ? null : 100 * (i + 1),
				answers: i === 0 ? 0 : i
			};
		}
	);
	const sorted = (column: Column, descending: boolean) =>
		sortRows(rows, { column, descending }).map(({ variant }) => variants.indexOf(variant));

	test('sorts: estimates among measurements, and what was not measured last either way', () => {
		expect(sorted('speed', false).slice(0, 3)).toEqual([0, 1, 2]);
		expect(sorted('speed', true).slice(0, 3)).toEqual([2, 1, 0]);
		expect(sorted('firstToken', false).slice(0, 2)).toEqual([0, 2]);
		expect(sorted('firstToken', true).at(-1)).toBe(1);
		expect(sorted('answers', true).at(-1)).toBe(0);
		expect(sorted('answers', false).at(-1)).toBe(0);
	});
});
