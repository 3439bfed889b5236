import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantization, type Quantization } from '../models/quantization.ts';
import { BALANCED, bestThatFits, ranked, type Wish } from './choice.ts';
import {
	catalog,
	family,
	GiB,
	knownOf,
	pocketFamily,
	ready,
	situation
} from './samples.fixture.ts';

function quantization(name: string): Quantization {
	const parsed = parseQuantization(name);
	if (!parsed) throw new Error(`no quantization ${name}`);
	return parsed;
}

const wish = (overrides: Partial<Wish> = {}): Wish => ({
	priority: 'quality',
	floor: null,
	contextWindow: 4096,
	...overrides
});

const idFor = (bytes: number, overrides: Partial<Wish> = {}) =>
	bestThatFits(catalog, wish(overrides), knownOf, situation(bytes))?.variant.id;

const anyWish: fc.Arbitrary<Wish> = fc.record({
	priority: fc.constantFrom('quality', 'balanced', 'speed'),
	floor: fc.option(
		fc.constantFrom('q3f16_1', 'q4f16_1', 'q4f32_1', 'q0f16', 'q0f32').map(quantization)
	),
	contextWindow: fc.integer({ min: 512, max: 32_768 })
});

describe('the best that fits', () => {
	it('grows with the GPU', () => {
		expect([0.3, 1.5, 3, 5, 8, 10, 48].map((gib) => idFor(gib * GiB))).toEqual([
			undefined,
			'Qwen2-0.5B-Instruct-q0f16-MLC',
			'Llama-3.2-1B-Instruct-q4f16_1-MLC',
			'Llama-3.2-3B-Instruct-q4f16_1-MLC',
			'Qwen3-4B-q4f16_1-MLC',
			'Qwen3-8B-q4f16_1-MLC',
			'Llama-3.1-70B-Instruct-q3f16_1-MLC'
		]);
	});

	it('is smaller where speed counts', () => {
		expect(idFor(48 * GiB, { priority: 'balanced' })).toBe('Qwen3-8B-q4f16_1-MLC');
		expect(idFor(48 * GiB, { priority: 'speed' })).toBe('Llama-3.2-1B-Instruct-q4f16_1-MLC');
	});

	it('is never coarser than the floor', () => {
		expect(idFor(48 * GiB, { floor: quantization('q4f16_1') })).toBe('Qwen3-8B-q4f16_1-MLC');
		expect(idFor(48 * GiB, { floor: quantization('q4f32_1') })).toBe('Qwen3-8B-q4f32_1-MLC');
		expect(idFor(48 * GiB, { floor: quantization('q0f16') })).toBe(
			'Llama-3.2-1B-Instruct-q0f16-MLC'
		);
		fc.assert(
			fc.property(anyWish, (asked) => {
				for (const { variant } of ranked(catalog, asked)) {
					const bits = (q: Quantization) => q.weightBits || 8 * q.computeBytes;
					expect(bits(variant.quantization)).toBeGreaterThanOrEqual(
						asked.floor ? bits(asked.floor) : 0
					);
				}
			})
		);
	});

	it('does without f16 where the GPU does', () => {
		const where = situation(8 * GiB, { reading: ready({ features: [] }) });
		expect(bestThatFits(catalog, wish(), knownOf, where)?.variant.id).toBe('Qwen3-4B-q4f32_1-MLC');
	});

	it('is monotone in the budget: more memory never leads to a lesser choice', () => {
		fc.assert(
			fc.property(
				anyWish,
				fc.integer({ min: 0, max: 48 * GiB }),
				fc.integer({ min: 0, max: 8 * GiB }),
				(asked, bytes, more) => {
					const order = ranked(catalog, asked).map(({ variant }) => variant.id);
					const place = (budgetBytes: number) => {
						const choice = bestThatFits(catalog, asked, knownOf, situation(budgetBytes));
						return choice ? order.indexOf(choice.variant.id) : Infinity;
					};
					expect(place(bytes + more)).toBeLessThanOrEqual(place(bytes));
				}
			)
		);
	});

	it('fits, and holds what was asked for', () => {
		fc.assert(
			fc.property(anyWish, fc.integer({ min: 0, max: 48 * GiB }), (asked, bytes) => {
				const choice = bestThatFits(catalog, asked, knownOf, situation(bytes));
				fc.pre(choice !== null);
				expect(choice.verdict.kind).toBe('fits');
				expect(choice.contextWindow).toBe(asked.contextWindow);
			})
		);
	});

	it('is never pocket, nor a model trained for one thing only', () => {
		expect(bestThatFits([pocketFamily], wish(), knownOf, situation(8 * GiB))).toBeNull();
		expect(ranked(catalog, wish()).some(({ family }) => family.id.includes('Coder'))).toBe(false);
	});

	it('is for whoever wished for nothing the best trade that holds 4096 tokens', () => {
		const choice = bestThatFits(catalog, BALANCED, knownOf, situation(8 * GiB));
		expect(choice?.sentence).toMatch(/best trade between answers and speed.* with 4,096 tokens\.$/);
	});

	it('explains itself in one sentence', () => {
		const choice = bestThatFits(
			catalog,
			wish({ floor: quantization('q4f16_1') }),
			knownOf,
			situation(6 * GiB)
		);
		expect(choice?.sentence).toBe(
			'Qwen3 4B as q4f16_1 is the most capable model within the 6.00 GiB that may be used, not coarser than q4f16_1: it takes 3.35 GiB with 4,096 tokens.'
		);
	});
});

