import type { Variant } from './catalog.ts';
import { bitsPerWeight, groupSize, type Quantization } from './quantization.ts';

/** A quantization's name in words: what it stores and computes, and when to use it. */
export interface QuantizationWords {
	/** How weights are stored and what computes, from the name's own figures. */
	meaning: string;
	whenToUse: string;
}

export function explainQuantization(quantization: Quantization): QuantizationWords {
	const { weightBits, computeBytes } = quantization;
	const computeBits = 8 * computeBytes;
	const stored =
		weightBits === 0
			? `Not quantized: ${computeBits} bits per weight`
			: `${weightBits} bits per weight, in groups of ${groupSize(quantization)} with a ${computeBits}-bit scale each: ${figure(bitsPerWeight(quantization))} bits in total`;
	const needs = quantization.needsShaderF16 ? ' (needs shader-f16)' : '';
	return {
		meaning: `${stored}. Computes in ${computeBits} bits${needs}.`,
		whenToUse: whenToUse(quantization)
	};
}

const figure = (bits: number): string => String(Number(bits.toFixed(2)));

function whenToUse({ weightBits, computeBytes }: Quantization): string {
	const f32 = computeBytes === 4;
	if (weightBits === 0)
		return f32
			? 'The reference for comparisons: full precision, on any GPU with enough memory.'
			: 'When memory is plentiful and precision matters: close to full precision in half the memory.';
	if (weightBits < 4)
		return 'Only when 4 bits do not fit: answers get noticeably worse, most of all in small models.';
	return f32
		? 'For GPUs without 16-bit shaders. Where they exist, the f16 variant takes less memory.'
		: 'The usual choice: the smallest that still answers well.';
}

/** Sizes that people know from other programs and look for here. */
const EXPECTED_BITS = [8, 2];

/** A sentence on the usual bit widths that none of the variants has; null when all of them exist. */
export function absentQuantizations(variants: readonly Variant[]): string | null {
	const bits = new Set(variants.map(({ quantization }) => quantization.weightBits));
	const absent = EXPECTED_BITS.filter((each) => !bits.has(each));
	if (absent.length === 0) return null;
	return `WebLLM’s catalogue has no ${absent.join('-bit and no ')}-bit variants.`;
}
