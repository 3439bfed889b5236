import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantization } from '../models/quantization.ts';
import { calculate, KNOWN_SHAPES, nearestShape, parametersOf } from './calculator.ts';
import { estimate } from './estimate.ts';
import { GiB, MiB } from './samples.fixture.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

const q = (name: string) => parseQuantization(name)!;
const billions = (parameters: number) =>
	({ kind: 'parameters', parameters: parameters * 1e9 }) as const;
const llama8 = {
	kind: 'shape',
	layers: 32,
	heads: 32,
	keyValueHeads: 8,
	headDim: 128,
	vocabulary: 128_256
} as const;

describe('the shapes', () => {
	it('have the parameters that their publishers state', () => {
		const stated = [0.494, 1.236, 3.213, 8.03, 14.77, 32.76, 70.55];
		KNOWN_SHAPES.forEach((shape, i) =>
			expect(Math.abs(parametersOf(shape) / (stated[i]! * 1e9) - 1)).toBeLessThan(0.01)
		);
	});

	it('are those of the published models: with norms and biases, their parameters to the last one', () => {
		const published = [
			['Qwen2.5 0.5B', 494_032_768],
			['Llama 3.2 1B', 1_235_814_400],
			['Llama 3.2 3B', 3_212_749_824],
			['Llama 3.1 8B', 8_030_261_248],
			['Qwen2.5 14B', 14_770_033_664],
			['Qwen2.5 32B', 32_763_876_352],
			['Llama 3.1 70B', 70_553_706_496]
		] as const;
		const counted = KNOWN_SHAPES.map((shape, i) => {
			const { layers, queryHeads, keyValueHeads, headDim, hiddenSize } = shape;
			const norms = (2 * layers + 1) * hiddenSize;
			const biases = published[i]![0].startsWith('Qwen')
				? layers * headDim * (queryHeads + 2 * keyValueHeads)
				: 0;
			return [published[i]![0], parametersOf(shape) + norms + biases];
		});
		expect(counted).toEqual(published);
	});

	it('are the nearest by ratio', () => {
		expect(nearestShape(7e9).layers).toBe(32);
		expect(nearestShape(1e6).layers).toBe(24);
		expect(nearestShape(1e12).layers).toBe(80);
	});
});

describe('a model outside the catalogue', () => {
	it('is planned by parts: 8 billion parameters in 4 bits take 4.2 GiB of weights and 512 MiB of KV cache', () => {
		const made = calculate(billions(8.03), q('q4f16_1'), 4096)!;
		expect(made.weightsBytes / GiB).toBeCloseTo((8.03e9 * 4.5) / 8 / GiB, 6);
		expect(Math.abs(made.kvBytes - 512 * MiB)).toBeLessThan(4 * MiB);
		expect(made.confidence).toBe('declared');
		expect(made.note).toContain('nearest published model');
	});

	it('by its sizes has the KV cache exactly and its weights within the margin', () => {
		const [bySize, byCount] = [llama8, billions(8.03)].map((size) =>
			calculate(size, q('q4f16_1'), 8192)!
		);
		expect(bySize!.kvBytes).toBe(byCount!.kvBytes);
		expect(Math.abs(bySize!.weightsBytes / byCount!.weightsBytes - 1)).toBeLessThan(0.35);
	});

	it('has what a model of the catalogue really takes within its margin', () => {
		for (const name of ['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32']) {
			const real = estimate(qwenVariant(name), 4096, { library: qwenLibrary(name) })!;
			const made = calculate(billions(0.494), q(name), 4096)!;
			expect(real.peakBytes).toBeLessThanOrEqual(made.mostBytes);
			expect(real.peakBytes).toBeGreaterThanOrEqual(made.peakBytes * (1 - made.marginRatio));
		}
	});

	it('by its sizes assumes an MLP 3.5 times as wide as the model, as Llama 3.1 8B has', () => {
		const parameters = parametersOf(KNOWN_SHAPES[3]!);
		expect(calculate(llama8, q('q4f16_1'), 4096)!.weightsBytes).toBe(
			Math.round((parameters * 4.5) / 8)
		);
	});

	it('may have as many bytes more as its weights and its KV cache may be off', () => {
		const marginOf = (size: Parameters<typeof calculate>[0], name: string, window: number) => {
			const made = calculate(size, q(name), window)!;
			return { ...made, margin: made.marginRatio * made.peakBytes };
		};
		const slopes = (size: Parameters<typeof calculate>[0]) => {
			const usual = marginOf(size, 'q4f16_1', 4096);
			const heavier = marginOf(size, 'q0f16', 4096);
			const longer = marginOf(size, 'q4f16_1', 16_384);
			return {
				weights: (heavier.margin - usual.margin) / (heavier.weightsBytes - usual.weightsBytes),
				cache: (longer.margin - usual.margin) / (longer.kvBytes - usual.kvBytes)
			};
		};
		const byCount = slopes(billions(8.03));
		expect(byCount.weights).toBeCloseTo(0.1, 6);
		expect(byCount.cache).toBeCloseTo(1, 6);
		const bySize = slopes(llama8);
		expect(bySize.weights).toBeCloseTo(0.35, 6);
		expect(bySize.cache).toBeCloseTo(0, 6);
	});

	it('may have one head of keys and values, as Gemma 2B does', () => {
		const one = calculate({ ...llama8, keyValueHeads: 1 }, q('q4f16_1'), 4096)!;
		expect(one.kvBytes).toBe(calculate(llama8, q('q4f16_1'), 4096)!.kvBytes / 8);
	});

	it('is planned up to ten trillion parameters', () => {
		expect(calculate(billions(10_000), q('q4f16_1'), 4096)).not.toBeNull();
		const parameters = 1e13 + 1;
		expect(calculate({ kind: 'parameters', parameters }, q('q4f16_1'), 4096)).toBeNull();
		const damaged = { ...llama8, layers: 1e9, heads: 1e9 };
		expect(calculate(damaged, q('q4f16_1'), 4096)).toBeNull();
	});

	it('never costs less with more parameters or a larger window, and its parts are its peak', () => {
		const window = fc.integer({ min: 512, max: 131_072 });
		fc.assert(
			fc.property(window, window, fc.double({ min: 0.1, max: 100, noNaN: true }), (a, b, size) => {
				const [small, large] = [Math.min(a, b), Math.max(a, b)].map((tokens) =>
					calculate(billions(size), q('q4f16_1'), tokens)!
				);
				expect(large!.peakBytes).toBeGreaterThanOrEqual(small!.peakBytes);
				const { weightsBytes, kvBytes, activationsBytes, runtimeBytes, samplingBytes } = large!;
				expect(weightsBytes + kvBytes + activationsBytes + runtimeBytes + samplingBytes).toBe(
					large!.peakBytes
				);
			})
		);
	});

	it.each([0, -1, NaN, Infinity, 1e13 + 1])('is not planned from %d', (bad) => {
		expect(calculate(billions(bad), q('q4f16_1'), 4096)).toBeNull();
		expect(calculate({ ...llama8, layers: bad }, q('q4f16_1'), 4096)).toBeNull();
		expect(calculate(llama8, q('q4f16_1'), bad)).toBeNull();
	});
});
