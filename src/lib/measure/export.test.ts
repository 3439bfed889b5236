import { describe, expect, test } from 'vitest';
import { toCsv, toJson, toMarkdown } from './export.ts';
import { aRow, aRun } from './run.fixture.ts';
import type { Row } from './record.ts';

const broken: Row = {
	kind: 'failed',
	variantId: 'c',
	label: 'Tiny',
	quantization: 'c',
	at: 1,
	failure: { kind: 'out-of-memory', message: 'The GPU ran\nout of memory.' }
};
const run = aRun(
	[
		aRow('a', {
			rates: [
				[500, 520],
				[30, 34]
			],
			marks: [{ code: 'drift', test: 'tg128' }]
		}),
		aRow('b', { label: '=Tiny|"x"', weightsBytes: null, parametersBillion: null }),
		broken
	],
	{ leftOut: [{ variantId: 'd', reason: 'It needs 9 GiB.' }] }
);

describe('Markdown', () => {
	const text = toMarkdown(run);
	const table = text.split('\n').filter((line) => line.startsWith('|'));

	test('has the columns of llama-bench, and a line for each test', () => {
		expect(table[0]).toBe('| model | size | params | backend | test | t/s |');
		expect(table[2]).toBe('| Tiny a | 700 MiB | 1.24 B | WebGPU | pp512 | 510.00 ± 14.14 |');
		expect(table[3]).toBe('| Tiny a | 700 MiB | 1.24 B | WebGPU | tg128 | 32.00 ± 2.83 |');
		expect(table).toHaveLength(2 + 4);
	});

	test('says in what it differs, what was marked, what failed and what was left out', () => {
		expect(text).toContain('sampled');
		expect(text).toContain('- Tiny a: tg128: it slowed down');
		expect(text).toContain('- Tiny c: failed. The GPU ran out of memory.');
		expect(text).toContain('- d: left out. It needs 9 GiB.');
	});

	test('a name cannot break the table', () => {
		expect(table[4]).toContain('=Tiny\\|"x" b');
	});
});

describe('CSV', () => {
	const [head = '', ...lines] = toCsv(run).trim().split('\n');

	test('has a line for each test, with the names of llama-bench', () => {
		expect(head.split(',')).toEqual(
			expect.arrayContaining(['n_prompt', 'n_gen', 'n_depth', 'avg_ts', 'stddev_ts', 'avg_ns'])
		);
		expect(lines).toHaveLength(4);
		expect(new Set(lines.slice(0, 2).map((line) => line.split(',').length))).toEqual(
			new Set([head.split(',').length])
		);
	});

	test('a name cannot become a formula or a second field', () => {
		expect(lines[2]).toContain(`"'=Tiny|""x"" b"`);
	});

	test('nothing measured is an empty file', () => {
		expect(toCsv(aRun([broken]))).toBe('');
	});
});

describe('JSON', () => {
	interface Exported {
		schema: string;
		version: number;
		results: Record<string, unknown>[];
		failed: unknown[];
		left_out: unknown[];
	}
	const parsed = JSON.parse(toJson(run)) as Exported;

	test('names its schema and keeps every sample', () => {
		expect(parsed).toMatchObject({ schema: 'headroom-measure', version: 1 });
		expect(parsed.results).toHaveLength(4);
		expect(parsed.results[1]).toMatchObject({
			model_filename: 'a',
			n_prompt: 0,
			n_gen: 128,
			n_depth: 0,
			avg_ts: 32,
			samples_ns: [4_266_666_667, 3_764_705_882],
			test_time: '2026-01-02T03:04:05Z',
			marks: [{ code: 'drift', test: 'tg128' }]
		});
		expect(parsed.results[0]?.marks).toEqual([]);
	});

	test('has what failed and what was left out', () => {
		expect(parsed.failed).toHaveLength(1);
		expect(parsed.left_out).toEqual([{ model_filename: 'd', reason: 'It needs 9 GiB.' }]);
	});
});
