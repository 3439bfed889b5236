import * as v from 'valibot';
import { byName } from '../by-name.ts';
import table from './generated/gpus.json' with { type: 'json' };
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

const rows = v.record(v.string(), v.array(v.string()));
const tableSchema = v.object({ dedicated: rows, unified: rows });

/** Every GPU of the table, for a person to pick from. Written by `npm run prepare:data`. */
export const gpus: readonly Gpu[] = readTable(table);

function readTable(found: unknown): Gpu[] {
	const { dedicated, unified } = v.parse(tableSchema, found);
	const read = (groups: Record<string, string[]>, shared: boolean): Gpu[] =>
		Object.entries(groups).flatMap(([group, names]) => {
			const [maker, ...sizes] = group.split(' ');
			const sizesBytes = sizes.map((size) => Number(size) * 2 ** 30);
			return names.map((name) => ({ name: `${maker} ${name}`, sizesBytes, shared }));
		});
	return [...read(dedicated, false), ...read(unified, true)].sort(byName);
}

const byKey = new Map(gpus.map((gpu) => [gpuKey(gpu.name), gpu]));

/**
 * The GPU that a WebGL renderer string or a product name stands for; null where the table has exactly that
 * product not. A size that the name states itself is the only one then. Mesa names all products of one chip at
 * once ("Radeon RX 6600/6600 XT/6600M"): the GPU then has the sizes of them all.
 */
export function lookUpGpu(renderer: string | null): Gpu | null {
	const name = productName(renderer);
	if (name === null) return null;
	const [first, ...more] = alternatives(name).map(find);
	if (!first || !more.every((gpu) => gpu !== undefined)) return null;
	const stated = statedGiB(name);
	if (stated !== null) return { ...first, sizesBytes: [stated * 2 ** 30] };
	const sizes = new Set([first, ...more].flatMap(({ sizesBytes }) => sizesBytes));
	return { ...first, sizesBytes: [...sizes].sort((a, b) => a - b) };
}

function find(name: string): Gpu | undefined {
	// A Max-Q part is a laptop part with the same memory, unless the table tells them apart.
	return (
		byKey.get(gpuKey(name)) ?? byKey.get(gpuKey(name.replace(/ with Max-Q Design$/, ' Laptop')))
	);
}

/** "AMD Radeon RX 6600/6600 XT" names two: what follows a slash takes the words before the first number along. */
function alternatives(name: string): string[] {
	const [first = name, ...more] = name.split(/ ?\/ ?/);
	const series = first.replace(/(?:\b|(?<=rx))\d.*$/i, '');
	return [first, ...more.map((rest) => series + rest)];
}
