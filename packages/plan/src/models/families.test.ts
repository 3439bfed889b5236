import { describe, expect, it } from 'vitest';
import type { Family, Variant } from './catalog.ts';
import { approximateWeightBytes, savedAgainst, savedInShort } from './families-size.ts';
import { familyProfile } from './families.ts';
import { parseQuantization } from './quantization.ts';

describe('familyProfile', () => {
	it.each([
		['Llama-3.2-1B-Instruct', 'Llama 3.2 1B Instruct', 1],
		['gemma-2-2b-it', 'Gemma 2 2B Instruct', 2],
		['gemma-2-2b-jpn-it', 'Gemma 2 2B Japanese Instruct', 2],
		['gemma3-1b-it', 'Gemma 3 1B Instruct', 1],
		['gemma-4-E2B-it', 'Gemma 4 E2B Instruct', 2],
		['phi-1_5', 'Phi 1.5', 1.3],
		['phi-2', 'Phi 2', 2.7],
		['Phi-3-mini-4k-instruct', 'Phi 3 Mini 4K Instruct', 3.8],
		['Phi-3.5-mini-instruct', 'Phi 3.5 Mini Instruct', 3.8],
		['Phi-3.5-vision-instruct', 'Phi 3.5 Vision Instruct', 4.2],
		['Phi-4-mini-instruct', 'Phi 4 Mini Instruct', 3.8],
		['stablelm-2-zephyr-1_6b', 'StableLM 2 Zephyr 1.6B', 1.6],
		['Llama-2-13b-chat-hf', 'Llama 2 13B Chat', 13],
		['SmolLM2-135M-Instruct', 'SmolLM2 135M Instruct', 0.135],
		['Ministral-3-3B-Instruct-2512-BF16', 'Ministral 3 3B Instruct 2512', 3],
		['OLMo-2-0425-1B-Instruct', 'OLMo 2 0425 1B Instruct', 1],
		['Unheard-of-model', 'Unheard of model', null]
	])('reads %s', (id, name, parametersBillion) => {
		expect(familyProfile(id)).toMatchObject({ name, parametersBillion });
	});

	it.each([
		['Qwen3-0.6B', true],
		['Qwen3.5-9B', true],
		['DeepSeek-R1-Distill-Qwen-7B', true],
		['Ministral-3-3B-Reasoning-2512', true],
		['gpt-oss-20b', true],
		['Qwen3-4B-Thinking-2507', true],
		['Qwen3-4B-Instruct-2507', false],
		['Ministral-3-3B-Base-2512', false],
		['Qwen2.5-7B-Instruct', false],
		['Llama-3.1-8B-Instruct', false]
	])('knows whether %s thinks', (id, thinking) => {
		expect(familyProfile(id).thinking).toBe(thinking);
	});
});

const family = (...names: string[]): Family => ({
	id: 'test',
	name: 'Test',
	variants: names.map((name) => {
		const quantization = parseQuantization(name);
		if (!quantization) throw new Error(name);
		return { id: name, quantization } as Variant;
	}),
	vision: false,
	thinking: false,
	parametersBillion: 0.5
});

describe('sizes of a family', () => {
	const whole = family('q0f32', 'q4f16_1');
	const [full, quantized] = whole.variants as [Variant, Variant];

	it('weighs by the parameters of the name', () => {
		expect(approximateWeightBytes(whole, quantized)).toBe((0.5e9 * 4.5) / 8);
		expect(approximateWeightBytes({ ...whole, parametersBillion: null }, quantized)).toBeNull();
	});

	it('saves by bits where no figures are known', () => {
		expect(savedAgainst('q0f32', whole, full)).toBe(0);
		expect(savedAgainst('q0f32', whole, quantized)).toBeCloseTo(1 - 4.5 / 32, 10);
		expect(savedAgainst('q0f32', family('q4f16_1'), quantized, () => 100)).toBeCloseTo(
			1 - 4.5 / 32,
			10
		);
	});

	it('saves by figures where both are known', () => {
		const measured = (variant: Variant) => (variant === full ? 1000 : 140);
		expect(savedAgainst('q0f32', whole, quantized, measured)).toBeCloseTo(0.86, 10);
	});

	it('never turns a broken figure into a broken saving', () => {
		expect(savedAgainst('q0f32', whole, quantized, () => NaN)).toBeCloseTo(1 - 4.5 / 32, 10);
		expect(savedAgainst('q0f32', whole, quantized, () => 1)).toBe(0);
		expect(savedAgainst('q0f32', whole, quantized, () => 0)).toBeCloseTo(1 - 4.5 / 32, 10);
	});

	it('is said in short against 16 and 32 bits, and not where there is none', () => {
		const five = family('q0f32', 'q0f16', 'q4f32_1', 'q4f16_1', 'q3f16_1');
		expect(five.variants.map((variant) => savedInShort(five, variant))).toEqual([
			'',
			'−50% of 32-bit',
			'−69% of 16-bit, −84% of 32-bit',
			'−72% of 16-bit, −86% of 32-bit',
			'−78% of 16-bit, −89% of 32-bit'
		]);
		const exact = ({ id }: Variant) => ({ q0f32: 1000, q0f16: 500, q4f16_1: 150 })[id] ?? null;
		expect(savedInShort(five, five.variants[3]!, exact)).toBe('−70% of 16-bit, −85% of 32-bit');
		const nearly = (bytes: number) =>
			savedInShort(
				five,
				five.variants[3]!,
				({ id }) => ({ q0f32: 10_000, q0f16: 10_000 })[id] ?? bytes
			);
		expect(nearly(9949)).toBe('−1% of 16-bit, −1% of 32-bit');
		expect(nearly(9951)).toBe('');
	});
});
