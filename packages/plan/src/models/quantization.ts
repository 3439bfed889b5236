/** How a variant's weights are stored and what type its compute, activations and KV cache have. */
export interface Quantization {
	/** WebLLM's name, for example `q4f16_1`. */
	name: string;
	/** Bits per weight; 0 means not quantized: the weights have the compute type. */
	weightBits: number;
	compute: 'f16' | 'f32';
	/** Bytes of one activation or KV cache element. */
	computeBytes: 2 | 4;
	/** The catalogue is silent about most f16 records, so the need follows from the name. */
	needsShaderF16: boolean;
}

/** Parses names of the form `q4f16_1`, `q0f32`; null when the name has another form. */
export function parseQuantization(name: string): Quantization | null {
	const match = /^q(\d+)f(16|32)(?:_\d+)?$/.exec(name);
	if (!match) return null;
	const compute = match[2] === '16' ? 'f16' : 'f32';
	return {
		name,
		weightBits: Number(match[1]),
		compute,
		computeBytes: compute === 'f16' ? 2 : 4,
		needsShaderF16: compute === 'f16'
	};
}

/**
 * Bits that one weight takes with its share of the scale. MLC packs as many weights into each uint32 as fit, and
 * every four of them share one scale of the compute type: q4f16_1 4.5, q4f32_1 5, q3f16_1 3.6.
 */
export function bitsPerWeight(
	quantization: Pick<Quantization, 'weightBits' | 'computeBytes'>
): number {
	const { weightBits, computeBytes } = quantization;
	if (weightBits === 0) return computeBytes * 8;
	return 32 / Math.floor(32 / weightBits) + (computeBytes * 8) / groupSize(quantization);
}

/** Weights that share one scale, where they are quantized: q4f16_1 32, q3f16_1 40. */
export const groupSize = ({ weightBits }: Pick<Quantization, 'weightBits'>): number =>
	4 * Math.floor(32 / weightBits);

/** The share of the weights' bytes saved against unquantized ones of that many bits: of 32, q0f16 0.5, q4f16_1 0.86. */
export const savedRatio = (quantization: Quantization, fullBits = 32): number =>
	1 - bitsPerWeight(quantization) / fullBits;
