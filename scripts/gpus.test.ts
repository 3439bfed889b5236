import { gzipSync } from 'node:zlib';
import { SKUS } from '@huggingface/tasks';
import { describe, expect, it } from 'vitest';
import { reduce } from './gpus.ts';

const table = reduce(SKUS);

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
			dedicated: [
				['NVIDIA RTX 1 Laptop', 8, 12, 16],
				['NVIDIA RTX 1', 24, 48],
				['Intel Arc A1', 6]
			],
			unified: [['Apple M1', 8, 16]]
		});
	});

	it.each([{ memory: ['8'] }, { memory: [] }, { memory: [0] }, { memory: 8 }])(
		'stops at %o',
		(sku) => {
			expect(() => reduce({ GPU: { NVIDIA: { X: sku } }, 'Apple Silicon': {} })).toThrow();
		}
	);

	it('leaves out what shares memory or never runs a desktop browser', () => {
		const names = table.dedicated.map(([name]) => name).join('\n');
		expect(names).not.toMatch(/\d{3}M$|Ryzen|Jetson|GB10/m);
		expect(names).toMatch(/RTX 4060 Laptop/);
	});

	it('stays small enough for the page', () => {
		expect(gzipSync(JSON.stringify(table)).length).toBeLessThan(2000);
	});
});
