import type { CachedModel } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';

/** Where a variant's own files lie as the catalogue has it, ending with a slash. */
export type BaseUrlOf = (variant: Variant) => string;

/** What lies on disk at one place; `variant` is null for what the catalogue no longer has. */
export interface Download extends CachedModel {
	variant: Variant | null;
}

/** Says whose the files are; largest first. */
export function attribute(
	models: readonly CachedModel[],
	variants: readonly Variant[],
	baseUrlOf: BaseUrlOf
): Download[] {
	const owners = new Map(variants.map((variant) => [baseUrlOf(variant), variant]));
	return models
		.map((model) => ({ ...model, variant: owners.get(model.askedUrl) ?? null }))
		.sort((a, b) => b.bytes - a.bytes);
}

export const bytesByVariant = (downloads: readonly Download[]): ReadonlyMap<string, number> =>
	new Map(
		downloads.flatMap(({ variant, bytes }) => (variant ? [[variant.id, bytes] as const] : []))
	);
