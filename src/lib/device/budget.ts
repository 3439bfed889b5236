import type { Device } from './adapter.ts';
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
	/** The GPU the person picked from the list, shown in the explanation. */
	declaredGpu?: string | null;
	/** For the screen and other programs; 512 MiB unless told. */
	reserveBytes?: number | null;
	/** Bytes at which a load failed for memory here: lowers an assumed budget, and no other. */
	observedCeilingBytes?: number | null;
}

const GiB = 2 ** 30;
export const defaultReserveBytes = GiB / 2;

export function budgetOf(device: Device, options: BudgetOptions = {}): Budget {
	const reserve = options.reserveBytes;
	const reserveBytes =
		typeof reserve === 'number' && Number.isFinite(reserve) && reserve >= 0
			? reserve
			: defaultReserveBytes;
	const { totalBytes, source, explanation } = total(device, options);
	return {
		totalBytes,
		reserveBytes,
		bytes: Math.max(0, totalBytes - reserveBytes),
		source,
		explanation
	};
}

type Total = Pick<Budget, 'totalBytes' | 'source' | 'explanation'>;

function total(device: Device, options: BudgetOptions): Total {
	const declared = usable(options.declaredBytes);
	if (declared !== null)
		return {
			totalBytes: declared,
			source: 'declared',
			explanation: options.declaredGpu
				? `You said that your GPU is a ${options.declaredGpu} with ${gib(declared)}.`
				: `You said that your GPU has ${gib(declared)}.`
		};
	const heap = device.software ? null : usable(device.heapBytes);
	if (heap !== null)
		return {
			totalBytes: heap,
			source: 'heaps',
			explanation: `The browser reports ${gib(heap)} of memory on the GPU.`
		};
	return assumed(device, usable(options.observedCeilingBytes));
}

function assumed(device: Device, ceiling: number | null): Total {
	const { bytes, because } = assumedBytes(device);
	if (ceiling !== null && ceiling < bytes)
		return {
			totalBytes: ceiling,
			source: 'assumed',
			explanation: `Assumed ${gib(ceiling)}, because a load that needed as much ran out of memory here.`
		};
	return {
		totalBytes: bytes,
		source: 'assumed',
		explanation: `Assumed ${gib(bytes)}: ${because}.`
	};
}

/** What is assumed where nothing is known: a pure function of limits, adapter type, platform and device memory. */
export function assumedBytes(device: Device): { bytes: number; because: string } {
	const tier = granted(device.limits);
	if (device.platform === 'android' || device.platform === 'ios')
		return { bytes: 1.5 * GiB, because: 'phones give a page little memory' };
	if (tier.kind === 'granted' && tier.maxBufferSize < GiB)
		return { bytes: GiB, because: 'the GPU offers only small buffers' };
	return { bytes: 2 * GiB, because: 'the browser does not tell what the GPU has' };
}

const usable = (value: number | null | undefined) =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;

const gib = (value: number) => `${Number((value / GiB).toFixed(value < 10 * GiB ? 1 : 0))} GiB`;
