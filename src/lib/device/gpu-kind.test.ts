import { describe, expect, it } from 'vitest';
import { aDevice } from './a-device.ts';
import type { Device } from './adapter.ts';
import { adapterName, gpuKind, suspectIntegrated } from './gpu-kind.ts';

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
		expect(hint?.sentence).toContain('intel');
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
		{ vendor: 'amd', gpuName: null }
	])('says nothing about %o', (given) => {
		expect(suspectIntegrated(aDevice(given))).toBeNull();
	});
});
