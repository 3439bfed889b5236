import { describe, expect, it } from 'vitest';
import { aDevice } from './a-device.fixture.ts';
import type { Device } from './adapter.ts';
import { adapterName, gpuKind, suspectIntegrated } from './gpu-kind.ts';

const nvidiaLaptop = 'NVIDIA GeForce RTX 4060 Laptop GPU';
const intel = { vendor: 'intel', architecture: 'gen-12lp', gpuName: 'Intel Iris Xe Graphics' };

describe('gpuKind', () => {
	it.each<[string, Partial<Device>]>([
		['software', { software: true, vendor: 'google' }],
		['phone', { platform: 'android', vendor: 'qualcomm', gpuName: 'Adreno 740' }],
		['phone', { platform: 'ios', vendor: 'apple' }],
		['unified', { platform: 'macos', vendor: 'apple', gpuName: 'Apple M2' }],
		['unified', { platform: 'macos', vendor: '', gpuName: 'Apple M2' }],
		['integrated', intel],
		['integrated', { ...intel, gpuName: null }],
		['dedicated', { ...intel, architecture: 'gen-12hp', gpuName: null }],
		['dedicated', { ...intel, architecture: 'xe-2hpg', gpuName: null }],
		['integrated', { vendor: 'amd', gpuName: 'AMD Radeon Graphics' }],
		['dedicated', { vendor: 'amd', gpuName: 'AMD Radeon RX 6600M' }],
		['unknown', { vendor: 'amd', gpuName: null }],
		['dedicated', { vendor: 'nvidia', gpuName: null }],
		['integrated', { vendor: 'amd', architecture: 'rdna-3', gpuName: nvidiaLaptop }],
		['integrated', { vendor: 'amd', architecture: '', gpuName: nvidiaLaptop }],
		['unknown', { vendor: 'amd', architecture: '', gpuName: 'NVIDIA GeForce RTX 3060' }],
		['unknown', { vendor: 'amd', architecture: 'rdna-3', gpuName: null }],
		['integrated', { vendor: 'amd', architecture: 'rdna-3.5', gpuName: null }],
		['integrated', { vendor: 'amd', architecture: 'gcn-5', gpuName: 'AMD Radeon RX 6700 XT' }],
		['dedicated', { vendor: 'amd', architecture: 'rdna-2', gpuName: 'AMD Radeon RX 6700 XT' }],
		['dedicated', { vendor: 'amd', architecture: 'rdna-4', gpuName: 'AMD Radeon Graphics' }],
		['dedicated', { vendor: 'amd', architecture: 'rdna-4', gpuName: 'NVIDIA GeForce RTX 3060' }],
		['integrated', { ...intel, gpuName: 'Intel Arc A770 Graphics' }],
		['dedicated', { ...intel, architecture: 'gen-12hp', gpuName: 'Intel UHD Graphics 770' }],
		['dedicated', { ...intel, gpuName: 'Intel Iris Xe MAX Graphics' }],
		['integrated', { vendor: 'amd', architecture: '', gpuName: null, sharesMemory: true }],
		[
			'integrated',
			{
				vendor: 'amd',
				architecture: 'rdna-2',
				gpuName: 'AMD Radeon RX 6700 XT',
				sharesMemory: true
			}
		],
		['unified', { vendor: 'apple', platform: 'macos', gpuName: 'Apple M2', sharesMemory: true }],
		['integrated', { vendor: 'qualcomm', gpuName: 'Qualcomm Adreno X1-85 GPU' }],
		['unknown', { vendor: '', gpuName: null }]
	])('is %s for %o', (kind, given) => {
		expect(gpuKind(aDevice(given))).toBe(kind);
	});
});

