import type { Device, DeviceLimits, RawAdapter, RawReading } from './adapter.ts';

/** What a current desktop GPU reports in Chrome; for tests. */
export const desktopLimits: DeviceLimits = {
	maxBufferSize: 2 ** 32,
	maxStorageBufferBindingSize: 2 ** 31,
	maxComputeWorkgroupStorageSize: 32_768,
	maxStorageBuffersPerShaderStage: 10,
	maxComputeInvocationsPerWorkgroup: 1024
};

export const aDevice = (given: Partial<Device> = {}): Device => ({
	vendor: 'nvidia',
	architecture: 'lovelace',
	description: '',
	gpuName: null,
	software: false,
	features: ['shader-f16'],
	limits: desktopLimits,
	heapBytes: null,
	sharesMemory: false,
	platform: 'windows',
	deviceMemoryGiB: 8,
	...given
});

export const anAdapter = (given: Partial<RawAdapter> = {}): RawAdapter => ({
	vendor: 'nvidia',
	architecture: 'lovelace',
	description: '',
	isFallbackAdapter: false,
	features: ['subgroups', 'shader-f16'],
	limits: desktopLimits,
	memoryHeaps: null,
	...given
});

export const aReading = (given: Partial<RawReading> = {}): RawReading => ({
	secureContext: true,
	webgpu: true,
	adapter: anAdapter(),
	adapterError: null,
	renderer: 'ANGLE (NVIDIA, NVIDIA GeForce RTX 4060 (0x00002882) Direct3D11 vs_5_0 ps_5_0, D3D11)',
	userAgent:
		'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
	platformHint: 'Windows',
	touchPoints: 0,
	deviceMemoryGiB: 8,
	...given
});
