import { isSoftware, productName } from './gpu-name.ts';

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
	/** Bytes of the GPU's own memory, where the browser exposes the heaps; null elsewhere, and where it has none. */
	heapBytes: number | null;
	/** The heaps show that the GPU uses the system's memory. */
	sharesMemory: boolean;
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

export type DeviceReading =
	| { kind: 'ready'; device: Device }
	/** The page cannot ask for a GPU at all. */
	| { kind: 'no-webgpu'; platform: Platform; sentence: string; remedy: string }
	/** WebGPU is there and offers no adapter. */
	| { kind: 'no-adapter'; platform: Platform; sentence: string; remedy: string };

/** What the browser told us, before any judgement; plain data, so that tests can write it down. */
export interface RawReading {
	secureContext: boolean;
	webgpu: boolean;
	adapter: RawAdapter | null;
	/** Why asking for an adapter failed, where it threw. */
	adapterError: string | null;
	/** WebGL's unmasked renderer; null where it is masked or WebGL is absent. */
	renderer: string | null;
	userAgent: string;
	/** navigator.userAgentData.platform, where the browser has it. */
	platformHint: string | null;
	/** Tells an iPad, whose user agent says Macintosh, from a Mac. */
	touchPoints: number;
	deviceMemoryGiB: number | null;
}

export interface RawAdapter {
	vendor: string;
	architecture: string;
	description: string;
	isFallbackAdapter: boolean;
	features: readonly string[];
	limits: DeviceLimits;
	memoryHeaps: readonly { size: number; properties: number }[] | null;
}

/** Turns what the browser told into a device, or into a sentence for a person with what to do. Pure. */
export function describe(raw: RawReading): DeviceReading {
	const platform = platformOf(raw);
	if (!raw.webgpu) return { kind: 'no-webgpu', platform, ...withoutWebGpu(raw, platform) };
	if (!raw.adapter) return { kind: 'no-adapter', platform, ...withoutAdapter(raw, platform) };
	const { vendor, architecture, description, isFallbackAdapter, features, limits, memoryHeaps } =
		raw.adapter;
	const told = `${vendor} ${architecture} ${description}`;
	return {
		kind: 'ready',
		device: {
			vendor,
			architecture,
			description,
			gpuName: productName(raw.renderer),
			software: isFallbackAdapter || isSoftware(told),
			features: [...features].sort(),
			limits,
			...readHeaps(memoryHeaps),
			platform,
			deviceMemoryGiB: positive(raw.deviceMemoryGiB)
		}
	};
}

export function platformOf(
	raw: Pick<RawReading, 'userAgent' | 'platformHint' | 'touchPoints'>
): Platform {
	return platformIn(raw.platformHint ?? '', raw) ?? platformIn(raw.userAgent, raw) ?? 'unknown';
}

function platformIn(text: string, raw: Pick<RawReading, 'touchPoints'>): Platform | null {
	if (/android/i.test(text)) return 'android';
	if (/iphone|ipad|ipod|^ios$/i.test(text)) return 'ios';
	if (/mac/i.test(text)) return raw.touchPoints > 1 ? 'ios' : 'macos';
	if (/win/i.test(text)) return 'windows';
	if (/cros|chrome ?os|chromium os/i.test(text)) return 'chromeos';
	if (/linux|x11/i.test(text)) return 'linux';
	return null;
}

/** GPUHeapProperty.DEVICE_LOCAL */
const DEVICE_LOCAL = 1;

/** The firmware sets aside 0.25 to 0.5 GiB for a GPU inside the processor; the smallest cards have 1 GB. */
const LEAST_OF_A_CARD = 0.75 * 2 ** 30;

/**
 * The largest device-local heap: small ones beside it are windows onto the same memory. A card has a heap in the
 * system's memory besides. Where all heaps are device-local, or only a little is, the memory is the system's.
 * Source: PopulateBackendProperties in Dawn, one heap where the memory is unified, else Vulkan's heaps or two.
 */
function readHeaps(heaps: RawAdapter['memoryHeaps']): Pick<Device, 'heapBytes' | 'sharesMemory'> {
	const found = (heaps ?? []).filter((heap) => positive(heap.size) !== null);
	const local = found.filter((heap) => heap.properties & DEVICE_LOCAL);
	const bytes = Math.max(0, ...local.map((heap) => heap.size));
	const sharesMemory =
		local.length > 0 && (local.length === found.length || bytes < LEAST_OF_A_CARD);
	return { heapBytes: positive(bytes), sharesMemory };
}

const positive = (value: number | null) =>
	value !== null && Number.isFinite(value) && value > 0 ? value : null;

interface Advice {
	sentence: string;
	remedy: string;
}

function withoutWebGpu(raw: RawReading, platform: Platform): Advice {
	if (!raw.secureContext)
		return {
			sentence: 'The browser offers WebGPU only to pages opened over https or from localhost.',
			remedy: 'Open this page with https:// in its address, or from localhost.'
		};
	const firefox = /firefox/i.test(raw.userAgent);
	const safari = /^((?!chrom|android|firefox).)*safari/i.test(raw.userAgent);
	if (platform === 'ios')
		return {
			sentence: 'This browser has no WebGPU.',
			remedy: 'Update to iOS or iPadOS 26 or newer, where every browser has WebGPU.'
		};
	if (safari)
		return {
			sentence: 'This version of Safari has no WebGPU.',
			remedy: 'Update to Safari 26 (macOS 26) or newer, or open this page in Chrome.'
		};
	if (firefox)
		return {
			sentence: 'This Firefox has no WebGPU.',
			remedy:
				platform === 'windows' || platform === 'macos'
					? 'Update Firefox to 145 or newer, or open this page in Chrome or Edge.'
					: 'Open this page in Chrome, or switch on dom.webgpu.enabled in about:config of a newer Firefox.'
		};
	if (platform === 'linux')
		return {
			sentence: 'This browser has WebGPU switched off.',
			remedy:
				'Update Chrome; if it is current, switch on chrome://flags/#enable-unsafe-webgpu and #enable-vulkan and restart it.'
		};
	return {
		sentence: 'This browser has no WebGPU.',
		remedy: 'Update it, or open this page in a current Chrome or Edge.'
	};
}

function withoutAdapter(raw: RawReading, platform: Platform): Advice {
	const why = raw.adapterError ? ` (${raw.adapterError})` : '';
	const sentence = `The browser has WebGPU but found no GPU it can use${why}.`;
	const again = 'If it worked before, restart the browser: after a GPU crash it stays off.';
	switch (platform) {
		case 'windows':
			return {
				sentence,
				remedy: `Update the graphics driver and see that "Use graphics acceleration when available" is on in the browser's settings; chrome://gpu says what is missing. ${again}`
			};
		case 'linux':
			return {
				sentence,
				remedy: `Install the Vulkan driver of your GPU, switch on chrome://flags/#enable-unsafe-webgpu and #enable-vulkan, and look at chrome://gpu. ${again}`
			};
		case 'macos':
			return {
				sentence,
				remedy: `See that "Use graphics acceleration when available" is on in the browser's settings; chrome://gpu says what is missing. ${again}`
			};
		case 'android':
			return {
				sentence,
				remedy: `Chrome needs Android 12 or newer and a GPU it knows (Qualcomm, ARM or Imagination); update both. ${again}`
			};
		case 'ios':
		case 'chromeos':
		case 'unknown':
			return { sentence, remedy: `Update the browser and the system. ${again}` };
	}
}
