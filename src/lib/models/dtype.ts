/** Bytes of one element of a tensor type as MLC writes it: `float16`, `uint32`, `bfloat16`, `float8_e4m3fn`; null when unknown. */
export function elementBytes(dtype: string): number | null {
	if (dtype === 'bool') return 1;
	const match = /^(?:float|bfloat|uint|int)(8|16|32|64)(?:_e\dm\d\w*)?$/.exec(dtype);
	return match ? Number(match[1]) / 8 : null;
}

/** Bytes of the GPU buffer that holds a tensor: WebGPU buffers are multiples of 4, and tvmjs makes none smaller. */
export const bufferBytes = (bytes: number): number => Math.max(4, Math.ceil(bytes / 4) * 4);
