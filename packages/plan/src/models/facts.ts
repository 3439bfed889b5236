import type { ChatConfig } from './config.ts';
import type { LibraryMetadata } from './library.ts';
import type { TensorSize, Manifest } from './manifest.ts';
import { paramBytes } from './library.ts';

/** What has been read of a variant so far; plain data, fit for messages. */
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
