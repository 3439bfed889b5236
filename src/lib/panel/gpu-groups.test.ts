import { expect, test } from 'vitest';
import { gpus, lookUpGpu } from '#plan/device/gpus.ts';
import { gpuGroups } from './gpu-groups.ts';

const found = (query: string, detected = lookUpGpu(null)) =>
	gpuGroups(gpus, detected, query)
		.filter(({ options }) => options.length > 0)
		.map(({ title, options }) => ({ title, names: options.map(({ id }) => id) }));
const names = (query: string) => found(query).flatMap(({ names }) => names);

test('without a query every GPU is listed once, by maker', () => {
	expect(names('').sort()).toEqual(gpus.map(({ name }) => name).sort());
	expect(found('').map(({ title }) => title)).toEqual(expect.arrayContaining(['NVIDIA', 'AMD']));
});

test('the GPU that the browser names comes first, and once', () => {
	const detected = lookUpGpu('NVIDIA GeForce RTX 4060');
	const [first, ...rest] = found('', detected);
	expect(first).toEqual({ title: 'Named by the browser', names: ['NVIDIA RTX 4060'] });
	expect(rest.flatMap(({ names }) => names)).not.toContain('NVIDIA RTX 4060');
});

test('the GPU that the browser names is not listed where the query excludes it', () => {
	const detected = lookUpGpu('NVIDIA GeForce RTX 4060');
	expect(found('arc', detected).flatMap(({ names }) => names)).not.toContain('NVIDIA RTX 4060');
});

test('a name is found as it stands on the box, before its longer relatives', () => {
	expect(found('GeForce RTX 4060')[0]).toEqual({
		title: 'Best match',
		names: ['NVIDIA RTX 4060']
	});
	expect(names('GeForce RTX 4060')).toContain('NVIDIA RTX 4060 Ti');
	expect(found('AMD Radeon RX 6600')[0]?.names).toEqual(['AMD RX 6600']);
});

test('a part of a name or of a brand, in any order and case, finds its GPUs', () => {
	expect(names('4060')).toContain('NVIDIA RTX 4060 Laptop');
	expect(names('laptop 4060')).toEqual(['NVIDIA RTX 4060 Laptop']);
	expect(names('gef')).toContain('NVIDIA RTX 4060');
	expect(names('radeon 66')).toContain('AMD RX 6600 XT');
	expect(names('m2 pro')).toContain('Apple M2 Pro');
});

test('a name that is not in the table finds nothing', () => {
	expect(names('no such GPU')).toEqual([]);
	expect(names('voodoo 3')).toEqual([]);
});
