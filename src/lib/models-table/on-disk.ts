import type { CachedModel } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';

/** What lies on disk of one model; `variant` is null for what the catalogue no longer has. */
export interface Download extends CachedModel {
	variant: Variant | null;
}

/** Says whose the files are; largest first. `askedUrlOf`: the URL the catalogue asks for a variant's files at. */
export function attribute(
	models: readonly CachedModel[],
	variants: readonly Variant[],
	askedUrlOf: (variant: Variant) => string
): Download[] {
	const owners = new Map(variants.map((variant) => [askedUrlOf(variant), variant]));
	return models
		.map((model) => ({ ...model, variant: owners.get(model.askedUrl) ?? null }))
		.sort((a, b) => b.bytes - a.bytes);
}

export const byVariant = (downloads: readonly Download[]): ReadonlyMap<string, Download> =>
	new Map(
		downloads.flatMap((download) =>
			download.variant ? [[download.variant.id, download] as const] : []
		)
	);

/** Bytes of everything together; a library that several models share counts once. */
export function bytesTogether(models: readonly CachedModel[]): number {
	const shared = new Map<string | null, number>();
	let own = 0;
	for (const { libraryUrl, bytes, freedBytes } of models) {
		own += freedBytes;
		shared.set(libraryUrl, bytes - freedBytes);
	}
	return [...shared.values()].reduce((sum, bytes) => sum + bytes, own);
}

/** What is wrong or missing, in a few words; null: it is whole. */
export function shortcoming({ state, missing }: CachedModel): string | null {
	switch (state) {
		case 'complete':
			return null;
		case 'partial':
			return `${missing.length} ${missing.length === 1 ? 'file' : 'files'} missing`;
		case 'damaged':
			return missing.length > 0 ? `damaged: ${missing.join(', ')}` : 'damaged';
		case 'plan':
			return 'only what was read for the plan';
	}
}
