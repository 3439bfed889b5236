import { describe, expect, it } from 'vitest';
import { extractPrebuilt } from '../../../../scripts/catalog.ts';
import type { Facts } from '../models/facts.ts';
import { parseQuantization } from '../models/quantization.ts';
import { estimate } from './estimate.ts';
import { judge, NOTHING_KNOWN } from './judge.ts';
import {
	chatConfig,
	gemma2b,
	NEWER_MEASURED,
	newerQwen,
	newerQwenMetadata,
	QWEN_VOCABULARY
} from './newer-libraries.fixture.ts';
import { MiB, situation } from './samples.fixture.ts';
import { wordOf } from './verdict-words.ts';
import { LARGEST_VOCABULARY, mostTokensOf } from './vocabulary.ts';
import { MEASURED, qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

const prebuilt = extractPrebuilt();

/** A variant as the catalogue of today declares it. */
function declared(familyId: string, name: string) {
	const row = prebuilt.families
		.find(({ id }) => id === familyId)
		?.variants.find(({ q }) => q === name);
	const quantization = parseQuantization(name);
	if (!row || !quantization) throw new Error(`the catalogue has no ${familyId} ${name}`);
	return qwenVariant(name, {
		id: `${familyId}-${name}-MLC`,
		familyId,
		quantization,
		declaredBytes: Math.round(row.mib * MiB),
		declaredContextWindow: row.ctx,
		maxContextWindow: 32_768
	});
}

function planned(...args: Parameters<typeof estimate>) {
	const made = estimate(...args);
	if (!made) throw new Error('there is no estimate');
	return made;
}

const ALL = { softmax_with_temperature: 0, argsort_probs: 0, sample_with_top_p: 0 };
const withAll = ({ library, ...facts }: Facts): Facts => {
	if (!library) throw new Error('there is no library');
	return { ...facts, library: { ...library, memoryUsage: { ...library.memoryUsage, ...ALL } } };
};

const qwenOf = (name: string) =>
	declared(name === 'q4f32_1' ? 'Qwen2.5-0.5B-Instruct' : 'Qwen2-0.5B-Instruct', name);
const gemma = declared('gemma-2b-it', 'q4f32_1');

describe('the declared figure', () => {
	it.each([
		['q4f16_1', 0.85],
		['q4f32_1', 0.87],
		['q0f16', 0.91],
		['q0f32', 0.95]
	])('of Qwen2.5-0.5B %s compares with a plan that contains sampling', (name, expected) => {
		const plan = planned(qwenOf(name), 4096, withAll(newerQwen(name)));
		expect(plan.peakBytes / qwenOf(name).declaredBytes).toBeCloseTo(expected, 2);
	});

	it('of gemma-2b is a third less than a plan that contains sampling', () => {
		const plan = planned(gemma, 4096, withAll(gemma2b));
		expect(plan.peakBytes / gemma.declaredBytes).toBeCloseTo(1.53, 2);
	});

	it('has every figure that was measured or is planned within its bounds', () => {
		const truths: [ReturnType<typeof declared>, number, number][] = [
			...MEASURED.map(([name, window, , , peak]): [ReturnType<typeof declared>, number, number] => [
				qwenOf(name),
				window,
				peak
			]),
			...NEWER_MEASURED.flatMap(
				([model, name, facts, window, , peak]): [ReturnType<typeof declared>, number, number][] => {
					const variant = model === 'gemma-2b' ? gemma : qwenOf(name);
					return [
						[variant, window, peak],
						...[1024, 4096, 8192].map((at): [ReturnType<typeof declared>, number, number] => [
							variant,
							at,
							planned(variant, at, withAll(facts)).peakBytes
						])
					];
				}
			)
		];
		for (const [variant, window, peak] of truths) {
			const plan = planned(variant, window);
			const what = `${variant.id} at ${window}: ${peak}`;
			expect(plan.confidence).toBe('declared');
			expect(plan.mostBytes, what).toBeGreaterThanOrEqual(peak);
			expect(plan.peakBytes * (1 - plan.marginRatio), what).toBeLessThanOrEqual(peak);
		}
	});

	it('is read as what it is: the note names both bounds', () => {
		expect(planned(gemma, 1024).note).toMatch(
			/^The catalogue declares 1\.71 GiB .+ leaves out the sampling buffers: between .+ and .+ may be taken/
		);
	});

	it('leaves less room for doubt where tokens are chosen without the library', () => {
		const engine = planned(gemma, 4096);
		const lean = planned(gemma, 4096, null, [], { sampling: 'lean' });
		expect(engine.mostBytes - lean.mostBytes).toBe(6 * 128 * 256_128 * 4);
	});
});

describe('a verdict by the declared figure', () => {
	const kindAt = (budgetMiB: number) =>
		judge(gemma, 1024, NOTHING_KNOWN, situation(budgetMiB * MiB)).verdict;

	it('fits only where the upper bound does: gemma-2b at 1024 took far more than the figure says', () => {
		const [, , , , , peak] = NEWER_MEASURED[4] ?? [];
		expect((peak ?? 0) / planned(gemma, 1024).peakBytes).toBeGreaterThan(1.27);
		// By the point value alone these 2.2 GiB were said to be enough.
		const judged = kindAt(2200);
		expect([judged.kind, wordOf(judged)]).toEqual(['tight', 'may fit']);
		expect(judged.reasons.map(({ code }) => code)).toEqual(['may-fit']);
		expect(judged.reasons[0]?.sentence).toMatch(/^It may fit: .+ up to .+ may be taken\.$/);
	});

	it('goes from blocked through tight and “may fit” to fits as the budget grows', () => {
		const codes = [1000, 1600, 2200, 3400].map((mib) => {
			const { kind, reasons } = kindAt(mib);
			return [kind, reasons[0]?.code];
		});
		expect(codes).toEqual([
			['blocked', 'over-budget'],
			['tight', 'near-threshold'],
			['tight', 'may-fit'],
			['fits', undefined]
		]);
	});

	it('is no longer used once the library was read', () => {
		const facts = { library: qwenLibrary('q4f16_1'), config: chatConfig(QWEN_VOCABULARY) };
		const known = { ...NOTHING_KNOWN, facts };
		expect(judge(qwenOf('q4f16_1'), 4096, known, situation(560 * MiB)).verdict.kind).toBe('fits');
	});
});

it('every family of the catalogue has a vocabulary that was published, or the largest', () => {
	const largest = prebuilt.families
		.map(({ id }) => id)
		.filter((familyId) => mostTokensOf({ familyId }) === LARGEST_VOCABULARY);
	expect(largest).toEqual(['gemma-4-E2B-it', 'gemma3-1b-it']);
	expect(mostTokensOf({ familyId: 'Nobody-knows-it-1B' })).toBe(LARGEST_VOCABULARY);
});

it('the chat configuration’s vocabulary counts where it was read', () => {
	const metadata = newerQwenMetadata('q4f16_1');
	expect(metadata.max_batch_size).toBe(128);
	expect(planned(qwenOf('q4f16_1'), 4096, newerQwen('q4f16_1')).samplingBytes).toBe(
		128 * QWEN_VOCABULARY * 4
	);
});
