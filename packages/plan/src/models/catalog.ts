import * as v from 'valibot';
import { byName } from '../by-name.ts';
import { familyProfile } from './families.ts';
import { bitsPerWeight, parseQuantization, type Quantization } from './quantization.ts';

/** Family x quantization: one WebLLM model record. */
export interface Variant {
	/** WebLLM's `model_id`, unique in the catalogue. */
	id: string;
	familyId: string;
	quantization: Quantization;
	origin: 'pocket' | 'prebuilt' | 'own';
	/** Base URL of config, manifest, tokenizer and shards. Absolute, except for pocket: relative to the site's base. */
	modelUrl: string;
	/** URL of the compiled library; absolute, except for pocket. */
	libraryUrl: string;
	/** Bytes of GPU memory the catalogue declares at `declaredContextWindow`; known to be wrong by 0.87x to 2.33x. */
	declaredBytes: number;
	declaredContextWindow: number;
	/** Tokens the record asks for when nothing else is chosen. */
	defaultContextWindow: number;
	/** Tokens at most, where known before the config is read; null: the config says. */
	maxContextWindow: number | null;
	/** Overrides of the record other than `context_window_size`, handed to the engine as they are. */
	overrides: Readonly<Record<string, number>>;
	/** Features the record names itself. What a quantization needs comes on top. */
	requiredFeatures: readonly string[];
	/** The largest storage binding the record says it needs; null where it is silent. */
	requiredBindingBytes: number | null;
	/** WebLLM's `ModelType`: 0 a language model, 2 a vision one. */
	modelType: 0 | 2;
	/** File name of the model package manifest, for the records that are loaded through one. */
	modelManifest: string | null;
	vision: boolean;
	/** Bytes to download where the build knows them (pocket). */
	downloadBytes: number | null;
	/** Of a model that a person added. */
	own?: {
		/** The folder its files are fetched from, where that is not where the engine looks for them. */
		from?: string;
		/** What its configuration and manifest hash to: see `contentHash`. */
		contentHash?: string;
		/** Its library is a stranger's: only these bytes. In hex. */
		librarySha256?: string;
	};
}

/** One model in all its variants. */
export interface Family {
	id: string;
	/** "Llama 3.2 1B Instruct" */
	name: string;
	/** Best quality first: most bits per weight, then f32 before f16. Never empty. */
	variants: readonly Variant[];
	vision: boolean;
	/** Answers with a thinking part before the answer proper. */
	thinking: boolean;
	/** Parameters in billions as the name says or as published; null where neither is known. */
	parametersBillion: number | null;
}

const bytes = v.pipe(v.number(), v.integer(), v.minValue(0));
const tokens = v.pipe(v.number(), v.integer(), v.minValue(1));

/** What scripts/catalog.ts writes: one row per variant, the common beginnings of the URLs named once. */
export const prebuiltSchema = v.object({
	modelVersion: v.string(),
	/** Model URLs are `<hub><family>-<quantization>-MLC`. */
	hub: v.string(),
	/** Library URLs are resolved against it. */
	libraries: v.string(),
	families: v.array(
		v.object({
			id: v.string(),
			variants: v.array(
				v.object({
					q: v.string(),
					lib: v.string(),
					/** MiB, as the catalogue declares them. */
					mib: v.number(),
					/** Context window of the record. */
					ctx: tokens,
					over: v.optional(v.record(v.string(), v.number())),
					needs: v.optional(v.array(v.string())),
					binding: v.optional(bytes),
					type: v.optional(v.literal(2)),
					manifest: v.optional(v.string())
				})
			)
		})
	)
});
export type Prebuilt = v.InferOutput<typeof prebuiltSchema>;

const pocketSchema = v.object({
	hash: v.string(),
	contextWindow: tokens,
	variants: v.array(
		v.object({
			quantization: v.string(),
			model: v.string(),
			library: v.string(),
			downloadBytes: bytes,
			declaredBytes: v.optional(bytes)
		})
	)
});

/** The whole catalogue from the two files the build writes: pocket first, then WebLLM's families by name. */
export function readCatalog(prebuilt: unknown, pocket: unknown): Family[] {
	return [
		pocketFamily(v.parse(pocketSchema, pocket)),
		...families(v.parse(prebuiltSchema, prebuilt))
	];
}

function pocketFamily(pocket: v.InferOutput<typeof pocketSchema>): Family {
	const variants = pocket.variants.map((row): Variant => ({
		id: `pocket-${row.quantization}`,
		familyId: 'pocket',
		quantization: known(row.quantization),
		origin: 'pocket',
		modelUrl: `pocket/${pocket.hash}/${row.model}`,
		libraryUrl: `pocket/${pocket.hash}/${row.library}`,
		declaredBytes: row.declaredBytes ?? row.downloadBytes,
		declaredContextWindow: pocket.contextWindow,
		defaultContextWindow: Math.min(1024, pocket.contextWindow),
		maxContextWindow: pocket.contextWindow,
		overrides: {},
		requiredFeatures: [],
		requiredBindingBytes: null,
		modelType: 0,
		modelManifest: null,
		vision: false,
		downloadBytes: row.downloadBytes
	}));
	return {
		id: 'pocket',
		name: 'pocket',
		variants: variants.sort(byQuality),
		vision: false,
		thinking: false,
		parametersBillion: null
	};
}

function families(prebuilt: Prebuilt): Family[] {
	return prebuilt.families
		.map((row): Family => {
			const variants = row.variants.map((variant): Variant => {
				const stem = `${row.id}-${variant.q}-MLC`;
				return {
					id: stem,
					familyId: row.id,
					quantization: known(variant.q),
					origin: 'prebuilt',
					modelUrl: prebuilt.hub + stem,
					libraryUrl: prebuilt.libraries + variant.lib,
					declaredBytes: Math.round(variant.mib * 2 ** 20),
					declaredContextWindow: variant.ctx,
					defaultContextWindow: variant.ctx,
					maxContextWindow: null,
					overrides: variant.over ?? {},
					requiredFeatures: variant.needs ?? [],
					requiredBindingBytes: variant.binding ?? null,
					modelType: variant.type ?? 0,
					modelManifest: variant.manifest ?? null,
					// gemma-4 is no ModelType.VLM but takes images through its manifest.
					vision: variant.type === 2 || variant.manifest !== undefined,
					downloadBytes: null
				};
			});
			return {
				id: row.id,
				...familyProfile(row.id),
				variants: variants.sort(byQuality),
				vision: variants.some((variant) => variant.vision)
			};
		})
		.sort(byName);
}

function known(name: string): Quantization {
	const quantization = parseQuantization(name);
	if (!quantization) throw new TypeError(`Expected a quantization like q4f16_1, found "${name}".`);
	return quantization;
}

const byQuality = (a: Variant, b: Variant): number =>
	bitsPerWeight(b.quantization) - bitsPerWeight(a.quantization);
