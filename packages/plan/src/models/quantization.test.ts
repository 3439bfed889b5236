import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsPerWeight, parseQuantization, savedRatio, type Quantization } from './quantization.ts';

const q = (name: string): Quantization => {
	const quantization = parseQuantization(name);
	if (!quantization) throw new Error(`${name} was not read`);
	return quantization;
};

describe('parseQuantization', () => {
	it.each([
		['q4f16_1', 4, 'f16', 2, true],
		['q4f32_1', 4, 'f32', 4, false],
		['q3f16_1', 3, 'f16', 2, true],
		['q0f16', 0, 'f16', 2, true],
		['q0f32', 0, 'f32', 4, false]
	] as const)('reads %s', (name, weightBits, compute, computeBytes, needsShaderF16) => {
		expect(parseQuantization(name)).toEqual({
			name,
			weightBits,
			compute,
			computeBytes,
			needsShaderF16
		});
	});

	it.each(['', 'q4', 'q4f64', 'f16', 'q4bf16_1', 'Q4F16_1', 'q4f16_1-MLC', ' q4f16_1'])(
		'refuses %j',
		(name) => {
			expect(parseQuantization(name)).toBeNull();
		}
	);

	it('asks for shader-f16 exactly where the compute type is f16, whatever the name', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^q\df(16|32|64|8)(_\d)?$/), (name) => {
				const quantization = parseQuantization(name);
				expect(quantization?.needsShaderF16 ?? false).toBe(name.includes('f16'));
			})
		);
	});
});

describe('bitsPerWeight', () => {
	it.each([
		['q4f16_1', 4.5],
		['q4f32_1', 5],
		['q3f16_1', 3.6],
		['q0f16', 16],
		['q0f32', 32]
	])('of %s is %d', (name, bits) => {
		expect(bitsPerWeight(q(name))).toBeCloseTo(bits, 10);
	});

	it.each([
		['q4f16_1', 277_996_288],
		['q4f32_1', 309_011_968],
		['q0f16', 988_065_536],
		['q0f32', 1_976_131_072]
	])('agrees with the measured weights of Qwen2 0.5B in %s', (name, measured) => {
		const weights = 494_032_768; // q0f32: four bytes each
		expect(Math.abs((weights * bitsPerWeight(q(name))) / 8 / measured - 1)).toBeLessThan(0.002);
	});
});

describe('savedRatio', () => {
	it('is nothing for full precision and grows as the weights shrink', () => {
		const saved = ['q0f32', 'q0f16', 'q4f32_1', 'q4f16_1', 'q3f16_1'].map((name) =>
			savedRatio(q(name))
		);
		expect(saved[0]).toBe(0);
		expect(saved[1]).toBe(0.5);
		expect([...saved].sort((a, b) => a - b)).toEqual(saved);
	});
});
