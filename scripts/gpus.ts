/**
 * Reduces the GPU table of @huggingface/tasks to the names and memory sizes the page needs, into
 * src/lib/device/generated/gpus.json. Stops at a memory figure it cannot read.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { SKUS } from '@huggingface/tasks';
import * as v from 'valibot';
import { type GpuTable, gpuKey } from '../src/lib/device/gpu-name.ts';

const skuSchema = v.record(
	v.string(),
	v.object({
		memory: v.optional(v.pipe(v.array(v.pipe(v.number(), v.minValue(1))), v.minLength(1)))
	})
);

/**
 * Left out: parts that share the system's memory (the table lists what the system may have), and boards that
 * no desktop browser runs on.
 */
const leftOut = /^(Radeon \d+M|Ryzen|Jetson|GB10|Apple MacBook)/;

export function reduce(skus: {
	GPU: Record<string, unknown>;
	'Apple Silicon': Record<string, unknown>;
}): GpuTable {
	return {
		dedicated: Object.entries(skus.GPU).flatMap(([vendor, found]) =>
			rows(found, (name) => `${vendor === 'INTEL' ? 'Intel' : vendor} ${name}`)
		),
		unified: Object.values(skus['Apple Silicon']).flatMap((found) => rows(found, (name) => name))
	};
}

/** Rows with the same key are one product (a laptop GPU is listed as Laptop and as Mobile): sizes are joined. */
function rows(found: unknown, label: (name: string) => string): [string, ...number[]][] {
	const products = new Map<string, { name: string; sizes: Set<number> }>();
	for (const [name, { memory }] of Object.entries(v.parse(skuSchema, found))) {
		if (!memory || leftOut.test(name)) continue;
		const readable = label(name.replace(/ \d+GB$/, '').replace(/\bMobile$/, 'Laptop'));
		const key = gpuKey(readable);
		const product = products.get(key) ?? { name: readable, sizes: new Set() };
		for (const size of memory) product.sizes.add(size);
		products.set(key, product);
	}
	return [...products.values()].map(({ name, sizes }) => [
		name,
		...[...sizes].sort((a, b) => a - b)
	]);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
	const target = join(import.meta.dirname, '../src/lib/device/generated/gpus.json');
	const table = reduce(SKUS);
	const text = JSON.stringify(table);
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, text);
	console.log(
		`GPUs: ${table.dedicated.length} with their own memory, ${table.unified.length} that share it, ${gzipSync(text).length} bytes gzip`
	);
}
