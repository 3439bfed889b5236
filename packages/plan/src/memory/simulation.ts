import type { Device } from '../device/adapter.ts';
import { defaultReserveBytes, usableBytes } from '../device/budget.ts';
import { gpus, type Gpu } from '../device/gpus.ts';
import type { Family, Variant } from '../models/catalog.ts';
import { bytes } from '../words.ts';
import { maxContextWindow } from './context-limit.ts';
import { judge, type Judgement, type Knowledge } from './judge.ts';
import { DEFAULT_THRESHOLD, FITS_RATIO, type Situation, type Threshold } from './verdict.ts';

const GiB = 2 ** 30;

/** A GPU that is not here, in one of the sizes it is sold with. */
export interface SimulatedGpu {
	gpu: Pick<Gpu, 'name' | 'shared'>;
	sizeBytes: number;
	/** It has 16-bit shaders. */
	shaderF16: boolean;
}

/** What current desktop GPUs report in Chrome. */
const LIMITS: Device['limits'] = {
	maxBufferSize: 4 * GiB,
	maxStorageBufferBindingSize: 2 * GiB,
	maxComputeWorkgroupStorageSize: 32_768,
	maxStorageBuffersPerShaderStage: 10,
	maxComputeInvocationsPerWorkgroup: 1024
};

/** The situation of an empty page on that GPU, with limits as current desktop GPUs have them. */
export function simulated(
	{ gpu, sizeBytes, shaderF16 }: SimulatedGpu,
	threshold: Threshold = DEFAULT_THRESHOLD
): Situation {
	const totalBytes = usableBytes(gpu, sizeBytes);
	const device: Device = {
		vendor: '',
		architecture: '',
		description: '',
		gpuName: gpu.name,
		software: false,
		features: shaderF16 ? ['shader-f16'] : [],
		limits: LIMITS,
		heapBytes: null,
		sharesMemory: gpu.shared,
		platform: 'unknown',
		deviceMemoryGiB: null
	};
	return {
		reading: { kind: 'ready', device },
		budget: {
			totalBytes,
			reserveBytes: defaultReserveBytes,
			bytes: Math.max(0, totalBytes - defaultReserveBytes),
			source: 'declared',
			explanation: `Simulated: ${gpu.name} with ${bytes(sizeBytes)}.`
		},
		threshold,
		usedBytes: 0,
		outgoingBytes: 0
	};
}

/** What holds on another GPU, too: what the files say, not what was measured or failed here. */
export const elsewhere = ({ facts, lean }: Knowledge): Knowledge => ({
	facts,
	measured: [],
	failedWindow: null,
	...(lean && { lean: { setting: lean.setting, measured: [], failedWindow: null } })
});

/** Common GPUs from 4 to 24 GiB; every name is in the published table. */
const COMMON: readonly string[] = [
	'NVIDIA GTX 1650',
	'NVIDIA GTX 1060',
	'NVIDIA RTX 2060',
	'NVIDIA RTX 3060',
	'NVIDIA RTX 4060',
	'NVIDIA RTX 4070',
	'NVIDIA RTX 4080',
	'NVIDIA RTX 4090',
	'AMD RX 6600',
	'AMD RX 6700 XT',
	'AMD RX 7800 XT',
	'AMD RX 7900 XTX',
	'Intel Arc A750',
	'Apple M1',
	'Apple M2'
];

export interface GpuSize {
	gpu: Gpu;
	sizeBytes: number;
}

/** Common GPUs, smallest first, each in the sizes from 4 to 24 GiB. */
export const commonGpus: readonly GpuSize[] = gpus
	.filter(({ name }) => COMMON.includes(name))
	.flatMap((gpu) => gpu.sizesBytes.map((sizeBytes) => ({ gpu, sizeBytes })))
	.filter(({ sizeBytes }) => sizeBytes >= 4 * GiB && sizeBytes <= 24 * GiB)
	.sort((a, b) => usableBytes(a.gpu, a.sizeBytes) - usableBytes(b.gpu, b.sizeBytes));

/** One variant at a window in one situation; a model made for fewer tokens is taken at its maximum. */
export function judgeWithin(
	variant: Variant,
	contextWindow: number,
	known: Knowledge,
	situation: Situation
): Judgement {
	const window = Math.min(contextWindow, maxContextWindow(variant, known.facts));
	return judge(variant, window, known, situation);
}

export interface GpuRow extends GpuSize {
	/** One per variant of the family, in its order. */
	judged: readonly Judgement[];
}

/** GPUs by the variants of a family, at a window. */
export const gpuTable = (
	family: Family,
	contextWindow: number,
	knownOf: (variant: Variant) => Knowledge,
	rows: readonly GpuSize[] = commonGpus
): GpuRow[] =>
	rows.map((row) => {
		const situation = simulated({ ...row, shaderF16: true });
		return {
			...row,
			judged: family.variants.map((variant) =>
				judgeWithin(variant, contextWindow, elsewhere(knownOf(variant)), situation)
			)
		};
	});

/** Bytes of GPU memory, before the reserve for other programs. */
export interface Need {
	/** From here on it is not blocked at the default threshold. */
	minimumBytes: number;
	/** From here on it fits without a word. */
	comfortableBytes: number;
}

/** How much memory a GPU must have for an estimate: the verdict's own rules, turned round. */
export function needOf({ estimate }: Judgement): Need | null {
	if (!estimate) return null;
	const { peakBytes, mostBytes, confidence } = estimate;
	const sure = confidence === 'declared' ? Math.max(peakBytes, mostBytes) : peakBytes;
	return {
		minimumBytes: Math.ceil(peakBytes / DEFAULT_THRESHOLD) + defaultReserveBytes,
		comfortableBytes: Math.ceil(sure / FITS_RATIO) + defaultReserveBytes
	};
}

/** The GPUs that can use that much, each in its smallest size that does. */
export const gpusWith = (totalBytes: number, among: readonly Gpu[] = gpus): GpuSize[] =>
	among.flatMap((gpu) => {
		const sizeBytes = gpu.sizesBytes.find((size) => usableBytes(gpu, size) >= totalBytes);
		return sizeBytes === undefined ? [] : [{ gpu, sizeBytes }];
	});

/** The common ones among them, smallest first. */
export const commonGpusWith = (totalBytes: number): GpuSize[] =>
	gpusWith(totalBytes, [...new Set(commonGpus.map(({ gpu }) => gpu))]).sort(
		(a, b) => usableBytes(a.gpu, a.sizeBytes) - usableBytes(b.gpu, b.sizeBytes)
	);
