import type { Device } from '../device/adapter.ts';
import { bytes, percent } from '../words.ts';
import { FITS_RATIO, type Situation } from './verdict.ts';

/** The present state of GPU memory, in one word. */
export type PressureWord = 'comfortable' | 'moderate' | 'tight' | 'critical';

export interface Pressure {
	word: PressureWord;
	/** Bytes in use, of the budget: 0 to 1, and more above the budget. */
	usedRatio: number;
	/** The figures behind the word, and where it changes next. */
	sentence: string;
}

/** Up to here another answer, a longer window or another program costs nothing. */
const COMFORTABLE_RATIO = 0.6;

/**
 * The state of memory by what this page holds now, against the budget: `moderate` ends where a plan no longer fits
 * without a word, `tight` at the safety threshold. null: no budget is known.
 */
export function pressureOf({ usedBytes, budget, threshold }: Situation): Pressure | null {
	const used = Number.isFinite(usedBytes) ? Math.max(0, usedBytes ?? 0) : 0;
	if (!budget || !(budget.bytes > 0) || !Number.isFinite(budget.bytes)) return null;
	const most = threshold !== 'off' && threshold > 0 ? Math.min(1, threshold) : 1;
	const bounds: readonly [PressureWord, number][] = [
		['comfortable', Math.min(COMFORTABLE_RATIO, most)],
		['moderate', Math.min(FITS_RATIO, most)],
		['tight', most]
	];
	const usedRatio = used / budget.bytes;
	const at = bounds.findIndex(([, end]) => usedRatio <= end);
	const [word, end] = bounds[at] ?? (['critical', null] as const);
	const figures = `${bytes(used)} of ${bytes(budget.bytes)} in use (${percent(usedRatio)})`;
	return {
		word,
		usedRatio,
		sentence:
			end === null
				? `${figures}, above ${percent(most)}.`
				: `${figures}; ${word} up to ${percent(end)}.`
	};
}

/** How the figures of this page can be checked with other tools, on this system. Those count all programs. */
export function crossChecks({ platform, vendor }: Pick<Device, 'platform' | 'vendor'>): string[] {
	const nvidia = /nvidia/i.test(vendor);
	const smi = 'nvidia-smi in a terminal: the Memory-Usage column.';
	const own: Readonly<Partial<Record<Device['platform'], readonly string[]>>> = {
		windows: [
			'Task Manager, Performance, GPU: dedicated GPU memory. On an integrated GPU: shared GPU memory.',
			...(nvidia ? [smi] : [])
		],
		macos: ['Activity Monitor, Memory: the browser’s GPU process. Its memory is the system’s own.'],
		linux: nvidia
			? [smi]
			: [
					'/sys/class/drm/card*/device/mem_info_vram_used (AMD): bytes in use; Intel: intel_gpu_top.'
				]
	};
	return [
		...(own[platform] ?? []),
		'chrome://gpu in Chrome or Edge: which GPU the browser uses, and its driver.'
	];
}
