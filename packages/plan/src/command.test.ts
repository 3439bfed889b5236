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

describe('memory and windows', () => {
	const vram = (value: string) => {
		const { out, code } = run(['plan', MODEL, '--vram', value, '--json']);
		return code === 2 ? null : (JSON.parse(out) as { vramBytes: number }).vramBytes;
	};
	const GIB = 2 ** 30;
	test.each([
		['8GiB', 8 * GIB],
		['8GB', 8 * GIB],
		['8', 8 * GIB],
		['8 g', 8 * GIB],
		['1.5gib', 1.5 * GIB],
		['512MiB', GIB / 2],
		['1m', 2 ** 20],
		['4096GiB', 4096 * GIB],
		['4097GiB', null],
		['0GiB', null],
		['-1', null],
		['8TiB', null],
		['8GiB!', null]
	])('of “%s” are %s bytes', (value, bytes) => {
		expect(vram(value)).toBe(bytes);
	});

	test.each([
		['1', 1],
		['1048576', 2 ** 20],
		['1048577', null],
		['0', null],
		['1.5', null],
		['many', null]
	])('of “%s” tokens are %s', (value, tokens) => {
		const { out, code } = run(['plan', MODEL, '--vram', '8', '--context', value, '--json']);
		const window = code === 2 ? null : (JSON.parse(out) as { contextWindow: number }).contextWindow;
		expect(window).toBe(tokens);
	});

	test('of a model that holds fewer are planned at what it holds', () => {
		const { out } = run(['plan', 'pocket', '--vram', '8GiB', '--context', '100000']);
		const [, held = ''] = /the model holds ([\d,]+) tokens, not 100,000/.exec(out) ?? [];
		expect(out).toContain(`of GPU memory, ${held} tokens: fits`);
		const just = run(['plan', 'pocket', '--vram', '8GiB', '--context', held.replace(',', '')]);
		expect(just.out).not.toContain('the model holds');
	});

	test('are looked for up to 131,072 tokens, which few models exceed', () => {
		const { largestContextWindow } = parsed('plan', MODEL, '--vram', '4000GiB', '--json');
		expect(largestContextWindow).toBe(2 ** 17);
		const none = run(['plan', 'Llama-3.1-70B-Instruct', '--vram', '1GiB']);
		expect(none.out).toContain('largest window that memory allows: none\n');
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

test('models at a window hold it, and those without 16-bit shaders need none', () => {
	type Rows = { model: string; contextWindow: number; verdict: string }[];
	const rows = (...args: string[]) =>
		parsed('models', '--fits', '8GiB', '--json', ...args).models as Rows;
	expect(new Set(rows('--context', '2048').map(({ contextWindow }) => contextWindow))).toContain(
		2048
	);
	expect(rows().every(({ verdict }) => verdict === 'fits')).toBe(true);
	expect(rows('--no-f16').some(({ model }) => model.includes('f16'))).toBe(false);
	expect(rows().some(({ model }) => model.includes('f16'))).toBe(true);
});

test('models are listed in columns of equal width', () => {
	const lines = run(['models', '--fits', '8GiB']).out.trimEnd().split('\n');
	const ends = new Set(
		lines.map((line) => line.search(/(?<=(?:bytes|[KMGT]iB)) {2}[\d,]+ tokens$/))
	);
	expect(ends.size).toBe(1);
	expect([...ends][0]).toBeGreaterThan(0);
});

test.each([
	[['models', '--fits', '1MiB'], 'No model of the catalogue fits 1.00 MiB.\n'],
	[['gpus', 'abacus'], 'The table has no GPU “abacus”.\n'],
	[['models', '--fits', '1MiB', '--json'], ''],
	[['gpus', 'abacus', '--json'], '']
])('%j finds none and exits with 1', (args, err) => {
	expect(run(args)).toMatchObject({ code: 1, err });
});

test('gpus tells every size there is, and which memory is shared, for programs too', () => {
	const { out, code } = run(['gpus', '--json']);
	expect(code).toBe(0);
	const rows = JSON.parse(out) as { name: string; sizesBytes: number[]; shared: boolean }[];
	const lines = run(['gpus']).out.trimEnd().split('\n');
	expect(lines).toHaveLength(rows.length);
	for (const [i, { name, sizesBytes, shared }] of rows.entries()) {
		expect(lines[i]).toMatch(new RegExp(`GiB${shared ? ', shared with the system' : ''}$`));
		expect(lines[i]?.split(' or ')).toHaveLength(sizesBytes.length + name.split(' or ').length - 1);
	}
	expect(run(['gpus', 'rtx', '4060']).code).toBe(0);
});

test('gpus finds by words, and says when it has none', () => {
	expect(run(['gpus', 'RTX', '4060']).out).toContain('NVIDIA RTX 4060: 8.00 GiB\n');
	expect(run(['gpus', 'abacus'])).toMatchObject({ code: 1, out: '' });
});

test('colours are for terminals that want them', () => {
	const args = ['plan', MODEL, '--vram', '8GiB'];
	expect(run(args).out).not.toContain('\u001b');
	const painted = (size: string) =>
		run(['plan', MODEL, '--vram', size], { colour: true }).out.split('\n')[1]?.split(': ')[1];
	const sizes = Array.from({ length: 60 }, (_, i) => `${(i + 1) * 64}MiB`);
	// Green, yellow and red.
	expect(new Set(sizes.map(painted))).toEqual(
		new Set(['\u001b[32mfits\u001b[0m', '\u001b[33mtight\u001b[0m', '\u001b[31mblocked\u001b[0m'])
	);
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
		[['valueOf', '--json']],
		[['watch']],
		[['plan', MODEL, '--vram', '8GiB', '--json=1']],
		[['plan', MODEL, '--vram', '8GiB', '--from', '.']],
		[['plan', 'pocket', '--vram', '8GiB', '--exact']],
		[['models']],
		[['gpus', '--vram', '8GiB']]
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

test('a file of the model is asked for only where its plan shall be exact', () => {
	const args = ['plan', MODEL, '--vram', '8GiB', '--exact'];
	expect(run(args).needs).toMatchObject({ from: null, variant: { origin: 'prebuilt' } });
	expect(run([...args, '--from', '/models']).needs?.from).toBe('/models');
	expect(run(args.slice(0, 4)).needs).toBeUndefined();
	expect(run([...args.slice(0, 4), '--exact'], { facts: {} }).needs).toBeUndefined();
});

test('version and help are said whatever else is asked', () => {
	expect(run(['plan', '--version'], { webllm: '0.2.84' })).toMatchObject({
		code: 0,
		out: expect.stringMatching(/^WebLLM 0\.2\.84, libraries v/) as unknown
	});
	expect(run(['--version']).out).toMatch(/^WebLLM \?, /);
	const { out } = run(['--help']);
	for (const args of [['help'], ['-h'], ['models', '--help']])
		expect(run(args)).toMatchObject({ code: 0, out, err: '' });
	expect(run([])).toMatchObject({ code: 2, out: '', err: out });
});

test('a single GPU is one, and a single model near a name is told', () => {
	const rows = JSON.parse(run(['gpus', '--json']).out) as { name: string }[];
	const single = rows.find(
		({ name }) => rows.filter((each) => each.name.includes(name)).length === 1
	)!;
	const found = run(['gpus', single.name]);
	expect(found).toMatchObject({ code: 0, err: '' });
	expect(run(['gpus', single.name, '--json']).code).toBe(0);
	const err = (name: string) => run(['plan', name, '--vram', '8GiB']).err;
	expect(err('RedPajama-INC-other')).toMatch(/ Near it: RedPajama-INCITE[^,]*\.\n/);
	expect(err('l9')).not.toContain('Near it');
	expect(run(['plan', '--vram', '8GiB']).err).toContain('Expected a model');
	expect(run(['plan', MODEL, '--fits', '8GiB']).err).toContain('plan has no option --fits.');
});

test('a single model that fits is listed', () => {
	const listed = (mebibytes: number, ...more: string[]) =>
		run(['models', '--fits', `${mebibytes}MiB`, ...more]);
	let [none, some] = [1, 1024];
	while (some - none > 1) {
		const middle = Math.floor((none + some) / 2);
		if (listed(middle).code === 0) some = middle;
		else none = middle;
	}
	expect(listed(some, '--json').code).toBe(0);
	const { code, out, err } = listed(some);
	expect([code, err]).toEqual([0, '']);
	expect(out).toMatch(/^pocket-q4f16_1 {2,}\S+ MiB {2}1,024 tokens\n$/);
});

test('help names every command and option', () => {
	const { out, code } = run(['--help']);
	expect(code).toBe(0);
	for (const word of ['plan', 'models', 'gpus', '--vram', '--context', '--fits', '--json'])
		expect(out).toContain(word);
});
