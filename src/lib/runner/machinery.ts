import type { GpuEngine } from '../engine/gpu-engine.ts';
import { Preparing, type PreparingParts } from './preparing.ts';
import { Spare } from './spare.ts';
import { Standby, type StandbyParts } from './standby.svelte.ts';
import { Starter, type StarterParts } from './starter.ts';
import { Swap, type SwapParts } from './swap.ts';

export interface Machinery {
	starter: Starter;
	swap: Swap;
	preparing: Preparing;
	spare: Spare;
	standby: Standby;
	/** Lets go what is not in use: what was prepared, and what stands by. */
	leave(): Promise<void>;
}

/** What loads, swaps and rolls back, as one chunk of script: the page takes messages before it has come. */
export function buildMachinery(
	parts: Omit<StarterParts & SwapParts & PreparingParts, 'starter' | 'spare' | 'standby'> &
		StandbyParts & {
			makeEngine: () => GpuEngine;
		}
): Machinery {
	const spare = new Spare(parts.makeEngine);
	const standby = new Standby(parts);
	const starter = new Starter({ ...parts, spare, standby });
	return {
		starter,
		swap: new Swap({ ...parts, starter, spare, standby }),
		preparing: new Preparing({ ...parts, spare, standby }),
		spare,
		standby,
		leave: () => {
			spare.forgetPrepared();
			return standby.letGo();
		}
	};
}
