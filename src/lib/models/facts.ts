import * as v from 'valibot';
import type { ChatConfig } from './config.ts';
import type { LibraryMetadata } from './library.ts';
import type { TensorSize, Manifest } from './manifest.ts';
import { paramBytes } from './library.ts';

/** What has been read of a variant so far; plain data, fit for storage and messages. */
export interface Facts {
	config?: ChatConfig;
	manifest?: Manifest;
	library?: LibraryMetadata;
}

/** The largest single tensor, from the manifest or else from the library; null when neither was read. */
export function largestTensor(facts: Facts | null | undefined): TensorSize | null {
	if (facts?.manifest) return facts.manifest.largestTensor;
	let largest: TensorSize | null = null;
	for (const param of facts?.library?.params ?? []) {
		const bytes = paramBytes(param, facts?.config?.vocabSize ?? null);
		if (bytes !== null && bytes > (largest?.bytes ?? 0)) largest = { name: param.name, bytes };
	}
	return largest;
}

/**
 * Bytes of memory in the page's own process while weights are loaded: the wasm heap grows to about four
 * times the largest tensor and does not shrink (measured). null when no tensor is known.
 */
export function hostBytesWhileLoading(facts: Facts | null | undefined): number | null {
	const largest = largestTensor(facts);
	return largest ? 4 * largest.bytes : null;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const attention = v.object({
	layers: whole,
	queryHeads: whole,
	keyValueHeads: whole,
	headDim: whole,
	pagesExtra: v.exactOptional(whole)
});

const factsSchema = v.object({
	config: v.exactOptional(
		v.object({
			vocabSize: whole,
			contextWindowSize: v.nullable(whole),
			slidingWindowSize: v.nullable(whole),
			maxContextWindow: v.nullable(whole),
			tokenizerFiles: v.array(v.string()),
			modelType: v.nullable(v.string()),
			attention: v.nullable(attention),
			hiddenSize: v.nullable(whole),
			intermediateSize: v.nullable(whole),
			recurrent: v.nullable(v.object({ layers: whole, elements: v.nullable(whole) })),
			imageTokens: v.nullable(whole)
		})
	),
	manifest: v.exactOptional(
		v.object({
			shards: v.array(v.object({ path: v.string(), bytes: whole })),
			downloadBytes: whole,
			gpuBytes: whole,
			largestTensor: v.object({ name: v.string(), bytes: whole }),
			tensorCount: whole
		})
	),
	library: v.exactOptional(
		v.object({
			modelType: v.string(),
			quantization: v.nullable(v.string()),
			params: v.nullable(
				v.array(
					v.object({
						name: v.string(),
						shape: v.array(v.union([whole, v.string()])),
						dtype: v.string()
					})
				)
			),
			memoryUsage: v.record(v.string(), whole),
			attention: v.nullable(attention),
			prefillChunkSize: v.nullable(whole),
			contextWindowSize: v.nullable(whole),
			slidingWindowSize: v.nullable(whole),
			maxBatchSize: v.nullable(whole),
			kvStateKind: v.string(),
			workspaceBytes: v.nullable(whole)
		})
	)
});

/** Facts as they were stored; null for anything else, so that the files are read again. */
export function parseFacts(value: unknown): Facts | null {
	const result = v.safeParse(factsSchema, value);
	return result.success ? result.output : null;
}
