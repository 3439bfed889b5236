import { describe, expect, it } from 'vitest';
import { canBe, cardByArchitecture } from './architecture.ts';
import { architectures } from './architectures.fixture.ts';
import { hasOwnMemory } from './gpu-name.ts';

/** Every pair of maker, architecture and product that Chromium has given. */
const pairs = architectures
	.trim()
	.split('\n')
	.flatMap((line) => {
		const [, vendor = '', architecture = '', products = ''] =
			/^(\w+) ([\w.-]+): (.*)$/.exec(line) ?? [];
		return products.split('; ').map((name) => ({ vendor, architecture, name }));
	});

describe('canBe', () => {
	it('never doubts a pair that a browser gives', () => {
		expect(pairs.length).toBeGreaterThan(700);
		expect(pairs.filter(({ name, architecture }) => !canBe(name, architecture))).toEqual([]);
	});

	it.each([
		['AMD Radeon RX 6700 XT', 'gcn-5'],
		['AMD Radeon RX 6700 XT', 'rdna-3'],
		['AMD Radeon RX 7600M XT', 'gcn-5'],
		['AMD Radeon RX 9070 XT', 'rdna-2'],
		['Radeon RX 580 Series', 'gcn-5'],
		['AMD Radeon RX 5500M', 'gcn-5'],
		['AMD Radeon RX 6600/6600 XT/6600M', 'gcn-5'],
		['Radeon RX Vega', 'rdna-3'],
		['AMD Radeon Graphics', 'rdna-1'],
		['AMD Radeon 780M Graphics', 'rdna-4'],
		['Intel Arc A770 Graphics', 'gen-12lp'],
		['Intel Arc A370M Graphics', 'xe-lpg'],
		['Intel Arc B580 Graphics', 'xe-lpg'],
		['Intel Arc B580 Graphics', 'gen-12hp'],
		['Intel UHD Graphics 770', 'gen-12hp'],
		['Intel Iris Xe Graphics', 'xe-2hpg'],
		['NVIDIA GeForce RTX 3060', 'lovelace'],
		['NVIDIA GeForce RTX 4060 Laptop GPU', 'turing'],
		['NVIDIA GeForce GTX 1660 Ti', 'pascal'],
		['NVIDIA GeForce GTX 960M', 'ampere']
	])('knows that a %s is no %s', (name, architecture) => {
		expect(canBe(name, architecture)).toBe(false);
	});

	it.each([
		['AMD Radeon RX 6700 XT', ''],
		['AMD Radeon RX 6700 XT', 'rdna-5'],
		['AMD Radeon RX 6700 XT', 'lovelace'],
		['NVIDIA GeForce GTX 780', 'kepler'],
		['NVIDIA GeForce GTX 860M', 'kepler'],
		['NVIDIA GeForce RTX 6060', 'blackwell'],
		['Intel Iris Xe MAX Graphics', 'gen-12lp'],
		['Intel Arc Graphics', 'gen-12lp'],
		['Intel Arc Graphics', 'xe-lpg'],
		['Intel Arc 140V GPU', 'xe-2lpg'],
		['Intel Arc B580 Graphics', 'xe-2hpg'],
		['AMD Radeon RX 9070 XT', 'rdna-4'],
		['AMD Radeon 890M Graphics', 'rdna-3.5'],
		['AMD Radeon Graphics', 'rdna-2'],
		['Apple M2', 'metal-3'],
		['Adreno 740', 'adreno-7xx'],
		['Samsung Xclipse 940', 'rdna-2']
	])('does not doubt %s with "%s"', (name, architecture) => {
		expect(canBe(name, architecture)).toBe(true);
	});

	it('reads Chromium’s ways to write one architecture alike', () => {
		for (const architecture of ['gen-12lp', 'gen-12-lp', 'Gen 12 LP'])
			expect(canBe('Intel Arc A770 Graphics', architecture)).toBe(false);
	});
});

describe('cardByArchitecture', () => {
	it('agrees with the names of all products whose place both tell', () => {
		const disagree = pairs.filter(({ vendor, architecture, name }) => {
			const card = cardByArchitecture(vendor, architecture);
			const own = hasOwnMemory(name);
			// DG1 is a card with the architecture of those inside the processor.
			return card !== null && own !== null && card !== own && !/DG1|Xe MAX/i.test(name);
		});
		expect(disagree).toEqual([]);
	});

	it.each([
		['amd', 'rdna-3.5', false],
		['amd', 'rdna-4', true],
		['amd', 'gcn-4', true],
		['amd', 'rdna-3', null],
		['amd', '', null],
		['intel', 'gen-12lp', false],
		['intel', 'xe-2hpg', true],
		['nvidia', '', true],
		['qualcomm', 'adreno-7xx', false],
		['', '', null]
	])('of %s %s is %s', (vendor, architecture, card) => {
		expect(cardByArchitecture(vendor, architecture)).toBe(card);
	});
});
