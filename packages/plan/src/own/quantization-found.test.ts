import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findQuantization, quantizationInName, stemOf } from './quantization-found.ts';

it.each([
	['Poet-1B-q4f16_1-MLC', 'q4f16_1'],
	['poet_Q0F32', 'q0f32'],
	['q4f32_1', 'q4f32_1'],
	['Poet-1B-MLC', null],
	['Poet-1B-Q4_K_M-GGUF', null],
	['seq4f16_1x', null]
])('finds in the name %s: %s', (name, expected) => {
	expect(quantizationInName(name)).toBe(expected);
});

it.each([
	['Poet-1B-q4f16_1-MLC', 'Poet-1B'],
	['Poet-1B-MLC-q4f16_1', 'Poet-1B'],
	['Poet-Q4F32_1-1B', 'Poet-1B'],
	['q0f32.Poet', 'Poet'],
	['Poet-1B', 'Poet-1B'],
	['Poet-1B-Q4_K_M-GGUF', 'Poet-1B-Q4_K_M-GGUF'],
	['q4f32_1', 'q4f32_1'],
	['', '']
])('without quantization and format %s is %s', (name, expected) => {
	expect(stemOf(name)).toBe(expected);
});

it('takes what all agree on, and what only one says', () => {
	const agreed = {
		kind: 'agreed',
		quantization: expect.objectContaining({ name: 'q4f16_1' }) as unknown
	};
	expect(findQuantization({ config: 'q4f16_1', name: 'q4f16_1', library: 'q4f16_1' })).toEqual(
		agreed
	);
	expect(findQuantization({ config: null, name: 'q4f16_1', library: null })).toEqual(agreed);
});

it('tells a disagreement with all that was said, and offers only what is known', () => {
	const found = findQuantization({ config: 'q4f16_1', name: 'q4f32_1', library: 'q4f16_ft' });
	expect(found).toMatchObject({
		kind: 'disagree',
		choices: [{ name: 'q4f16_1' }, { name: 'q4f32_1' }],
		sentence:
			'Its quantization is not clear: its configuration says q4f16_1, its name says q4f32_1, the library says q4f16_ft.'
	});
});

it('knows nothing where nobody says anything that is known', () => {
	expect(findQuantization({ config: null, name: null, library: null })).toEqual({
		kind: 'unknown',
		sentence: 'Neither its configuration nor its name says how its weights are stored.'
	});
	expect(findQuantization({ config: 'int8', name: 'int4', library: 'int8' })).toMatchObject({
		sentence: 'WebLLM knows no quantization “int8” or “int4”.'
	});
	expect(findQuantization({ config: 'int8', name: null, library: null })).toMatchObject({
		kind: 'unknown',
		sentence: 'WebLLM knows no quantization “int8”.'
	});
});

it('offers each of them once, in the order of who said it', () => {
	const found = findQuantization({ config: 'q4f32_1', name: 'q4f16_1', library: 'q4f32_1' });
	expect(found).toMatchObject({ choices: [{ name: 'q4f32_1' }, { name: 'q4f16_1' }] });
	expect('choices' in found && found.choices).toHaveLength(2);
});

it('never agrees on what one source denies', () => {
	const name = fc.option(fc.constantFrom('q4f16_1', 'q4f32_1', 'q0f32', 'int8'), { nil: null });
	fc.assert(
		fc.property(name, name, name, (config, inName, library) => {
			const found = findQuantization({ config, name: inName, library });
			fc.pre(found.kind === 'agreed');
			for (const said of [config, inName, library])
				if (said !== null) expect(said).toBe(found.quantization.name);
		})
	);
});
