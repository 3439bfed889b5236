import type { Device } from './adapter.ts';
import { canBe, cardByArchitecture } from './architecture.ts';
import { hasOwnMemory, productName, vendorOf } from './gpu-name.ts';

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
 * The product the adapter is, if a name of it is known: WebGL, which tells the name, and WebGPU can run on
 * different GPUs of one computer. What the adapter says itself is believed first: its description, whose memory
 * it uses, its maker and its architecture. null where WebGL's name is another GPU's.
 */
export function adapterName(device: Device): string | null {
	const { vendor, architecture, gpuName } = device;
	const described = productName(device.description);
	if (described !== null && namesProduct(described)) return described;
	if (gpuName === null) return null;
	const maker = vendorOf(gpuName);
	if (maker !== null && vendor !== '' && vendor !== maker) return null;
	if (device.sharesMemory && hasOwnMemory(gpuName)) return null;
	return canBe(gpuName, architecture) ? gpuName : null;
}

/** Not the maker alone, and not the version of a driver. */
const namesProduct = (description: string) =>
	hasOwnMemory(description) !== null &&
	/\d|graphics/i.test(description) &&
	!/driver|\d\.\d/i.test(description);

export function gpuKind(device: Device): GpuKind {
	const { vendor, architecture } = device;
	if (device.software) return 'software';
	if (device.platform === 'android' || device.platform === 'ios') return 'phone';
	const name = adapterName(device);
	if (vendor === 'apple' || (name !== null && vendorOf(name) === 'apple')) return 'unified';
	if (device.sharesMemory) return 'integrated';
	const own =
		(name === null ? null : hasOwnMemory(name)) ??
		cardByArchitecture(vendor, architecture) ??
		(besideCard(device) ? false : null);
	return own === null ? 'unknown' : own ? 'dedicated' : 'integrated';
}

/**
 * WebGL names a card that is not this adapter. Beside one, a GPU of AMD's that may sit inside a processor does:
 * nearly every Ryzen has one, and two cards in one computer are rare. Where the architecture is not told, only
 * beside a laptop's card.
 */
function besideCard({ vendor, architecture, gpuName }: Device): boolean {
	if (vendor !== 'amd' || gpuName === null || !hasOwnMemory(gpuName)) return false;
	return architecture !== '' || /laptop|max-q/i.test(gpuName);
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
	const name = adapterName(device);
	const inUse = name ?? `${makers[device.vendor] ?? device.vendor} GPU`.trim();
	if (device.gpuName !== null && device.gpuName !== name && hasOwnMemory(device.gpuName))
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

const makers: Readonly<Record<string, string>> = {
	amd: 'AMD',
	intel: 'Intel',
	qualcomm: 'Qualcomm'
};

const settings: Partial<Record<Device['platform'], string>> = {
	windows:
		'Windows Settings, System, Display, Graphics: choose the browser, set it to "High performance" and restart it.',
	linux:
		'Start the browser with "Launch using Discrete Graphics Card", with prime-run (NVIDIA) or with DRI_PRIME=1 (AMD, Intel).',
	macos:
		'System Settings, Battery, Options: switch "Automatic graphics switching" off and restart the browser.'
};
