import type { CachedModel } from '../files/protocol.ts';
import type { Variant } from '../models/catalog.ts';

/** Where a variant's own files lie, ending with a slash, and its library. */
export type UrlsOf = (variant: Variant) => { baseUrl: string; libraryUrl: string };

/** What lies on disk at one place; `variant` is null for libraries and for what the catalogue no longer has. */
export interface Download extends CachedModel {
	variant: Variant | null;
	libraries: boolean;
}

/** Says whose the files are; largest first. */
export function attribute(
	models: readonly CachedModel[],
	variants: readonly Variant[],
	urlsOf: UrlsOf
): Download[] {
	const owners = new Map(variants.map((variant) => [urlsOf(variant).baseUrl, variant]));
	const folders = new Set(
		variants.map((variant) => {
			const { libraryUrl } = urlsOf(variant);
			return libraryUrl.slice(0, libraryUrl.lastIndexOf('/') + 1);
		})
	);
	return models
		.map((model) => ({
			...model,
			variant: owners.get(model.baseUrl) ?? null,
			libraries: folders.has(model.baseUrl)
		}))
		.sort((a, b) => b.bytes - a.bytes);
}

export const bytesByVariant = (downloads: readonly Download[]): ReadonlyMap<string, number> =>
	new Map(
		downloads.flatMap(({ variant, bytes }) => (variant ? [[variant.id, bytes] as const] : []))
	);

/** The beginnings of the URLs to delete: its files, and its library where nothing else on disk needs that. */
export function urlsToDelete(
	download: Download,
	downloads: readonly Download[],
	urlsOf: UrlsOf
): string[] {
	const { variant, baseUrl } = download;
	if (!variant) return [baseUrl];
	const { libraryUrl } = urlsOf(variant);
	const shared = downloads.some(
		({ variant: other }) =>
			other && other.id !== variant.id && urlsOf(other).libraryUrl === libraryUrl
	);
	return shared ? [baseUrl] : [baseUrl, libraryUrl];
}
