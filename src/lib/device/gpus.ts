import * as v from 'valibot';
import table from './generated/gpus.json';
import { gpuKey, productName, statedGiB } from './gpu-name.ts';

/** A GPU of the published table. */
export interface Gpu {
	/** "NVIDIA RTX 4060 Laptop" */
	name: string;
	/** Memory it is sold with, ascending; never empty. Of a shared one: the whole system's memory. */
	sizesBytes: readonly number[];
	/** Shares the system's memory. */
	shared: boolean;
}

const row = v.tupleWithRest([v.string(), v.number()], v.number());
const tableSchema = v.object({ dedicated: v.array(row), unified: v.array(row) });

/** Every GPU of the table, for a person to pick from. Written by `npm run prepare:data`. */
export const gpus: readonly Gpu[] = readTable(table);

function readTable(found: unknown): Gpu[] {
	const { dedicated, unified } = v.parse(tableSchema, found);
	const gpu = ([name, ...sizes]: [string, number, ...number[]], shared: boolean): Gpu => ({
		name,
		sizesBytes: sizes.map((size) => size * 2 ** 30),
		shared
	});
	return [
		...dedicated.map((entry) => gpu(entry, false)),
		...unified.map((entry) => gpu(entry, true))
	].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

const byKey = new Map(gpus.map((gpu) => [gpuKey(gpu.name), gpu]));

/**
 * The GPU that a WebGL renderer string or a product name stands for; null where the table has exactly that
 * product not. A size that the name states itself is the only one then.
 */
export function lookUpGpu(renderer: string | null): Gpu | null {
	const name = productName(renderer);
	if (name === null) return null;
	const key = gpuKey(name);
	// A Max-Q part is a laptop part with the same memory, unless the table tells them apart.
	const gpu = byKey.get(key) ?? byKey.get(gpuKey(name.replace(/ with Max-Q Design$/, ' Laptop')));
	if (!gpu) return null;
	const stated = statedGiB(name);
	return stated === null ? gpu : { ...gpu, sizesBytes: [stated * 2 ** 30] };
}
