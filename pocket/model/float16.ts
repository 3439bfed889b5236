/** IEEE 754 binary16: what the f16 variants store. Node 20 has no Float16Array. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits of the nearest binary16 number, ties to even; beyond 65,504 infinity. */
export function toFloat16(x: number): number {
	float[0] = x;
	const u = bits[0]!;
	const sign = (u >>> 16) & 0x8000;
	const magnitude = u & 0x7fffffff;
	if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
	// 65,520 is halfway between the largest number and the next, which would be 65,536.
	if (magnitude >= 0x477ff000) return sign | 0x7c00;
	if (magnitude < 0x38800000) {
		// Below 2^-14 the spacing is a constant 2^-24: adding 0.5, whose own spacing is 2^-24, rounds to it.
		float[0] = Math.abs(float[0]) + 0.5;
		return sign | (bits[0]! - 0x3f000000);
	}
	// Rebias the exponent, drop 13 bits of the significand, ties to even; a carry moves into the exponent.
	return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The value of 16 binary16 bits. */
export function fromFloat16(h: number): number {
	const exponent = (h >>> 10) & 31;
	const fraction = h & 0x3ff;
	const sign = h & 0x8000 ? -1 : 1;
	if (exponent === 31) return fraction ? NaN : sign * Infinity;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds to the nearest binary16 number, by way of binary32. */
export function roundFloat16(x: number): number {
	float[0] = x;
	const magnitude = bits[0]! & 0x7fffffff;
	if (magnitude >= 0x38800000 && magnitude < 0x477ff000) {
		bits[0] = (bits[0]! + 0xfff + ((bits[0]! >>> 13) & 1)) & ~0x1fff;
		return float[0];
	}
	return fromFloat16(toFloat16(x));
}
