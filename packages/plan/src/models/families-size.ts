import type { Family, Variant } from './catalog.ts';
import { percent } from '../words.ts';
import { bitsPerWeight, savedRatio } from './quantization.ts';

/** Bytes of a variant's weights by the parameters in its name, off by some 10 %; null where none are known. */
export function approximateWeightBytes(family: Family, variant: Variant): number | null {
	if (family.parametersBillion === null) return null;
	return (family.parametersBillion * 1e9 * bitsPerWeight(variant.quantization)) / 8;
}

/**
 * The share of the weights' bytes that a variant saves against its family unquantized, in 32 bits (`q0f32`) or 16
 * (`q0f16`): by figures where `weightBytes` has both, else by the bits per weight. 0 against itself, and negative
 * where it takes more.
 */
export function savedAgainst(
	whole: 'q0f32' | 'q0f16',
	family: Family,
	variant: Variant,
	weightBytes: (variant: Variant) => number | null = () => null
): number {
	const full = family.variants.find(({ quantization }) => quantization.name === whole);
	const own = weightBytes(variant);
	const fullBytes = full ? weightBytes(full) : null;
	return own !== null && fullBytes !== null && fullBytes > 0 && Number.isFinite(own)
		? 1 - own / fullBytes
		: savedRatio(variant.quantization, whole === 'q0f32' ? 32 : 16);
}

/** What a quantization saves, as short as a list of choices needs: "−72% of 16-bit, −86% of 32-bit"; else "". */
export const savedInShort = (
	family: Family,
	variant: Variant,
	weightBytes?: (variant: Variant) => number | null
): string =>
	(['q0f16', 'q0f32'] as const)
		.flatMap((whole) => {
			const saved = savedAgainst(whole, family, variant, weightBytes);
			return saved >= 0.005 ? [`−${percent(saved)} of ${whole === 'q0f16' ? 16 : 32}-bit`] : [];
		})
		.join(', ');
