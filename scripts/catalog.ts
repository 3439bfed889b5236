/**
 * Extracts what the page needs of WebLLM's prebuilt model list into packages/plan/src/models/generated/catalog.json, so that
 * the page knows every record without the engine's 6 MB. Stops at anything it has not seen before.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { modelLibURLPrefix, modelVersion, prebuiltAppConfig } from '@mlc-ai/web-llm';
import * as v from 'valibot';
import type { Prebuilt } from '../packages/plan/src/models/catalog.ts';
import { parseQuantization } from '../packages/plan/src/models/quantization.ts';

const HUB = 'https://huggingface.co/mlc-ai/';
const EMBEDDING = 1;

/** Strict: a field we have not seen may change what a model needs. */
const recordSchema = v.strictObject({
	model: v.string(),
	model_id: v.string(),
	model_lib: v.string(),
	vram_required_MB: v.pipe(v.number(), v.minValue(1)),
	low_resource_required: v.optional(v.boolean()),
	overrides: v.strictObject({
		context_window_size: v.pipe(v.number(), v.integer(), v.minValue(1)),
		sliding_window_size: v.optional(v.literal(-1)),
		max_history_size: v.optional(v.number())
	}),
	required_features: v.optional(v.array(v.string())),
	buffer_size_required_bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
	model_type: v.optional(v.picklist([0, 2])),
	model_manifest: v.optional(v.string())
});
type ModelRecord = v.InferOutput<typeof recordSchema>;

export class CatalogError extends Error {
	override name = 'CatalogError';
	constructor(
		readonly record: string,
		readonly expected: string,
		readonly found: string
	) {
		super(`Record ${record}: expected ${expected}, found ${found}.`);
	}
}

interface Source {
	records: readonly unknown[];
	modelVersion: string;
	libraries: string;
}

export function extract(source: Source): Prebuilt {
	const families = new Map<string, Prebuilt['families'][number]>();
	const small: { of: string; record: ModelRecord }[] = [];
	const normal = new Map<string, ModelRecord>();
	for (const found of source.records) {
		const record = readRecord(found);
		if (!record) continue;
		const name = /^(.+)-(q[^-]+)-MLC(-1k)?$/.exec(record.model_id);
		if (!name) throw new CatalogError(record.model_id, 'FAMILY-QUANTIZATION-MLC', record.model_id);
		const [, id = '', q = '', oneK] = name;
		if (!parseQuantization(q)) throw new CatalogError(record.model_id, 'a known quantization', q);
		const stem = `${id}-${q}-MLC`;
		if (record.model !== HUB + stem)
			throw new CatalogError(record.model_id, HUB + stem, record.model);
		if (!record.model_lib.startsWith(source.libraries))
			throw new CatalogError(record.model_id, `${source.libraries}...`, record.model_lib);
		if (oneK) {
			small.push({ of: stem, record });
			continue;
		}
		if (normal.has(stem)) throw new CatalogError(record.model_id, 'one record', 'two');
		normal.set(stem, record);

		const family = families.get(id) ?? { id, variants: [] };
		families.set(id, family);
		const { context_window_size: ctx, ...over } = record.overrides;
		family.variants.push({
			q,
			lib: record.model_lib.slice(source.libraries.length),
			mib: record.vram_required_MB,
			ctx,
			...(Object.keys(over).length > 0 && { over: defined(over) }),
			...(record.required_features && { needs: record.required_features }),
			...(record.buffer_size_required_bytes && { binding: record.buffer_size_required_bytes }),
			...(record.model_type === 2 && { type: 2 as const }),
			...(record.model_manifest && { manifest: record.model_manifest })
		});
	}
	for (const { of, record } of small) {
		const full = normal.get(of);
		if (!full) throw new CatalogError(record.model_id, `a record ${of} beside it`, 'none');
		if (full.model_lib !== record.model_lib)
			throw new CatalogError(record.model_id, `the library of ${of}`, record.model_lib);
	}
	return {
		modelVersion: source.modelVersion,
		hub: HUB,
		libraries: source.libraries,
		families: [...families.values()]
	};
}

/** null for an embedding model: it cannot chat. */
function readRecord(found: unknown): ModelRecord | null {
	const id = v.parse(
		v.looseObject({ model_id: v.string(), model_type: v.optional(v.number()) }),
		found
	);
	if (id.model_type === EMBEDDING) return null;
	const result = v.safeParse(recordSchema, found);
	if (result.success) return result.output;
	const [issue] = result.issues;
	throw new CatalogError(
		id.model_id,
		`${v.getDotPath(issue) ?? 'the record'}: ${issue.expected ?? 'nothing'}`,
		issue.received
	);
}

function defined(values: Record<string, number | undefined>): Record<string, number> {
	return Object.fromEntries(
		Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined)
	);
}

export function extractPrebuilt(): Prebuilt {
	return extract({
		records: prebuiltAppConfig.model_list,
		modelVersion,
		libraries: `${modelLibURLPrefix}${modelVersion}/`
	});
}

if (argv[1] === fileURLToPath(import.meta.url)) {
	const target = join(import.meta.dirname, '../packages/plan/src/models/generated/catalog.json');
	const prebuilt = extractPrebuilt();
	const text = JSON.stringify(prebuilt);
	mkdirSync(dirname(target), { recursive: true });
	writeFileSync(target, text);
	const variants = prebuilt.families.reduce((sum, family) => sum + family.variants.length, 0);
	console.log(
		`catalogue: ${variants} variants in ${prebuilt.families.length} families, ${gzipSync(text).length} bytes gzip`
	);
}
