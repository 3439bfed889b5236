import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desktopLimits } from '../device/a-device.fixture.ts';
import { usableBytes } from '../device/budget.ts';
import { judge, NOTHING_KNOWN } from './judge.ts';
import { budget, catalog, GiB, knownOf, MiB, qwenFamily, situation } from './samples.fixture.ts';
import {
	commonGpus,
	commonGpusWith,
	elsewhere,
	gpusWith,
	gpuTable,
	needOf,
	simulated
} from './simulation.ts';

const llama = catalog.find(({ id }) => id === 'Llama-3.2-3B-Instruct')!;
const card = (gib: number, shaderF16 = true) =>
	simulated({ gpu: { name: 'Card', shared: false }, sizeBytes: gib * GiB, shaderF16 });

describe('a simulated GPU', () => {
	it('has the memory it is sold with less the reserve, and of a shared one two thirds', () => {
		expect(card(8).budget?.bytes).toBe(7.5 * GiB);
		const shared = simulated({
			gpu: { name: 'M', shared: true },
			sizeBytes: 24 * GiB,
			shaderF16: true
		});
		expect(shared.budget?.bytes).toBe(15.5 * GiB);
		expect(card(8).budget?.explanation).toBe('Simulated: Card with 8.00 GiB.');
	});

	it('grants what current desktop GPUs do: no tensor that the engine can load is too large', () => {
		const reading = card(8).reading;
		const limits = reading?.kind === 'ready' ? reading.device.limits : null;
		expect(limits).toEqual(desktopLimits);
		expect(card(8)).toMatchObject({ usedBytes: 0, outgoingBytes: 0, threshold: 0.9 });
		expect(card(0.25).budget?.bytes).toBe(0);
	});

	it('refuses f16 where it has no 16-bit shaders', () => {
		const f16 = llama.variants.find(({ quantization }) => quantization.name === 'q4f16_1')!;
		expect(judge(f16, 4096, NOTHING_KNOWN, card(24)).verdict.kind).toBe('fits');
		expect(judge(f16, 4096, NOTHING_KNOWN, card(24, false)).verdict.kind).toBe('blocked');
	});

	it('takes nothing over that was measured or failed here', () => {
		const measured = [{ contextWindow: 4096, afterLoadBytes: 1, peakBytes: 2 }];
		const known = { facts: null, measured, failedWindow: 512 };
		expect(elsewhere(known)).toEqual(NOTHING_KNOWN);
	});
});

describe('the table of common GPUs', () => {
	it('goes from 4 to 24 GiB with several makers', () => {
		const sizes = commonGpus.map(({ sizeBytes }) => sizeBytes / GiB);
		// A name that the published table does not have any more would drop out.
		expect(new Set(commonGpus.map(({ gpu }) => gpu.name)).size).toBe(15);
		expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([4, 24]);
		expect(new Set(commonGpus.map(({ gpu }) => gpu.name.split(' ')[0])).size).toBe(4);
	});

	it('has one verdict per quantization, none worse on a GPU with more', () => {
		const order = ['blocked', 'tight', 'fits'];
		const rows = gpuTable(llama, 4096, knownOf);
		llama.variants.forEach((_, column) => {
			const verdicts = rows.map(({ judged }) => order.indexOf(judged[column]!.verdict.kind));
			expect([...verdicts].sort((a, b) => a - b)).toEqual(verdicts);
		});
		expect(rows.at(-1)?.judged.map(({ verdict }) => verdict.kind)).toEqual(['fits', 'fits']);
	});
});

describe('what a model needs', () => {
	it('is its peak by the threshold, or by what fits without a word, and the reserve', () => {
		const judged = judge(llama.variants[0]!, 4096, NOTHING_KNOWN, card(8));
		const { peakBytes, mostBytes } = judged.estimate!;
		expect(needOf(judged)).toEqual({
			minimumBytes: Math.ceil(peakBytes / 0.9) + GiB / 2,
			comfortableBytes: Math.ceil(mostBytes / 0.8) + GiB / 2
		});
		const read = knownOf(qwenFamily.variants[0]!);
		const known = judge(qwenFamily.variants[0]!, 4096, read, card(8));
		expect(needOf(known)?.comfortableBytes).toBe(
			Math.ceil(known.estimate!.peakBytes / 0.8) + GiB / 2
		);
		expect(needOf({ ...judged, estimate: null })).toBeNull();
	});

	it('is where the verdict turns, for every model and window', () => {
		const variants = catalog.flatMap((family) => family.variants);
		fc.assert(
			fc.property(
				fc.constantFrom(...variants),
				fc.integer({ min: 512, max: 32_768 }),
				(variant, window) => {
					const at = (totalBytes: number) =>
						judge(variant, Math.min(window, variant.maxContextWindow ?? window), knownOf(variant), {
							...situation(0),
							budget: budget(totalBytes - GiB / 2)
						}).verdict;
					const need = needOf(
						judge(
							variant,
							Math.min(window, variant.maxContextWindow ?? window),
							knownOf(variant),
							situation(GiB)
						)
					)!;
					fc.pre(at(2 ** 45).kind === 'fits');
					expect(at(need.minimumBytes + 2).kind).not.toBe('blocked');
					expect(at(need.minimumBytes - 2).kind).toBe('blocked');
					expect(at(need.comfortableBytes + 2).kind).toBe('fits');
					expect(at(need.comfortableBytes - MiB).kind).not.toBe('fits');
				}
			)
		);
	});

	it('is had by the GPUs that can use as much, in their smallest such size', () => {
		const all = gpusWith(10 * GiB);
		expect(all.length).toBeGreaterThan(20);
		for (const { gpu, sizeBytes } of all) {
			expect(usableBytes(gpu, sizeBytes)).toBeGreaterThanOrEqual(10 * GiB);
			const smaller = gpu.sizesBytes.filter((size) => size < sizeBytes);
			for (const size of smaller) expect(usableBytes(gpu, size)).toBeLessThan(10 * GiB);
		}
		expect(gpusWith(2 ** 45)).toEqual([]);
		const common = commonGpusWith(10 * GiB).map(({ gpu }) => gpu.name);
		expect(common).toContain('NVIDIA RTX 4090');
		expect(common).not.toContain('NVIDIA RTX 4060');
		expect(new Set(common).size).toBe(common.length);
	});
});
