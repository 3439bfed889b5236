import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { families } from './catalog-data.ts';
import { understand, variantWithBits } from './names.ts';

const idOf = (name: string, how?: { shaderF16?: boolean }) => {
	const found = understand(name, families, how);
	return found.kind === 'variant' ? found.variant.id : found.kind;
};
const LLAMA = 'Llama-3.2-1B-Instruct-q4f16_1-MLC';

describe('a name', () => {
	test.each([
		[LLAMA],
		[LLAMA.toLowerCase()],
		[`mlc-ai/${LLAMA}`],
		[`https://huggingface.co/mlc-ai/${LLAMA}`],
		['meta-llama/Llama-3.2-1B-Instruct'],
		['Llama 3.2 1B Instruct'],
		['llama3.2:1b-instruct-q4'],
		['llama3.2:1b-instruct-q4_K_M'],
		['llama3.2:1b-instruct-q4_0'],
		['llama3.2:1b'],
		[' llama3.2:1b-q4f16 ']
	])('“%s” means the same variant', (name) => {
		expect(idOf(name)).toBe(LLAMA);
	});

	test('with an owner means the model that a person added, before the catalogue’s', () => {
		const [llama] = families.filter(({ id }) => id === 'Llama-3.2-1B-Instruct');
		const id = 'mallory/Llama-3.2-1B-Instruct';
		const variants = llama!.variants.map((one) => ({ ...one, id: `own-${one.id}`, familyId: id }));
		const all = [...families, { ...llama!, id, name: 'Llama (mallory)', variants }];
		expect(understand(id, all)).toMatchObject({ variant: { id: `own-${LLAMA}` } });
		expect(understand('alice/Llama-3.2-1B-Instruct', all)).toMatchObject({
			variant: { id: LLAMA }
		});
		expect(understand('Llama-3.2-1B-Instruct', all)).toMatchObject({ variant: { id: LLAMA } });
	});

	test('may bear a word for what talks where the catalogue has none', () => {
		expect(idOf('Qwen3-0.6B-Instruct')).toBe(idOf('Qwen3-0.6B'));
		expect(idOf('Qwen3-0.6B')).toBe('Qwen3-0.6B-q4f16_1-MLC');
	});

	test('that leaves the compute type open takes what the GPU has', () => {
		expect(idOf('llama3.2:1b-instruct-q4', { shaderF16: false })).toBe(
			'Llama-3.2-1B-Instruct-q4f32_1-MLC'
		);
		expect(idOf('llama3.2:1b-instruct-fp16')).toBe('Llama-3.2-1B-Instruct-q0f16-MLC');
	});

	test('of every variant and every family is understood', () => {
		for (const family of families) {
			for (const { id } of family.variants) expect(idOf(id)).toBe(id);
			const found = understand(family.id, families);
			expect(found.kind === 'variant' && found.family.id).toBe(family.id);
			expect(found.kind === 'variant' && found.usual).toBe(true);
		}
	});

	test('that means several is not guessed', () => {
		const found = understand('llama3.2', families);
		expect(found).toMatchObject({ kind: 'ambiguous' });
		expect(found.kind === 'ambiguous' && found.candidates).toContain('Llama-3.2-1B-Instruct');
	});

	test('with a quantization that does not exist is answered with those that do', () => {
		const found = understand('llama3.2:1b-instruct-q8_0', families);
		expect(found).toMatchObject({
			kind: 'unknown',
			candidates: expect.arrayContaining([LLAMA]) as unknown
		});
		expect(found.sentence).toContain('q4f16_1');
	});

	test('that nobody knows is answered with what begins like it', () => {
		const found = understand('llama9:900b', families);
		expect(found).toMatchObject({ kind: 'unknown' });
		expect(found.kind === 'unknown' && found.candidates.length).toBeGreaterThan(0);
	});

	test('of any kind is answered, and never by an error', () => {
		fc.assert(
			fc.property(fc.string({ maxLength: 400 }), (name) => {
				expect(understand(name, families).sentence).not.toBe('');
			})
		);
	});
});

test('bits are looked up by what WebLLM has: 16 and 32 are not quantized', () => {
	const family = families.find(({ id }) => id === 'Llama-3.2-1B-Instruct')!;
	const name = (bits: number) => variantWithBits(family, bits)?.quantization.name ?? null;
	expect([4, 16, 32, 8].map(name)).toEqual(['q4f16_1', 'q0f16', 'q0f32', null]);
});
