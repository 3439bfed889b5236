import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantization, type Quantization } from '../models/quantization.ts';
import { BALANCED, bestThatFits, ranked, type Wish } from './choice.ts';
import { catalog, GiB, knownOf, pocketFamily, ready, situation } from './samples.fixture.ts';

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
				if (!choice) return;
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
