import type { DeviceReading } from '#plan/device/adapter.ts';
import type { Budget } from '#plan/device/budget.ts';
import { adapterName } from '#plan/device/gpu-kind.ts';
import { granted } from '#plan/device/granted.ts';
import { bytes } from '#plan/words.ts';

/** One thing the page needs, and what was found here. */
export interface Requirement {
	name: 'Browser' | 'GPU' | 'GPU memory';
	needs: string;
	/** `unknown`: the browser does not tell, or not before an earlier one is met. */
	state: 'met' | 'limited' | 'missing' | 'unknown';
	/** What was found. Where the page cannot work at all, the next step is told by the alert above. */
	found: string;
}

/** What the page needs before any model is loaded, against what the browser says of this computer. */
export function requirements(reading: DeviceReading, budget: Budget | null): Requirement[] {
	return [browser(reading), gpu(reading), memory(reading, budget)];
}

function browser(reading: DeviceReading): Requirement {
	const known = {
		name: 'Browser',
		needs:
			'WebGPU: a current Chrome or Edge, Safari 26 or newer, or Firefox 147 or newer on Windows or Apple silicon.'
	} as const;
	return reading.kind === 'no-webgpu'
		? { ...known, state: 'missing', found: reading.sentence }
		: { ...known, state: 'met', found: 'This browser has WebGPU.' };
}

function gpu(reading: DeviceReading): Requirement {
	const known = {
		name: 'GPU',
		needs: 'Any GPU the browser can use, also one inside the processor. Faster GPUs answer faster.'
	} as const;
	if (reading.kind === 'no-webgpu')
		return { ...known, state: 'unknown', found: 'Unknown until the browser has WebGPU.' };
	if (reading.kind === 'no-adapter') return { ...known, state: 'missing', found: reading.sentence };
	const { device } = reading;
	const limits = granted(device.limits);
	if (limits.kind === 'refused') return { ...known, state: 'missing', found: limits.sentence };
	if (device.software)
		return {
			...known,
			state: 'limited',
			found:
				'No GPU in use. If this computer has one, turn on graphics acceleration in the browser’s settings.'
		};
	const name =
		device.description ||
		adapterName(device) ||
		[device.vendor, device.architecture].filter(Boolean).join(' ');
	const f16 = device.features.includes('shader-f16');
	return {
		...known,
		state: f16 ? 'met' : 'limited',
		found: `Found: ${name || 'a GPU without a name'}.${f16 ? '' : ' It has no 16-bit arithmetic (shader-f16), so only the larger f32 variants run.'}`
	};
}

/** Below this only the smallest models of the catalogue fit. */
const LITTLE_BYTES = 2 ** 30;

function memory(reading: DeviceReading, budget: Budget | null): Requirement {
	const known = {
		name: 'GPU memory',
		needs: 'About 1 GiB for a small model, and 6 GiB for one with 8 billion parameters.'
	} as const;
	if (reading.kind !== 'ready' || !budget)
		return { ...known, state: 'unknown', found: 'Unknown until the browser has found a GPU.' };
	return {
		...known,
		state:
			budget.source === 'assumed' ? 'unknown' : budget.bytes < LITTLE_BYTES ? 'limited' : 'met',
		found: `${bytes(budget.bytes)} can be used. ${budget.explanation}`
	};
}
