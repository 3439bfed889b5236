import { gzipSync } from 'node:zlib';
import { SKUS } from '@huggingface/tasks';
import { describe, expect, it } from 'vitest';
import { gpuKey, hasOwnMemory } from '../packages/plan/src/device/gpu-name.ts';
import { own, readOwn, reduce } from './gpus.ts';

const table = reduce(SKUS, own);
const names = (rows: Readonly<Record<string, readonly string[]>>) =>
	Object.entries(rows).flatMap(([group, found]) =>
		found.map((name) => `${group.split(' ')[0]} ${name}`)
	);

describe('reduce', () => {
	it('keeps every size, ascending, and joins a laptop GPU that is listed twice', () => {
		const small = reduce({
			GPU: {
				NVIDIA: {
					'RTX 1 Laptop': { memory: [16, 8] },
					'RTX 1 Mobile': { memory: [12] },
					'RTX 1': { memory: [24] },
					'RTX 1 48GB': { memory: [48] },
					'RTX 2': { tflops: 1 }
				},
				INTEL: { 'Arc A1': { memory: [6] } }
			},
			'Apple Silicon': { '-': { 'Apple M1': { memory: [16, 8] } } }
		});
		expect(small).toEqual({
			dedicated: {
				'NVIDIA 8 12 16': ['RTX 1 Laptop'],
				'NVIDIA 24 48': ['RTX 1'],
				'Intel 6': ['Arc A1']
			},
			unified: { 'Apple 8 16': ['M1'] }
		});
	});

	it.each([{ memory: ['8'] }, { memory: [] }, { memory: [0] }, { memory: 8 }])(
		'stops at %o',
		(sku) => {
			expect(() => reduce({ GPU: { NVIDIA: { X: sku } }, 'Apple Silicon': {} })).toThrow();
		}
	);

	it('leaves out what shares memory or never runs a desktop browser', () => {
		const published = names(reduce(SKUS).dedicated).join('\n');
		expect(published).not.toMatch(/\d{3}M$|Ryzen|Jetson|GB10/m);
		expect(published).toMatch(/RTX 4060 Laptop/);
	});

	it('stays small enough for the page', () => {
		expect(gzipSync(JSON.stringify(table)).length).toBeLessThan(2000);
	});
});

describe('the table of our own', () => {
	const head = '# a: https://example.org\n';

	it('joins the published one: sizes of one product are put together', () => {
		const ours = readOwn(
			`${head}NVIDIA RTX 1\t12\ta\nAMD RX 2\t4 8\ta\nAMD Radeon 3M\tshared\ta\n`
		);
		const joined = reduce(
			{ GPU: { NVIDIA: { 'RTX 1': { memory: [8] } } }, 'Apple Silicon': {} },
			ours
		);
		expect(joined.dedicated).toEqual({ 'NVIDIA 8 12': ['RTX 1'], 'AMD 4 8': ['RX 2'] });
	});

	it.each([
		'RTX 1\t8',
		'RTX 1\t8\tb',
		'RTX 1\teight\ta',
		'RTX 1\t0\ta',
		'RTX 1\t8\ta\tmore',
		'RTX 1 8 a'
	])('stops at the line "%s"', (line) => {
		expect(() => readOwn(head + line)).toThrow(/gpus\.tsv/);
	});

	it('adds more than 250 GPUs with memory of their own to the published ones', () => {
		const published = new Set(names(reduce(SKUS).dedicated).map(gpuKey));
		const added = own.filter(({ name, sizes }) => sizes.length && !published.has(gpuKey(name)));
		expect(added.length).toBeGreaterThan(250);
		expect(names(table.dedicated).length).toBe(published.size + added.length);
	});

	it('lists each product once, its sizes ascending', () => {
		expect(new Set(own.map(({ name }) => gpuKey(name))).size).toBe(own.length);
		for (const { sizes } of own) expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
	});

	it('agrees with what the page tells from a name about whose memory it is', () => {
		for (const { name, sizes } of own) {
			const full = name.replace(/^AMD (?=RX|R9|Vega)/, 'AMD Radeon ');
			expect([name, hasOwnMemory(full)]).toEqual([name, sizes.length > 0]);
		}
	});
});
