import { expect, it } from 'vitest';
import { families } from './catalog-data.ts';
import { absentQuantizations, explainQuantization } from './quantization-words.ts';
import { bitsPerWeight, groupSize, parseQuantization } from './quantization.ts';

const q = (name: string) => {
	const quantization = parseQuantization(name);
	if (!quantization) throw new Error(`${name} was not read`);
	return quantization;
};
const variants = families.flatMap((family) => family.variants);

it.each([
	[
		'q4f16_1',
		'4 bits per weight, in groups of 32 with a 16-bit scale each: 4.5 bits in total. Computes in 16 bits (needs shader-f16).'
	],
	[
		'q4f32_1',
		'4 bits per weight, in groups of 32 with a 32-bit scale each: 5 bits in total. Computes in 32 bits.'
	],
	[
		'q3f16_1',
		'3 bits per weight, in groups of 40 with a 16-bit scale each: 3.6 bits in total. Computes in 16 bits (needs shader-f16).'
	],
	[
		'q5f32_1',
		'5 bits per weight, in groups of 24 with a 32-bit scale each: 6.67 bits in total. Computes in 32 bits.'
	],
	['q0f16', 'Not quantized: 16 bits per weight. Computes in 16 bits (needs shader-f16).'],
	['q0f32', 'Not quantized: 32 bits per weight. Computes in 32 bits.']
])('%s is explained by bits, group, scale and compute type', (name, meaning) => {
	expect(explainQuantization(q(name)).meaning).toBe(meaning);
});

it('every quantization of the catalogue has its own advice on when to use it', () => {
	const names = new Set(variants.map(({ quantization }) => quantization.name));
	const advice = [...names].map((name) => explainQuantization(q(name)).whenToUse);
	expect(names.size).toBeGreaterThanOrEqual(5);
	expect(new Set(advice).size).toBe(names.size);
});

it.each([
	['q0f32', 'full precision'],
	['q0f16', 'in half the memory'],
	['q3f16_1', 'Only when 4 bits do not fit'],
	['q4f32_1', 'For GPUs without 16-bit shaders'],
	['q4f16_1', 'The usual choice']
])('%s is advised with “%s”', (name, words) => {
	expect(explainQuantization(q(name)).whenToUse).toContain(words);
});

it('the bits per weight follow from the group and its scale', () => {
	for (const name of ['q4f16_1', 'q4f32_1']) {
		const { weightBits, computeBytes } = q(name);
		expect(bitsPerWeight(q(name))).toBe(weightBits + (8 * computeBytes) / groupSize(q(name)));
	}
});

it('says which usual sizes the catalogue lacks, until they are there', () => {
	expect(absentQuantizations(variants)).toBe(
		'WebLLM’s catalogue has no 8-bit and no 2-bit variants.'
	);
	const [one] = variants;
	const withBits = (bits: number) => ({ ...one!, quantization: q(`q${bits}f16_1`) });
	expect(absentQuantizations([withBits(8)])).toBe('WebLLM’s catalogue has no 2-bit variants.');
	expect(absentQuantizations([withBits(8), withBits(2)])).toBeNull();
});
