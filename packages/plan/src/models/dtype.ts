const NAMED = /^(?:float|bfloat|uint|int)(\d{1,2})(?:_e\dm\d\w*)?(?:x(\d{1,2}))?$/;
/** As TVM called them first: `e4m3_float8`. */
const EARLY_FLOAT8 = /^e\dm\d_float8$/;

/** Bits of one element of a tensor type as MLC writes it: `float16`, `bfloat16`, `float8_e4m3fn`, `uint8x4`; null when unknown. */
function elementBits(dtype: string): number | null {
	if (dtype === 'bool' || EARLY_FLOAT8.test(dtype)) return 8;
	const [, bits, lanes] = NAMED.exec(dtype) ?? [];
	if (bits === undefined || ![4, 8, 16, 32, 64].includes(Number(bits))) return null;
	return Number(bits) * Number(lanes ?? 1);
}

/** Bytes of a tensor as it is stored, elements below a byte packed; null when its type is unknown or it is beyond all size. */
export function storedBytes(shape: readonly number[], dtype: string): number | null {
	const bits = elementBits(dtype);
	if (bits === null) return null;
	const all = shape.reduce((product, dim) => product * dim, bits);
	return Number.isSafeInteger(all) ? Math.ceil(all / 8) : null;
}

/** Bytes of the GPU buffer that holds a tensor: WebGPU buffers are multiples of 4, and tvmjs makes none smaller. */
export function tensorBytes(shape: readonly number[], dtype: string): number | null {
	const bytes = storedBytes(shape, dtype);
	return bytes === null ? null : Math.max(4, Math.ceil(bytes / 4) * 4);
}
