import { describe, expect, test } from 'vitest';
import { NOTHING_KNOWN } from '../memory/judge.ts';
import { aReading } from '../device/a-device.fixture.ts';
import { describe as describeDevice } from '../device/adapter.ts';
import { families } from '../models/catalog-data.ts';
import type { Variant } from '../models/catalog.ts';
import { levelsOf, sameLevel, smallerThan, type LevelsParts } from './levels.ts';
import { levelName } from './words.ts';

const GIB = 2 ** 30;
const familyOf = (id: string) => {
	const family = families.find((each) => each.id === id);
	if (!family) throw new Error(`The catalogue has no ${id}.`);
	return family;
};
const parts = (gib: number, change: Partial<LevelsParts> = {}): LevelsParts => ({
	knownOf: () => NOTHING_KNOWN,
	situation: {
		reading: describeDevice(aReading()),
		budget: { bytes: gib * GIB, source: 'declared', explanation: '' } as never,
		threshold: 0.9
	},
	onDisk: () => true,
	tokensPerSecondOf: () => null,
	sameTokenOf: () => null,
	...change
});
const llama = familyOf('Llama-3.2-1B-Instruct');

test('quantizations come finest first, then smaller windows of the coarsest, then smaller families', () => {
	const levels = levelsOf(
		familyOf('Qwen2.5-1.5B-Instruct'),
		4096,
		[familyOf('Qwen2.5-0.5B-Instruct')],
		parts(24)
	);
	expect(levels.map(({ by }) => by)).toEqual([
		'quantization',
		'quantization',
		'window',
		'window',
		'family'
	]);
	expect(levels.map(levelName)).toEqual([
		'q4f32_1',
		'q4f16_1',
		'q4f16_1 with 2,048 tokens',
		'q4f16_1 with 1,024 tokens',
		'Qwen2.5-0.5B-Instruct-q4f16_1'
	]);
	expect(levels.map(({ rank }) => rank)).toEqual([4, 4, 2, 1, 0]);
});

test('every level takes less than those before it', () => {
	for (const family of families)
		for (const gib of [2, 8, 24]) {
			const bytes = levelsOf(family, 4096, smallerThan(family, families), parts(gib))
				.filter(({ barred }) => barred === null)
				.map(({ peakBytes }) => peakBytes);
			expect(bytes, family.id).toEqual([...new Set(bytes)].sort((a, b) => b - a));
		}
});

describe('a level is barred', () => {
	test('where the budget says no, with the reason', () => {
		const [finest] = levelsOf(llama, 4096, [], parts(2));
		expect(finest?.quantization.name).toBe('q0f32');
		expect(finest?.barred).toMatch(/GiB/);
	});

	test('where it ran out of memory here, and larger windows with it', () => {
		const knownOf = ({ quantization }: Variant) => ({
			...NOTHING_KNOWN,
			failedWindow: quantization.name === 'q4f16_1' ? 2048 : null
		});
		const levels = levelsOf(llama, 4096, [], parts(24, { knownOf }));
		const barred = levels.filter(({ barred }) => barred !== null).map(levelName);
		expect(barred).toEqual(['q4f16_1', 'q4f16_1 with 2,048 tokens']);
	});
});

test('no window is smaller than 1,024 tokens', () => {
	const windows = levelsOf(llama, 2048, [], parts(24)).map(({ contextWindow }) => contextWindow);
	expect(Math.min(...windows)).toBe(1024);
	expect(levelsOf(llama, 1024, [], parts(24)).every(({ by }) => by === 'quantization')).toBe(true);
});

test('the only quantization of a family has smaller windows, too', () => {
	const only = { ...llama, variants: llama.variants.slice(0, 1) };
	expect(levelsOf(only, 4096, [], parts(24)).map(({ by }) => by)).toEqual([
		'quantization',
		'window',
		'window'
	]);
});

test('two smaller families at most are levels, the first ones', () => {
	const smaller = ['Qwen2.5-3B-Instruct', 'Qwen2.5-1.5B-Instruct', 'Qwen2.5-0.5B-Instruct'];
	const levels = levelsOf(familyOf('Qwen2.5-7B-Instruct'), 4096, smaller.map(familyOf), parts(24));
	expect(levels.filter(({ by }) => by === 'family').map(levelName)).toEqual([
		'Qwen2.5-3B-Instruct-q4f16_1',
		'Qwen2.5-1.5B-Instruct-q4f16_1'
	]);
});

test('smaller families are of the same maker, the largest first', () => {
	const smaller = smallerThan(familyOf('Qwen2.5-7B-Instruct'), families);
	expect(smaller.length).toBeGreaterThan(1);
	expect(smaller.every(({ id }) => /^qwen/i.test(id))).toBe(true);
	const sizes = smaller.map(({ parametersBillion }) => parametersBillion ?? 0);
	expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
	expect(sizes[0]).toBeLessThan(7);
	expect(smallerThan(familyOf('pocket'), families)).toEqual([]);
});

test('levels are the same only with the same variant and the same window', () => {
	const level = { variantId: 'a', contextWindow: 4096 };
	expect(sameLevel(level, { ...level })).toBe(true);
	expect(sameLevel(level, { ...level, variantId: 'b' })).toBe(false);
	expect(sameLevel(level, { ...level, contextWindow: 2048 })).toBe(false);
	expect(sameLevel(level, { variantId: 'b', contextWindow: 2048 })).toBe(false);
});

test('a maker is told by what a name begins with, whatever follows it', () => {
	const named = (id: string, parametersBillion: number) => ({ ...llama, id, parametersBillion });
	const own = named('Llama-3.2-3B', 3);
	const others = [named('Qwen-3.2-1B', 1), named('llama2-1B', 1), named('LLAMA_3-2B', 2)];
	expect(smallerThan(own, others).map(({ id }) => id)).toEqual(['LLAMA_3-2B', 'llama2-1B']);
	expect(smallerThan(own, [named('Llama-x', 3), { ...own, parametersBillion: null }])).toEqual([]);
});
