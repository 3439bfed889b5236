import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { families } from './catalog-data.ts';
import { understand, usualVariant, variantWithBits } from './names.ts';

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

	test('of an added variant means just that one of its family', () => {
		const [llama] = families.filter(({ id }) => id === 'Llama-3.2-1B-Instruct');
		const familyId = 'mallory/Llama-3.2-1B-Instruct';
		const variants = llama!.variants.map((one) => ({
			...one,
			id: `mallory/${one.id}@01234567`,
			familyId
		}));
		const all = [...families, { ...llama!, id: familyId, variants }];
		for (const { id } of variants) expect(understand(id, all)).toMatchObject({ variant: { id } });
	});

	test('means the model that is called just so, among others that are called alike', () => {
		const [llama] = families.filter(({ id }) => id === 'Llama-3.2-1B-Instruct');
		const base = { ...llama!, id: 'Llama-3.2-1B', name: 'Llama 3.2 1B' };
		const family = (name: string) => {
			const found = understand(name, [...families, base, { ...llama!, id: 'mallory/Llama' }]);
			return found.kind === 'variant' ? found.family.id : found.kind;
		};
		expect(family('llama 3.2 1b')).toBe('Llama-3.2-1B');
		expect(family('llama 3.2 1b instruct')).toBe('Llama-3.2-1B-Instruct');
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

	const candidates = (name: string) => {
		const found = understand(name, families);
		return found.kind === 'variant' ? null : found.candidates;
	};

	test('is answered with eight others at most', () => {
		expect(candidates('llama')).toHaveLength(8);
		expect(candidates('llama99:1b')).toHaveLength(8);
	});

	test('that is the first word of several means one of these', () => {
		expect(idOf('hermes')).toBe('ambiguous');
		expect(candidates('hermes')?.every((id) => /^hermes/i.test(id))).toBe(true);
	});

	test('is looked for by its first twelve letters, and by two at least', () => {
		expect(candidates('RedPajama-INC-other')).toEqual([expect.stringMatching(/^RedPajama-INCITE/)]);
		expect(candidates('RedPajama-IN-other')).toEqual([]);
		expect(candidates('ll9')?.length).toBeGreaterThan(0);
		for (const name of ['l9', '9', '---', '']) expect(candidates(name)).toEqual([]);
	});

	test('is cut at 300 characters', () => {
		expect(understand('x'.repeat(301), families).sentence).toBe(
			`The catalogue has no model “${'x'.repeat(300)}”.`
		);
	});

	test.each([
		['llama3.2:1b-instruct-q4f32', 'Llama-3.2-1B-Instruct-q4f32_1-MLC'],
		['llama3.2:1b-instruct-q9f16', 'unknown'],
		['llama3.2:1b-instruct-int4', LLAMA],
		['llama3.2:1b-instruct-bf16', 'Llama-3.2-1B-Instruct-q0f16-MLC'],
		['llama3.2:1b-instruct-fp32', 'Llama-3.2-1B-Instruct-q0f32-MLC'],
		['llama3.2:1b-instruct:latest', LLAMA],
		['hf.co/mlc-ai/Llama-3.2-1B-Instruct/', LLAMA]
	])('“%s” means %s', (name, id) => {
		expect(idOf(name)).toBe(id);
	});

	test('is said to be understood with its quantization, or with the usual one', () => {
		const sentence = (name: string) => understand(name, families).sentence;
		expect(sentence(LLAMA)).toBe(`“${LLAMA}” is understood as Llama 3.2 1B Instruct q4f16_1.`);
		expect(sentence('llama3.2:1b')).toBe(
			'“llama3.2:1b” is understood as Llama 3.2 1B Instruct, whose usual quantization is q4f16_1.'
		);
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

test('whole weights are of the type that was said, whatever the GPU has', () => {
	const family = families.find(({ id }) => id === 'Llama-3.2-1B-Instruct')!;
	const name = (bits: number, shaderF16: boolean) =>
		variantWithBits(family, bits, { shaderF16 })?.quantization.name;
	expect([name(16, false), name(32, true), name(32, false)]).toEqual(['q0f16', 'q0f32', 'q0f32']);
	expect([name(4, false), name(4, true)]).toEqual(['q4f32_1', 'q4f16_1']);
});

test('the usual variant has four bits, else it is the most precise', () => {
	const family = families.find(({ id }) => id === 'Llama-3.2-1B-Instruct')!;
	const without = family.variants.filter(({ quantization }) => quantization.weightBits !== 4);
	expect(usualVariant(family)?.quantization.name).toBe('q4f16_1');
	expect(usualVariant({ ...family, variants: without })?.quantization.name).toBe('q0f32');
	expect(usualVariant({ ...family, variants: [] })).toBeNull();
});
