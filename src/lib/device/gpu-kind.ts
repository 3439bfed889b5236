import type { Device } from './adapter.ts';
import { hasOwnMemory, vendorOf } from './gpu-name.ts';

/** Where a GPU's memory is. */
export type GpuKind =
	| 'software'
	| 'phone'
	/** Apple silicon: the system's memory, most of it usable. */
	| 'unified'
	/** Inside the processor, sharing the system's memory. */
	| 'integrated'
	| 'dedicated'
	| 'unknown';

/**
 * The product name, if it is the adapter's: WebGL, which tells it, and WebGPU can run on different GPUs of one
 * computer. null where their vendors differ.
 */
export function adapterName(device: Device): string | null {
	const vendor = device.gpuName === null ? null : vendorOf(device.gpuName);
	const differs = vendor !== null && device.vendor !== '' && device.vendor !== vendor;
	return differs ? null : device.gpuName;
}

export function gpuKind(device: Device): GpuKind {
	if (device.software) return 'software';
	if (device.platform === 'android' || device.platform === 'ios') return 'phone';
	if (device.vendor === 'apple') return 'unified';
	const name = device.description || adapterName(device);
	if (name !== null && vendorOf(name) === 'apple') return 'unified';
	const own = name === null ? null : hasOwnMemory(name);
	if (own !== null) return own ? 'dedicated' : 'integrated';
	switch (device.vendor) {
		case 'nvidia':
			return 'dedicated';
		case 'intel':
			// gen-12hp and xe-2hpg are the Arc cards.
			return /hpg?$/.test(device.architecture) ? 'dedicated' : 'integrated';
		case 'qualcomm':
		case 'arm':
			return 'integrated';
		default:
			return 'unknown';
	}
}

export interface IntegratedHint {
	/** `seen`: the browser itself names a GPU with memory of its own. `possible`: there may be one. */
	evidence: 'seen' | 'possible';
	sentence: string;
	/** Where the operating system lets a person choose. */
	setting: string;
}

/**
 * The adapter in use sits inside the processor although a GPU with memory of its own is, or may be, there.
 * `possible` only on Windows, where browsers ignore the page's wish for the faster GPU.
 */
export function suspectIntegrated(device: Device): IntegratedHint | null {
	if (gpuKind(device) !== 'integrated') return null;
	const setting = settings[device.platform];
	if (!setting) return null;
	const inUse = (device.description || adapterName(device)) ?? `${device.vendor} GPU`;
	if (device.gpuName !== null && hasOwnMemory(device.gpuName))
		return {
			evidence: 'seen',
			sentence: `The page runs on the ${inUse} inside the processor, although this computer also has the ${device.gpuName}.`,
			setting
		};
	if (device.platform !== 'windows') return null;
	return {
		evidence: 'possible',
		sentence: `The page runs on the ${inUse} inside the processor. If this computer has a second, faster GPU, Windows has to be told to use it.`,
		setting
	};
}

const settings: Partial<Record<Device['platform'], string>> = {
	windows:
		'Windows Settings, System, Display, Graphics: choose the browser, set it to "High performance" and restart it.',
	linux:
		'Start the browser with "Launch using Discrete Graphics Card", with prime-run (NVIDIA) or with DRI_PRIME=1 (AMD, Intel).',
	macos:
		'System Settings, Battery, Options: switch "Automatic graphics switching" off and restart the browser.'
};
