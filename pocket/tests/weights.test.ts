import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { architecture as a, parameters, variantNames, variants } from '../model/architecture.ts';
import { roundFloat16 } from '../model/float16.ts';
import { weightBytes } from '../model/metadata.ts';
import { loadCheckpoint } from '../model/source.ts';
import { bf16, dequantize, fromBf16, quantize, tensors } from '../model/weights.ts';

test('a quantized group is off by at most half its scale', () => {
	const value = fc.float({ min: -100, max: 100, noNaN: true });
	fc.assert(
		fc.property(fc.array(value, { minLength: 64, maxLength: 64 }), (values) => {
			const data = Float32Array.from(values);
			for (const round of [(x: number) => fromBf16(bf16(x)), roundFloat16]) {
				const packed = quantize(data, 32, round);
				const back = dequantize(packed, 32);
				for (let i = 0; i < data.length; i++) {
					const scale = packed.scale[i >> 5]!;
					// The rounded scale may put the largest value up to 7 rounding errors beyond the last step.
					const slack = 7 * 2 ** -8 * scale + 2 ** -24;
					expect(Math.abs(back[i]! - data[i]!)).toBeLessThanOrEqual(scale / 2 + slack);
				}
			}
		})
	);
});

test('a group of zeros stays zero', () => {
	expect(dequantize(quantize(new Float32Array(32), 32, Math.fround), 32)).toEqual(
		new Float32Array(32)
	);
});

describe.each(variantNames)('%s', (name) => {
	const { records, values } = tensors(a, variants[name], loadCheckpoint());

	test('has the tensors the library asks for, in its order', () => {
		expect(records.map(({ name, shape, dtype }) => ({ name, shape, dtype }))).toEqual(
			parameters(a, variants[name])
		);
	});
	test('takes as many bytes in the file and on the GPU as it declares', () => {
		let onGpu = 0;
		for (const { shape, dtype, format, bytes } of records) {
			const elements = shape.reduce((x, y) => x * y, 1);
			expect(bytes.length).toBe(elements * (dtype === 'float16' || format !== 'raw' ? 2 : 4));
			onGpu += elements * (dtype === 'float16' ? 2 : 4);
		}
		expect(weightBytes(a, variants[name])).toBe(onGpu);
	});
	test('gives the reference the values of its files', () => {
		const stored = records.find((r) => r.name === 'model.norm.weight')!;
		const value = values.get('model.norm')![5]!;
		const view = new DataView(stored.bytes.buffer);
		if (stored.dtype === 'float16') expect(roundFloat16(value)).toBe(value);
		else expect(view.getFloat32(20, true)).toBe(value);
	});
});
