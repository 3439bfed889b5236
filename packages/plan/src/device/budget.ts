import type { Device } from './adapter.ts';
import { adapterName, gpuKind } from './gpu-kind.ts';
import { lookUpGpu, type Gpu } from './gpus.ts';
import { bytes as sizeInWords } from '../words.ts';
import { granted } from './granted.ts';

/** Bytes of GPU memory we may use, with its source and how sure we are. */
export interface Budget {
	/** All of the GPU's memory as far as known, before the reserve. */
	totalBytes: number;
	/** Set aside for the screen and other programs. */
	reserveBytes: number;
	/** What may be used: totalBytes - reserveBytes, never negative. */
	bytes: number;
	source: 'declared' | 'heaps' | 'gpu-name' | 'assumed';
	/** The source in words, a full sentence for the page. */
	explanation: string;
}

export interface BudgetOptions {
	/** What the person said the GPU has. */
	declaredBytes?: number | null;
	/** The name of the GPU the person picked from the list, for the explanation. */
	declaredGpu?: string | null;
	/** For the screen and other programs; `defaultReserveBytes` unless told. */
	reserveBytes?: number | null;
	/** Bytes that a load needed which ran out of memory here: lowers an assumed budget, to half at most, and no other. */
	observedCeilingBytes?: number | null;
}

const GiB = 2 ** 30;

export const defaultReserveBytes = GiB / 2;

/** The budget from the best source there is. Figures that are no positive number count as not given. */
export function budgetOf(device: Device, options: BudgetOptions = {}): Budget {
	const reserveBytes =
		options.reserveBytes === 0 ? 0 : (usable(options.reserveBytes) ?? defaultReserveBytes);
	const { totalBytes, source, explanation } =
		declared(options) ??
		fromHeaps(device) ??
		fromName(device) ??
		assumed(device, options, reserveBytes);
	return {
		totalBytes,
		reserveBytes,
		bytes: Math.max(0, totalBytes - reserveBytes),
		source,
		explanation
	};
}

type Total = Pick<Budget, 'totalBytes' | 'source' | 'explanation'>;

function declared({ declaredBytes, declaredGpu }: BudgetOptions): Total | null {
	const totalBytes = usable(declaredBytes);
	if (totalBytes === null) return null;
	const explanation = declaredGpu
		? `You picked ${declaredGpu} with ${gib(totalBytes)} as your GPU.`
		: `GPU memory set to ${gib(totalBytes)}.`;
	return { totalBytes, source: 'declared', explanation };
}

function fromHeaps(device: Device): Total | null {
	const totalBytes = usable(device.heapBytes);
	// A software adapter invents its heap. Inside a processor it is all of the system's memory or what the firmware
	// sets aside; on Apple silicon it is what macOS lets the GPU use.
	if (totalBytes === null || !['dedicated', 'unified', 'unknown'].includes(gpuKind(device)))
		return null;
	return {
		totalBytes,
		source: 'heaps',
		explanation: `The browser reports ${gib(totalBytes)} of GPU memory.`
	};
}

/** macOS lets the GPU work with two thirds of the memory of a Mac with up to 32 GB, and more of a larger one. */
const unifiedShare = 2 / 3;

/** What of a GPU's memory, in one of the sizes it is sold with, the GPU can use. */
export const usableBytes = ({ shared }: Pick<Gpu, 'shared'>, sizeBytes: number): number =>
	shared ? Math.floor(sizeBytes * unifiedShare) : sizeBytes;

/**
 * The smallest size that the reported memory allows. Browsers round to the nearest power of two, so what they
 * report is at most a third too much.
 */
function systemBytes(sizes: readonly number[], device: Device): number | undefined {
	const reportedGiB = usable(device.deviceMemoryGiB);
	if (reportedGiB === null) return sizes[0];
	return sizes.find((size) => size >= reportedGiB * 0.75 * GiB) ?? sizes.at(-1);
}

