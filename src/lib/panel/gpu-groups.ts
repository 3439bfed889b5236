import { lookUpGpu, type Gpu } from '#plan/device/gpus.ts';
import type { PickerGroup } from '../ui/picker.ts';

export interface GpuOption {
	/** The GPU's name. */
	id: string;
	gpu: Gpu;
}

/** The brand that boxes and drivers put before a maker's products, and the table leaves out. */
const BRANDS: Readonly<Record<string, string>> = { NVIDIA: 'geforce', AMD: 'radeon' };

/** The maker is the first word of a name: "NVIDIA RTX 4060". */
const makerOf = ({ name }: Gpu): string => name.split(' ')[0] ?? '';

const searchable = (gpu: Gpu): string =>
	`${gpu.name} ${BRANDS[makerOf(gpu)] ?? ''} gpu graphics`.toLowerCase();

/**
 * The GPUs of the table that match, by maker. Every word of the query must occur in the name or be the maker's
 * brand; the order of words does not matter. First comes the product that the query names exactly, or else
 * `detected`, which the browser names.
 */
export function gpuGroups(
	gpus: readonly Gpu[],
	detected: Gpu | null,
	query: string
): PickerGroup<GpuOption>[] {
	const words = query.toLowerCase().match(/[^\s()-]+/g) ?? [];
	const found = gpus.filter((gpu) => {
		const text = searchable(gpu);
		return words.every((word) => text.includes(word));
	});
	const exact = words.length > 0 ? lookUpGpu(query) : null;
	// The looked-up one carries the sizes that its full name leaves.
	const first = exact ?? found.find(({ name }) => name === detected?.name) ?? null;
	const rest = found.filter(({ name }) => name !== first?.name);
	const option = (gpu: Gpu): GpuOption => ({ id: gpu.name, gpu });
	return [
		{
			title: exact ? 'Best match' : 'Named by the browser',
			options: first ? [option(first)] : []
		},
		...[...new Set(rest.map(makerOf))].map((maker) => ({
			title: maker,
			options: rest.filter((gpu) => makerOf(gpu) === maker).map(option)
		}))
	];
}
