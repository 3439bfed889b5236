import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Wishes } from '../adapt/decide.ts';
import type { Variant } from '../models/catalog.ts';
import { judge, NOTHING_KNOWN } from './judge.ts';
import { catalog, family, GiB, knownOf as read, situation } from './samples.fixture.ts';
import { nextSmaller } from './smaller.ts';

const known = new Map(
	catalog.flatMap(({ variants }) => variants.map((variant) => [variant, read(variant)] as const))
);
const knownOf = (variant: Variant) => known.get(variant) ?? NOTHING_KNOWN;

const after = (
	id: string,
	contextWindow: number,
	budgetBytes: number,
	alone = false,
	wishes?: Wishes
) => {
	const siblings = catalog.find(({ variants }) => variants.some((one) => one.id === id))?.variants;
	const variant = siblings?.find((one) => one.id === id);
	if (!siblings || !variant) throw new Error(`no variant ${id}`);
	const next = nextSmaller(
		{ variant, contextWindow },
		alone ? [variant] : siblings,
		knownOf,
		situation(budgetBytes),
		wishes
	);
	return next && `${next.variant.id} ${next.contextWindow}`;
};

describe('the next smaller thing', () => {
	it('is the largest that is clearly smaller, of the other quantizations first', () => {
		expect(after('Llama-3.2-1B-Instruct-q0f32-MLC', 4096, 8 * GiB)).toBe(
			'Llama-3.2-1B-Instruct-q0f16-MLC 4096'
		);
	});

	it('is not below the floor', () => {
		const id = 'Llama-3.2-1B-Instruct-q0f16-MLC';
		const next = (wishes: Wishes) => after(id, 4096, 8 * GiB, false, wishes);
		expect(next({ priority: 'balanced', floor: null })).toMatch(/q4f32_1-MLC 4096$/);
		expect(next({ priority: 'balanced', floor: 'q0f16' })).toBe(null);
		expect(next({ priority: 'speed', floor: 'q4f16_1' })).toMatch(/q4f32_1-MLC 4096$/);
	});

	it('is a smaller window before a coarser quantization where quality was asked for, and after it for speed', () => {
		const next = (priority: Wishes['priority']) =>
			after('Qwen2-0.5B-Instruct-q4f32_1-MLC', 32_768, 8 * GiB, false, { priority, floor: null });
		expect(next('quality')).toBe('Qwen2-0.5B-Instruct-q4f32_1-MLC 16384');
		expect(next('speed')).toBe('Qwen2-0.5B-Instruct-q4f16_1-MLC 32768');
	});

	it('is itself at half the window where nothing else is, down to the least window', () => {
		const id = 'Qwen2-0.5B-Instruct-q4f16_1-MLC';
		expect(after(id, 32_768, 8 * GiB, true)).toBe(`${id} 16384`);
		expect(after(id, 900, 8 * GiB, true)).toBe(null);
		expect(after(id, 8192, 8 * GiB, true)).toBe(`${id} 4096`);
		expect(after(id, 4100, 8 * GiB, true)).toBe(`${id} 512`);
		// 512 tokens are neither repeated nor halved.
		expect(after(id, 1024, 8 * GiB, true)).toBe(null);
		expect(after(id, 513, 8 * GiB, true)).toBe(null);
		expect(after('Qwen2-0.5B-Instruct-q0f32-MLC', 512, 8 * GiB, true)).toBe(null);
	});
});

it.each([
	[899.99, 'A-1B-q4f16_1-MLC 4096'],
	[900.01, 'A-1B-q4f32_1-MLC 2048']
])('clearly smaller than 1000 MiB are nine tenths: %d MiB', (mib, expected) => {
	const { variants } = family('A-1B', 1, { q4f32_1: 1000, q4f16_1: mib });
	const next = nextSmaller(
		{ variant: variants[0]!, contextWindow: 4096 },
		variants,
		() => NOTHING_KNOWN,
		situation(8 * GiB)
	);
	expect(next && `${next.variant.id} ${next.contextWindow}`).toBe(expected);
});

describe('whatever failed', () => {
	it('what comes next takes clearly less and is not blocked', () => {
		const families = catalog.flatMap(({ variants }) =>
			variants.map((variant) => ({ variant, siblings: variants }))
		);
		fc.assert(
			fc.property(
				fc.constantFrom(...families),
				fc.integer({ min: 512, max: 32_768 }),
				fc.integer({ min: 0, max: 48 * GiB }),
				({ variant, siblings }, contextWindow, budgetBytes) => {
					const where = situation(budgetBytes);
					const failed = judge(variant, contextWindow, knownOf(variant), where);
					const next = nextSmaller(failed, siblings, knownOf, where);
					fc.pre(next !== null);
					const { verdict, estimate } = judge(
						next.variant,
						next.contextWindow,
						knownOf(next.variant),
						where
					);
					expect(verdict.kind).not.toBe('blocked');
					expect(next.contextWindow).toBeGreaterThanOrEqual(512);
					expect(estimate?.peakBytes).toBeLessThanOrEqual(
						0.9 * (failed.estimate?.peakBytes ?? NaN)
					);
				}
			)
		);
	});
});
