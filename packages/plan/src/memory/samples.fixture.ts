import type { Device, DeviceReading } from '../device/adapter.ts';
import type { Budget } from '../device/budget.ts';
import type { Family, Variant } from '../models/catalog.ts';
import { NOTHING_KNOWN, type Knowledge } from './judge.ts';
import type { Situation } from './verdict.ts';
import { qwenLibrary, qwenVariant } from './worked-example.fixture.ts';

// Devices, budgets and a small catalogue, written down for tests.

export const GiB = 2 ** 30;
export const MiB = 2 ** 20;

export const device = (overrides: Partial<Device> = {}): Device => ({
	vendor: 'nvidia',
	architecture: 'lovelace',
	description: '',
	gpuName: null,
	software: false,
	features: ['shader-f16'],
	limits: {
		maxBufferSize: 4 * GiB,
		maxStorageBufferBindingSize: 2 * GiB,
		maxComputeWorkgroupStorageSize: 32_768,
		maxStorageBuffersPerShaderStage: 10,
		maxComputeInvocationsPerWorkgroup: 1024
	},
	heapBytes: null,
	sharesMemory: false,
	platform: 'windows',
	deviceMemoryGiB: 32,
	...overrides
});

export const ready = (overrides: Partial<Device> = {}): DeviceReading => ({
	kind: 'ready',
	device: device(overrides)
});

export const budget = (bytes: number, source: Budget['source'] = 'declared'): Budget => ({
	totalBytes: bytes + GiB / 2,
	reserveBytes: GiB / 2,
	bytes,
	source,
	explanation: 'As the test says.'
});

export const situation = (budgetBytes: number, overrides: Partial<Situation> = {}): Situation => ({
	reading: ready(),
	budget: budget(budgetBytes),
	threshold: 0.9,
	...overrides
});

/** A family of which only what the catalogue declares is known. */
export function family(
	id: string,
	parametersBillion: number,
	declared: Readonly<Record<string, number>>,
	overrides: Partial<Variant> = {}
): Family {
	return {
		id,
		name: id.replaceAll('-', ' '),
		variants: Object.entries(declared).map(([name, mib]) =>
			qwenVariant(name, {
				id: `${id}-${name}-MLC`,
				familyId: id,
				declaredBytes: mib * MiB,
				maxContextWindow: 32_768,
				...overrides
			})
		),
		vision: false,
		thinking: false,
		parametersBillion
	};
}

export const qwenFamily: Family = {
	...family('Qwen2-0.5B-Instruct', 0.5, {}),
	variants: ['q0f32', 'q0f16', 'q4f32_1', 'q4f16_1'].map((name) =>
		qwenVariant(name, { maxContextWindow: 32_768 })
	)
};

export const pocketFamily: Family = family(
	'pocket',
	0,
	{ q0f32: 4, q0f16: 2.5, q4f32_1: 2, q4f16_1: 1.5 },
	{ origin: 'pocket', maxContextWindow: 1024, defaultContextWindow: 1024 }
);

export const catalog: readonly Family[] = [
	pocketFamily,
	qwenFamily,
	family('Llama-3.2-1B-Instruct', 1.2, {
		q0f32: 5106,
		q0f16: 2573,
		q4f32_1: 1129,
		q4f16_1: 879
	}),
	family('Llama-3.2-3B-Instruct', 3.2, { q4f32_1: 2951, q4f16_1: 2264 }),
	family('Qwen3-4B', 4, { q4f32_1: 4328, q4f16_1: 3432 }),
	family('Qwen3-8B', 8, { q4f32_1: 6853, q4f16_1: 5696 }),
	family('Llama-3.1-70B-Instruct', 70, { q3f16_1: 31_153 }),
	family('Qwen2.5-Coder-7B-Instruct', 7, { q4f32_1: 5900, q4f16_1: 5107 })
];

const qwenKnown: ReadonlyMap<string, Knowledge> = new Map(
	qwenFamily.variants.map(({ id, quantization }) => [
		id,
		{ ...NOTHING_KNOWN, facts: { library: qwenLibrary(quantization.name) } }
	])
);

/** Everything is known of Qwen2 0.5B, and of the others what the catalogue declares. */
export const knownOf = ({ id }: Variant): Knowledge => qwenKnown.get(id) ?? NOTHING_KNOWN;
