import type { Family, Variant } from './catalog.ts';
import { bitsPerWeight, savedRatio } from './quantization.ts';

/** Bytes of a variant's weights by the parameters in its name, off by some 10 %; null where none are known. */
export function approximateWeightBytes(family: Family, variant: Variant): number | null {
	if (family.parametersBillion === null) return null;
	return (family.parametersBillion * 1e9 * bitsPerWeight(variant.quantization)) / 8;
}

/**
 * The share of the weights' bytes that a variant saves against its family in full precision (q0f32): by figures
 * where `weightBytes` has both, else by the bits per weight. 0 for the full-precision one itself.
 */
export function savedAgainstFull(
	family: Family,
	variant: Variant,
	weightBytes: (variant: Variant) => number | null = () => null
): number {
	const full = family.variants.find(({ quantization }) => quantization.name === 'q0f32');
	const own = weightBytes(variant);
	const whole = full ? weightBytes(full) : null;
	return own !== null && whole !== null && whole > 0 && Number.isFinite(own)
		? 1 - own / whole
		: savedRatio(variant.quantization);
}