describe('adapterName', () => {
	it('is not the name of another maker', () => {
		const name = 'NVIDIA GeForce RTX 4060 Laptop GPU';
		expect(adapterName(aDevice({ vendor: 'intel', gpuName: name }))).toBeNull();
		expect(adapterName(aDevice({ vendor: 'nvidia', gpuName: name }))).toBe(name);
		expect(adapterName(aDevice({ vendor: '', gpuName: name }))).toBe(name);
	});

	it('is the description before WebGL’s name, if it names a product', () => {
		const radeon = { vendor: 'amd', architecture: 'rdna-2', gpuName: 'AMD Radeon RX 6600M' };
		const described = (description: string) => adapterName(aDevice({ ...radeon, description }));
		expect(described('AMD Radeon(TM) Graphics')).toBe('AMD Radeon Graphics');
		for (const other of ['AMD', 'AMD Radeon Graphics driver 23.1', 'radv: Mesa 23.1.0'])
			expect(described(other)).toBe('AMD Radeon RX 6600M');
		expect(described('')).toBe('AMD Radeon RX 6600M');
	});

	it('is not the name of another architecture, or of a card where the memory is shared', () => {
		const name = 'AMD Radeon RX 6700 XT';
		const radeon = (given: Partial<Device>) =>
			adapterName(aDevice({ vendor: 'amd', gpuName: name, ...given }));
		expect(radeon({ architecture: 'gcn-5' })).toBeNull();
		expect(radeon({ architecture: 'rdna-2', sharesMemory: true })).toBeNull();
		expect(radeon({ architecture: 'rdna-2' })).toBe(name);
	});
});

describe('suspectIntegrated', () => {
	const seen = 'NVIDIA GeForce RTX 4060 Laptop GPU';

	it.each([
		['windows', /Display, Graphics/],
		['linux', /prime-run/],
		['macos', /Automatic graphics switching/]
	] as const)('names both GPUs on %s, with the setting', (platform, setting) => {
		const hint = suspectIntegrated(aDevice({ ...intel, gpuName: seen, platform }));
		expect(hint?.evidence).toBe('seen');
		expect(hint?.sentence).toContain(seen);
		expect(hint?.sentence).toContain('the Intel GPU');
		expect(hint?.setting).toMatch(setting);
	});

	it('sees two GPUs of one maker where the adapter has a description', () => {
		const hint = suspectIntegrated(
			aDevice({
				vendor: 'amd',
				description: 'AMD Radeon(TM) Graphics',
				gpuName: 'AMD Radeon RX 6600M'
			})
		);
		expect(hint).toMatchObject({ evidence: 'seen' });
	});

	it.each<[string, string, string, string]>([
		['amd', 'rdna-3', nvidiaLaptop, 'AMD GPU'],
		['amd', 'gcn-5', 'AMD Radeon RX 6700 XT', 'AMD GPU'],
		['intel', 'gen-12lp', 'Intel Arc A770 Graphics', 'Intel GPU']
	])('sees that %s %s is not the %s', (vendor, architecture, gpuName, inUse) => {
		const hint = suspectIntegrated(aDevice({ vendor, architecture, gpuName }));
		expect(hint).toMatchObject({ evidence: 'seen' });
		expect(hint?.sentence).toBe(
			`The page runs on the ${inUse} inside the processor, although this computer also has the ${gpuName}.`
		);
	});

	it('only reckons with a second GPU on Windows, where the page cannot ask for it', () => {
		expect(suspectIntegrated(aDevice(intel))?.evidence).toBe('possible');
		expect(suspectIntegrated(aDevice({ ...intel, platform: 'linux' }))).toBeNull();
		expect(
			suspectIntegrated(aDevice({ ...intel, platform: 'chromeos', gpuName: seen }))
		).toBeNull();
	});

	it.each<Partial<Device>>([
		{ vendor: 'nvidia', gpuName: seen },
		{ vendor: 'nvidia', gpuName: 'Intel Iris Xe Graphics' },
		{ vendor: 'apple', gpuName: 'Apple M2', platform: 'macos' },
		{ vendor: 'google', software: true, gpuName: null },
		{ vendor: 'amd', gpuName: null },
		{ vendor: 'amd', architecture: 'rdna-2', gpuName: 'AMD Radeon RX 6700 XT' },
		{ vendor: 'nvidia', architecture: 'lovelace', gpuName: 'NVIDIA GeForce RTX 3060' }
	])('says nothing about %o', (given) => {
		expect(suspectIntegrated(aDevice(given))).toBeNull();
	});
});
