import type { GpuEngine } from '../engine/gpu-engine.ts';
import { Preparing, type PreparingParts } from './preparing.ts';
import { Spare } from './spare.ts';
import { Starter, type StarterParts } from './starter.ts';
import { Swap, type SwapParts } from './swap.ts';

export interface Machinery {
	starter: Starter;
	swap: Swap;
	preparing: Preparing;
	spare: Spare;
}

/** What loads, swaps and rolls back, as one chunk of script: the page takes messages before it has come. */
export function buildMachinery(
	parts: Omit<StarterParts & SwapParts & PreparingParts, 'starter' | 'spare'> & {
		makeEngine: () => GpuEngine;
	}
): Machinery {
	const spare = new Spare(parts.makeEngine);
	const starter = new Starter({ ...parts, spare });
	return {
		starter,
		swap: new Swap({ ...parts, starter }),
		preparing: new Preparing({ ...parts, spare }),
		spare
	};
}
