import { expect, it } from 'vitest';
import { storedBytes, tensorBytes } from './dtype.ts';

it.each([
	['float32', 4],
	['float16', 2],
	['bfloat16', 2],
	['uint32', 4],
	['int8', 1],
	['bool', 1],
	['float8_e4m3fn', 1],
	['float8_e5m2', 1],
	['e4m3_float8', 1],
	['uint8x4', 4],
	['int64', 8]
])('an element of %s takes %d bytes', (dtype, bytes) => {
	expect(storedBytes([1000], dtype)).toBe(1000 * bytes);
});

it('elements smaller than a byte are packed', () => {
	expect(storedBytes([3, 3], 'float4_e2m1fn')).toBe(5);
	expect(storedBytes([], 'int4')).toBe(1);
});

it('a GPU buffer is a multiple of 4 bytes, and never empty', () => {
	expect(tensorBytes([3], 'float16')).toBe(8);
	expect(tensorBytes([10], 'float16')).toBe(20);
	expect(tensorBytes([0], 'float16')).toBe(4);
	expect(tensorBytes([], 'float16')).toBe(4);
});

it.each(['', 'float', 'float17', 'complex64', 'handle', 'float32x', 'uint99', '__proto__'])(
	'nothing is said of a type called “%s”',
	(dtype) => {
		expect(storedBytes([4], dtype)).toBeNull();
	}
);

it('nothing is said of a size beyond all numbers', () => {
	expect(tensorBytes([2 ** 30, 2 ** 30], 'float16')).toBeNull();
});
