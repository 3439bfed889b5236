import type { DeviceLimits } from './adapter.ts';

/** What WebLLM's device will have, whatever more the adapter offers. */
export interface Granted {
	kind: 'granted';
	maxBufferSize: number;
	maxStorageBufferBindingSize: number;
}

/** The adapter is below what WebLLM asks for at least: it cannot run here. */
export interface Refused {
	kind: 'refused';
	limit: keyof DeviceLimits;
	expected: number;
	found: number;
	sentence: string;
}

const MiB = 2 ** 20;

/**
 * WebLLM asks for fixed limits and falls to a floor where the adapter has less; there is nothing in between.
 * Source: detectGPUDevice in @mlc-ai/web-llm 0.2.86.
 */
const tiers = {
	maxBufferSize: [1024 * MiB, 256 * MiB],
	maxStorageBufferBindingSize: [1024 * MiB, 128 * MiB]
} as const;

const floors = {
	maxComputeWorkgroupStorageSize: 32 * 1024,
	maxStorageBuffersPerShaderStage: 10
} as const;

export function granted(limits: DeviceLimits): Granted | Refused {
	const result: Granted = { kind: 'granted', maxBufferSize: 0, maxStorageBufferBindingSize: 0 };
	for (const limit of ['maxBufferSize', 'maxStorageBufferBindingSize'] as const) {
		const tier = tiers[limit].find((bytes) => bytes <= limits[limit]);
		if (tier === undefined) return refused(limit, tiers[limit][1], limits[limit]);
		result[limit] = tier;
	}
	for (const limit of [
		'maxComputeWorkgroupStorageSize',
		'maxStorageBuffersPerShaderStage'
	] as const)
		if (!(limits[limit] >= floors[limit])) return refused(limit, floors[limit], limits[limit]);
	return result;
}

const words: Readonly<Record<keyof typeof tiers | keyof typeof floors, string>> = {
	maxBufferSize: 'buffers of at least',
	maxStorageBufferBindingSize: 'storage bindings of at least',
	maxComputeWorkgroupStorageSize: 'workgroup memory of at least',
	maxStorageBuffersPerShaderStage: 'storage buffers in a shader, at least'
};

function refused(limit: keyof typeof words, expected: number, found: number): Refused {
	const unit = limit === 'maxStorageBuffersPerShaderStage' ? String : binary;
	const offer = Number.isFinite(found) ? unit(found) : 'an unknown amount';
	return {
		kind: 'refused',
		limit,
		expected,
		found,
		sentence: `The engine needs ${words[limit]} ${unit(expected)}, and this GPU offers ${offer} here. A newer browser or graphics driver may offer more.`
	};
}

const binary = (bytes: number) =>
	bytes < MiB ? `${Math.floor(bytes / 1024)} KiB` : `${Math.floor(bytes / MiB)} MiB`;
