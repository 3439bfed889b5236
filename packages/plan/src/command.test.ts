import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from './command.ts';

const MODEL = 'llama3.2:1b-instruct-q4';
const parsed = (...args: string[]) => JSON.parse(run(args).out) as Record<string, unknown>;

describe('plan', () => {
	test('says the verdict with its bytes, and exits with 0 where it fits and 1 where it is blocked', () => {
		const fits = run(['plan', MODEL, '--vram', '8GiB', '--context', '8192']);
		expect(fits).toMatchObject({ code: 0, err: '' });
		expect(fits.out).toContain('Llama 3.2 1B Instruct q4f16_1');
		expect(fits.out).toMatch(/8,192 tokens: fits\n/);
		expect(run(['plan', 'Llama-3.1-70B-Instruct', '--vram', '4GiB'])).toMatchObject({ code: 1 });
	});

	test('for programs has the same figures, and a longer window takes more', () => {
		const at = (context: string) =>
			parsed('plan', MODEL, '--vram=8GiB', `--context=${context}`, '--json');
		expect(at('8192')).toMatchObject({
			model: 'Llama-3.2-1B-Instruct-q4f16_1-MLC',
			contextWindow: 8192,
			verdict: 'fits',
			vramBytes: 2 ** 33
		});
		expect(at('32768').bytes).toBeGreaterThan(at('8192').bytes as number);
	});

	test('without 16-bit shaders takes the variant that needs none', () => {
		const { model } = parsed('plan', MODEL, '--vram', '8GiB', '--no-f16', '--json');
		expect(model).toBe('Llama-3.2-1B-Instruct-q4f32_1-MLC');
	});
});

test('models lists what fits, and more memory never fewer', () => {
	const ids = (vram: string) =>
		(parsed('models', '--fits', vram, '--json').models as { model: string }[]).map(
			({ model }) => model
		);
	const [four, eight] = [ids('4GiB'), ids('8GiB')];
	expect(eight).toEqual(expect.arrayContaining(four));
	expect(eight.length).toBeGreaterThan(four.length);
	expect(run(['models', '--fits', '4GiB']).out.split('\n').length).toBe(four.length + 1);
});

test('gpus finds by words, and says when it has none', () => {
	expect(run(['gpus', 'RTX', '4060']).out).toContain('NVIDIA RTX 4060: 8.00 GiB\n');
	expect(run(['gpus', 'abacus'])).toMatchObject({ code: 1, out: '' });
});

test('colours are for terminals that want them', () => {
	const args = ['plan', MODEL, '--vram', '8GiB'];
	expect(run(args).out).not.toContain('\u001b');
	expect(run(args, { colour: true }).out).toContain('\u001b[32mfits');
});

describe('what is not understood', () => {
	test.each([
		[[]],
		[['plan']],
		[['plan', MODEL]],
		[['plan', MODEL, '--vram']],
		[['plan', MODEL, '--vram', 'much']],
		[['plan', MODEL, '--vram', '8GiB', '--context', '-1']],
		[['plan', MODEL, '--vram', '8GiB', '--fits', '1GiB']],
		[['plan', 'llama9', '--vram', '8GiB']],
		[['models', 'x', '--fits', '4GiB']],
		[['serve']],
		[['--nope']],
		[['valueOf', '--json']]
	])('%j exits with 2 and says what was expected', (args) => {
		const { out, err, code } = run(args);
		expect({ out, code }).toEqual({ out: '', code: 2 });
		expect(err).not.toBe('');
	});

	test('never throws', () => {
		const word = fc.oneof(
			fc.constantFrom('plan', 'models', 'gpus', '--vram', '--fits', '--json', MODEL, '8GiB'),
			fc.string()
		);
		fc.assert(
			fc.property(fc.array(word, { maxLength: 6 }), (args) => {
				expect([0, 1, 2]).toContain(run(args).code);
			})
		);
	});
});

test('help names every command and option', () => {
	const { out, code } = run(['--help']);
	expect(code).toBe(0);
	for (const word of ['plan', 'models', 'gpus', '--vram', '--context', '--fits', '--json'])
		expect(out).toContain(word);
});