/** Which of two families with one variant each comes first. */
const first = (priority: Wish['priority'], ...pair: ReturnType<typeof family>[]) =>
	ranked(pair, wish({ priority }))[0]?.family.id;

describe('the order of candidates', () => {
	const q4 = { q4f16_1: 4096 };
	const old = family('Llama-2-7b', 10, q4);

	// 10 billion parameters of 2023 against a third fewer for each year.
	it.each([
		['Qwen3.5-4B', 3],
		['gemma-4-E2B-it', 3],
		['Qwen3-4B', 2],
		['gemma-3-4b-it', 2],
		['Ministral-3-3B', 2],
		['Phi-4-mini-instruct', 2],
		['Llama-3.1-8B', 1],
		['Qwen2.5-7B', 1],
		['SmolLM2-1.7B', 1],
		['DeepSeek-R1-Distill', 1],
		['Mistral-7B', 0]
	])('takes %s for %d years newer than the oldest', (id, years) => {
		const equal = 10 / 1.35 ** years;
		expect(first('quality', old, family(id, 1.01 * equal, q4))).toBe(id);
		expect(first('quality', old, family(id, 0.99 * equal, q4))).toBe(old.id);
	});

	it.each([
		['q3f16_1', 0.7],
		['q4f32_1', 1],
		['q0f16', 1.05],
		['q8f16_1', 1.05]
	])('takes a model in %s for one with %d times the parameters', (name, factor) => {
		const other = family('other', 10, { [name]: 4096 });
		expect(first('quality', other, family('mine', 10.1 * factor, q4))).toBe('mine');
		expect(first('quality', other, family('mine', 9.9 * factor, q4))).toBe('other');
	});

	it('goes by the declared figure, in GiB, where nobody knows the parameters', () => {
		const unknown = { ...family('unknown', 0, { q4f16_1: 5 * 1024 }), parametersBillion: null };
		expect(first('quality', unknown, family('mine', 5.05, q4))).toBe('mine');
		expect(first('quality', unknown, family('mine', 4.95, q4))).toBe('unknown');
	});

	it('in balance weighs capability against the time of reading, which grows with the bytes', () => {
		// At 4 GiB 4 ** 1.5 + 4 = 12, at 16 GiB 68, at 1 GiB 5.
		for (const [gib, weight] of [
			[16, 68],
			[1, 5]
		] as const) {
			const other = family('other', 10, { q4f16_1: gib * 1024 });
			expect(first('balanced', other, family('mine', (10.1 * 12) / weight, q4))).toBe('mine');
			expect(first('balanced', other, family('mine', (9.9 * 12) / weight, q4))).toBe('other');
		}
		// What declares nothing is taken for 1 GiB.
		const silent = family('silent', 10, { q4f16_1: 0 });
		expect(first('balanced', silent, family('mine', 24.1, q4))).toBe('mine');
		expect(first('balanced', silent, family('mine', 23.9, q4))).toBe('silent');
	});

	it('for speed puts the smallest usable model first, and no larger one before a usable one', () => {
		const light = { q4f16_1: 500 };
		expect(first('speed', family('usable', 1.5, q4), family('light', 1.49, light))).toBe('usable');
		expect(first('speed', family('usable', 1.5, q4), family('light', 1.5, light))).toBe('light');
		// However large: a model that answers well comes before one that does not.
		const huge = family('huge', 500, { q4f16_1: 900 * 1024 });
		expect(first('speed', huge, family('light', 1.49, light))).toBe('huge');
		expect(first('speed', family('a', 0.5, q4), family('b', 1, q4))).toBe('b');
	});

	it('of equal ones takes the lighter, then the later name', () => {
		expect(first('quality', family('heavy', 7, { q4f16_1: 5000 }), family('light', 7, q4))).toBe(
			'light'
		);
		for (const pair of [
			['Unknown-v0.2', 'Unknown-v0.3'],
			['Unknown-v0.3', 'Unknown-v0.2']
		])
			expect(first('quality', ...pair.map((id) => family(id, 7, q4)))).toBe('Unknown-v0.3');
	});
});
