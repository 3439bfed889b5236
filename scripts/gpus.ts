/**
 * Joins the GPU table of @huggingface/tasks and our own (gpus.tsv), reduced to the names and memory sizes the
 * page needs, into packages/plan/src/device/generated/gpus.json. Stops at a memory figure it cannot read.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { SKUS } from '@huggingface/tasks';
import * as v from 'valibot';
import { type GpuTable, gpuKey } from '../packages/plan/src/device/gpu-name.ts';

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

/** A line of gpus.tsv. */
export interface OwnGpu {
	name: string;
	/** GiB, ascending; empty: shares the system's memory. */
	sizes: number[];
	/** Keys of the sources, which the head of the file spells out. */
	sources: string[];
}

/** Reads gpus.tsv. Throws at a line that is not name, sizes, sources, or names a source the head does not explain. */
export function readOwn(text: string): OwnGpu[] {
	const explained = new Set(Array.from(text.matchAll(/^# (\w+): /gm), ([, key]) => key));
	return text
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => {
			const [name, sizes, sources, ...more] = line.split('\t');
			if (!name || !sizes || !sources || more.length)
				throw new Error(`gpus.tsv: expected name, sizes and sources, found "${line}"`);
			const unknown = sources.split(' ').find((key) => !explained.has(key));
			if (unknown) throw new Error(`gpus.tsv: the source "${unknown}" of ${name} is not explained`);
			return {
				name,
				sizes: sizes === 'shared' ? [] : sizes.split(' ').map((size) => gib(size, name)),
				sources: sources.split(' ')
			};
		});
}

function gib(text: string, name: string): number {
	const size = Number(text);
	if (!(size >= 1 && size <= 1024))
		throw new Error(`gpus.tsv: no size in GiB: "${text}" (${name})`);
	return size;
}

export const own = readOwn(readFileSync(join(import.meta.dirname, 'gpus.tsv'), 'utf8'));

export function reduce(
	skus: { GPU: Record<string, unknown>; 'Apple Silicon': Record<string, unknown> },
	ours: readonly OwnGpu[] = []
): GpuTable {
	const dedicated = new Products();
	for (const [vendor, found] of Object.entries(skus.GPU))
		dedicated.addAll(found, (name) => `${vendor === 'INTEL' ? 'Intel' : vendor} ${name}`);
	for (const { name, sizes } of ours) if (sizes.length) dedicated.add(name, sizes);
	const unified = new Products();
	for (const found of Object.values(skus['Apple Silicon'])) unified.addAll(found, (name) => name);
	return { dedicated: bySizes(dedicated.rows()), unified: bySizes(unified.rows()) };
}

/** Rows with the same key are one product (a laptop GPU is listed as Laptop and as Mobile): sizes are joined. */
class Products {
	#products = new Map<string, { name: string; sizes: Set<number> }>();

	add(name: string, sizes: readonly number[]) {
		const key = gpuKey(name);
		const product = this.#products.get(key) ?? { name, sizes: new Set() };
		for (const size of sizes) product.sizes.add(size);
		this.#products.set(key, product);
	}

	addAll(found: unknown, label: (name: string) => string) {
		for (const [name, { memory }] of Object.entries(v.parse(skuSchema, found)))
			if (memory && !leftOut.test(name))
				this.add(label(name.replace(/ \d+GB$/, '').replace(/\bMobile$/, 'Laptop')), memory);
	}

	rows(): { name: string; sizes: number[] }[] {
		return [...this.#products.values()].map(({ name, sizes }) => ({
			name,
			sizes: [...sizes].sort((a, b) => a - b)
		}));
	}
}

/** Grouped by maker and sizes, sorted by name: this compresses best. */
function bySizes(rows: { name: string; sizes: number[] }[]): Record<string, string[]> {
	const groups: Record<string, string[]> = {};
	for (const { name, sizes } of rows.sort((a, b) =>
		a.name.localeCompare(b.name, 'en', { numeric: true })
	)) {
		const [maker = '', ...product] = name.split(' ');
		(groups[[maker, ...sizes].join(' ')] ??= []).push(product.join(' '));
	}
	return groups;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
	const target = join(import.meta.dirname, '../packages/plan/src/device/generated/gpus.json');
	const table = reduce(SKUS, own);
	const text = JSON.stringify(table);
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, text);
	const count = (rows: GpuTable['dedicated']) => Object.values(rows).flat().length;
	console.log(
		`GPUs: ${count(table.dedicated)} with their own memory, ${count(table.unified)} that share it, ${gzipSync(text).length} bytes gzip`
	);
}
