/** What the WebGPU adapter says of itself, as plain data. */
export interface Device {
	vendor: string;
	architecture: string;
	/** The adapter's own description, often empty. */
	description: string;
	/** The GPU's product name from WebGL's unmasked renderer, or null. */
	gpuName: string | null;
	/** A CPU pretends to be a GPU: right, but slow. */
	software: boolean;
	features: readonly string[];
	limits: DeviceLimits;
	/** Bytes of device-local memory, where the browser exposes the heaps; null elsewhere. */
	heapBytes: number | null;
	platform: Platform;
	/** navigator.deviceMemory in GiB, a bucket (8 can mean "8 or more"); null where absent. */
	deviceMemoryGiB: number | null;
}

export interface DeviceLimits {
	maxBufferSize: number;
	maxStorageBufferBindingSize: number;
	maxComputeWorkgroupStorageSize: number;
	maxStorageBuffersPerShaderStage: number;
	maxComputeInvocationsPerWorkgroup: number;
}

export type Platform = 'windows' | 'macos' | 'linux' | 'android' | 'ios' | 'chromeos' | 'unknown';
