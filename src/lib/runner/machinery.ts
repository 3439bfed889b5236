import { Preparing, type PreparingParts } from './preparing.ts';
import { Starter, type StarterParts } from './starter.ts';
import { Swap, type SwapParts } from './swap.ts';

export interface Machinery {
	starter: Starter;
	swap: Swap;
	preparing: Preparing;
}

/** What loads, swaps and rolls back, as one chunk of script: the page takes messages before it has come. */
export function buildMachinery(
	parts: StarterParts & Omit<SwapParts, 'starter'> & PreparingParts
): Machinery {
	const starter = new Starter(parts);
	return {
		starter,
		swap: new Swap({ ...parts, starter }),
		preparing: new Preparing(parts)
	};
}
