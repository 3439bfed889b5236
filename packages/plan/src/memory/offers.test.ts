import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Variant } from '../models/catalog.ts';
import { judge, NOTHING_KNOWN } from './judge.ts';
import { offers } from './offers.ts';
import { budget, catalog, family, GiB, knownOf, MiB, ready, situation } from './samples.fixture.ts';
import type { Offer, Situation } from './verdict.ts';

const variants = catalog.flatMap((family) => family.variants);

function named(id: string): Variant {
	const variant = variants.find((v) => v.id === id);
	if (!variant) throw new Error(`no variant ${id}`);
	return variant;
}

function offered(id: string, where: Situation, window = 4096): Offer[] {
	const variant = named(id);
	return offers(judge(variant, window, knownOf(variant), where), catalog, knownOf, where);
}

const kinds = (list: readonly Offer[]) => list.map(({ kind }) => kind);

describe('offers', () => {
	it('are none where it fits', () => {
		expect(offered('Qwen3-4B-q4f16_1-MLC', situation(16 * GiB))).toEqual([]);
	});

	it('are none where there is no GPU at all', () => {
		const nowhere: Situation = {
			...situation(GiB),
			reading: { kind: 'no-adapter', platform: 'linux', sentence: 'None.', remedy: 'Update.' }
		};
		expect(offered('Qwen3-4B-q4f16_1-MLC', nowhere)).toEqual([]);
	});

	it('begin with saying what the GPU has when the budget was only assumed', () => {
		const assumed = { ...situation(GiB), budget: budget(GiB, 'assumed') };
		const list = offered('Qwen3-8B-q4f16_1-MLC', assumed);
		expect(list[0]).toEqual({
			kind: 'declare-gpu',
			sentence: 'Set the GPU memory: 1.50 GiB is only assumed.'
		});
		expect(kinds(offered('Qwen3-8B-q4f16_1-MLC', situation(GiB)))).not.toContain('declare-gpu');
	});

	it('name other quantizations of the same model that fit, best first', () => {
		const list = offered('Llama-3.2-1B-Instruct-q0f32-MLC', situation(4.5 * GiB));
		expect(list).toContainEqual({
			kind: 'variant',
			variantId: 'Llama-3.2-1B-Instruct-q0f16-MLC',
			contextWindow: 4096,
			peakBytes: 2573 * MiB,
			sentence: 'q0f16 fits: 2.51 GiB with 4,096 tokens.'
		});
		const ids = list.flatMap((offer) => (offer.kind === 'variant' ? [offer.variantId] : []));
		expect(ids.slice(0, 2)).toEqual([
			'Llama-3.2-1B-Instruct-q0f16-MLC',
			'Llama-3.2-1B-Instruct-q4f32_1-MLC'
		]);
	});

	const variantsOf = (list: readonly Offer[]) =>
		list.flatMap((offer) => (offer.kind === 'variant' ? [offer.variantId] : []));

	it('name two other quantizations and two other families at most', () => {
		const names = ['q0f32', 'q0f16', 'q4f32_1', 'q4f16_1', 'q3f16_1'];
		const five = family(
			'Llama-3.2-9B',
			9,
			Object.fromEntries(names.map((q, i) => [q, [9000, 5000, 4000, 3000, 2000][i] ?? 0]))
		);
		const small = ['a', 'b', 'c'].map((id, i) =>
			family(`Llama-3.2-${id}`, 3 - i, { q4f16_1: 1000 })
		);
		const [asked] = five.variants;
		const all = [five, ...small];
		const where = situation(10 * GiB);
		const unknown = () => NOTHING_KNOWN;
		const list = offers(judge(asked!, 4096, NOTHING_KNOWN, where), all, unknown, where);
		expect(variantsOf(list)).toEqual([
			'Llama-3.2-9B-q0f16-MLC',
			'Llama-3.2-9B-q4f32_1-MLC',
			'Llama-3.2-a-q4f16_1-MLC',
			'Llama-3.2-b-q4f16_1-MLC'
		]);
	});

	it('name no larger family, and one of the same size', () => {
		const of = (id: string, billions: number) =>
			family(`Llama-3.2-${id}`, billions, { q4f16_1: 1000 });
		const asked = family('Llama-3.2-asked', 3, { q4f16_1: 8000 });
		const all = [asked, of('larger', 3.1), of('same', 3), of('smaller', 1)];
		const where = situation(3 * GiB);
		const list = offers(
			judge(asked.variants[0]!, 4096, NOTHING_KNOWN, where),
			all,
			() => NOTHING_KNOWN,
			where
		);
		expect(variantsOf(list)).toEqual([
			'Llama-3.2-same-q4f16_1-MLC',
			'Llama-3.2-smaller-q4f16_1-MLC'
		]);
		// Where nobody knows how many parameters there are, the declared figure in GiB stands in.
		const silent = [{ ...asked, parametersBillion: null }, of('larger', 7.9), of('smaller', 7.8)];
		const guessed = offers(
			judge(asked.variants[0]!, 4096, NOTHING_KNOWN, where),
			silent,
			() => NOTHING_KNOWN,
			where
		);
		expect(variantsOf(guessed)).toEqual(['Llama-3.2-smaller-q4f16_1-MLC']);
	});

	it('ask for no other window where the one asked for is none', () => {
		const variant = named('Qwen2-0.5B-Instruct-q4f16_1-MLC');
		const where = situation(300 * MiB);
		for (const window of [0, NaN, -1]) {
			const judged = { ...judge(variant, 4096, knownOf(variant), where), contextWindow: window };
			expect(kinds(offers(judged, catalog, knownOf, where))).not.toContain('context');
		}
	});

	it('name the largest window that fits', () => {
		const list = offered('Qwen2-0.5B-Instruct-q4f16_1-MLC', situation(600 * MiB), 32_768);
		const context = list.find((offer) => offer.kind === 'context');
		expect(context?.contextWindow).toBe(10_240);
		expect(context?.sentence).toContain('10,240 tokens');
	});

	it('name the most capable of the smaller families that fit', () => {
		const list = offered('Qwen3-8B-q4f16_1-MLC', situation(5.5 * GiB));
		const ids = list.flatMap((offer) => (offer.kind === 'variant' ? [offer.variantId] : []));
		expect(ids).toEqual(['Qwen3-4B-q4f16_1-MLC', 'Llama-3.2-3B-Instruct-q4f16_1-MLC']);
	});

	it('end with loading it once anyway, where only the budget is in the way', () => {
		expect(kinds(offered('Qwen3-8B-q4f16_1-MLC', situation(5 * GiB))).at(-1)).toBe(
			'load-once-anyway'
		);
		const without = situation(80 * GiB, { reading: ready({ features: [] }) });
		expect(kinds(offered('Qwen3-8B-q4f16_1-MLC', without))).toEqual([
			'variant',
			'variant',
			'variant'
		]);
	});

	it('name an f32 quantization where f16 is missing', () => {
		const without = situation(80 * GiB, { reading: ready({ features: [] }) });
		const [first] = offered('Qwen3-4B-q4f16_1-MLC', without);
		expect(first).toMatchObject({ kind: 'variant', variantId: 'Qwen3-4B-q4f32_1-MLC' });
	});

	it('name reading the library while the figure is only declared', () => {
		expect(kinds(offered('Qwen3-8B-q4f16_1-MLC', situation(5 * GiB)))).toContain('check-exactly');
		const known = offered('Qwen2-0.5B-Instruct-q4f16_1-MLC', situation(300 * MiB));
		expect(kinds(known)).not.toContain('check-exactly');
	});

	it('keep their promise: each offered load fits, and is never pocket', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...variants),
				fc.integer({ min: 0, max: 40 * GiB }),
				fc.integer({ min: 256, max: 32_768 }),
				fc.boolean(),
				(variant, bytes, window, f16) => {
					const where = situation(bytes, {
						reading: ready({ features: f16 ? ['shader-f16'] : [] })
					});
					const judged = judge(variant, window, knownOf(variant), where);
					const loads = offers(judged, catalog, knownOf, where).filter(
						(offer) => offer.kind === 'variant' || offer.kind === 'context'
					);
					fc.pre(loads.length > 0);
					for (const offer of loads) {
						const other = offer.kind === 'variant' ? named(offer.variantId) : variant;
						const again = judge(other, offer.contextWindow, knownOf(other), where);
						expect(again.verdict.kind).toBe('fits');
						expect(again.estimate?.peakBytes).toBe(offer.peakBytes);
						if (other.familyId !== variant.familyId) expect(other.origin).not.toBe('pocket');
					}
				}
			)
		);
	});
});