function fromName(device: Device): Total | null {
	const name = adapterName(device);
	const gpu = device.software ? null : lookUpGpu(name);
	const smallest = gpu?.sizesBytes[0];
	if (name === null || !gpu || smallest === undefined) return null;
	const among = gpu.sizesBytes.length > 1 ? 'at least ' : '';
	if (gpu.shared) {
		const system = systemBytes(gpu.sizesBytes, device) ?? smallest;
		return {
			totalBytes: usableBytes(gpu, system),
			source: 'gpu-name',
			explanation: `The browser calls the GPU ${gpu.name}, which shares ${among}${gib(system)} with the system; about two thirds of it are the GPU's.`
		};
	}
	return {
		totalBytes: smallest,
		source: 'gpu-name',
		explanation: `The browser calls the GPU ${name}, which has ${among}${gib(smallest)}.`
	};
}

/**
 * A load may run out of memory for what other programs hold just then, so it says little of the GPU: what may be used
 * after the reserve is never thought to be less than this share of what was assumed.
 */
const LEAST_SHARE = 1 / 2;

function assumed(device: Device, options: BudgetOptions, reserveBytes: number): Total {
	const failed = usable(options.observedCeilingBytes);
	const { bytes, because } = assumedBytes(device);
	if (failed !== null && failed < bytes) {
		const least = reserveBytes + (bytes - reserveBytes) * LEAST_SHARE;
		const totalBytes = Math.min(bytes, Math.max(failed, least));
		return {
			totalBytes,
			source: 'assumed',
			explanation: `Assumed ${gib(totalBytes)}: a load that needed ${sizeInWords(failed)} ran out of memory here.`
		};
	}
	return {
		totalBytes: bytes,
		source: 'assumed',
		explanation: `Assumed ${gib(bytes)}, because ${because}.`
	};
}

/**
 * What is assumed where nothing is known. In order:
 * - phones: 1.5 GiB, with less than 6 GiB of memory 1 GiB;
 * - Apple silicon: half of the system's memory, 4 to 8 GiB;
 * - inside the processor, or a CPU in place of a GPU: a quarter of the system's memory, 1 to 4 GiB, and 2 GiB
 *   where the system's memory is unknown;
 * - everything else: 2 GiB;
 * - and never more than 1 GiB where WebLLM is granted only the small buffers or bindings.
 */
export function assumedBytes(device: Device): { bytes: number; because: string } {
	const { bytes, because } = byKind(device);
	const tier = granted(device.limits);
	const large =
		tier.kind === 'granted' && tier.maxBufferSize >= GiB && tier.maxStorageBufferBindingSize >= GiB;
	return large || bytes <= GiB
		? { bytes, because }
		: { bytes: GiB, because: 'the GPU offers only small buffers' };
}

function byKind(device: Device): { bytes: number; because: string } {
	const memory = usable(device.deviceMemoryGiB);
	switch (gpuKind(device)) {
		case 'phone':
			return {
				bytes: memory !== null && memory < 6 ? GiB : 1.5 * GiB,
				because: 'phones leave a page little memory'
			};
		case 'unified':
			return {
				bytes: clamp((memory ?? 8) / 2, 4, 8) * GiB,
				because: 'the GPU shares the memory of this Mac'
			};
		case 'integrated':
			return {
				bytes: clamp((memory ?? 8) / 4, 1, 4) * GiB,
				because: "the GPU is part of the processor and shares the system's memory"
			};
		case 'software':
			return {
				bytes: clamp((memory ?? 8) / 4, 1, 4) * GiB,
				because: "a software adapter uses the system's memory"
			};
		case 'dedicated':
		case 'unknown': {
			const name = adapterName(device);
			return {
				bytes: 2 * GiB,
				because: name
					? `the browser names ${name}, whose memory is not in the table`
					: 'the browser does not tell how much memory the GPU has'
			};
		}
	}
}

const clamp = (value: number, least: number, most: number) =>
	Math.min(most, Math.max(least, value));

const usable = (value: number | null | undefined) =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;

const gib = (bytes: number) => `${Number((bytes / GiB).toFixed(bytes < 10 * GiB ? 1 : 0))} GiB`;
