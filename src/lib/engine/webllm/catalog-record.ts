import type { Variant } from '#plan/models/catalog.ts';

/**
 * Makes pocket's URLs absolute; prebuilt ones are so already. `baseUrl` is where the site's files lie, with a
 * trailing slash or not: "https://host/headroom/". A worker would lose the site's base path.
 */
export function absoluteUrls(variant: Variant, baseUrl: string): Variant {
	const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
	return {
		...variant,
		modelUrl: new URL(variant.modelUrl, base).href,
		libraryUrl: new URL(variant.libraryUrl, base).href
	};
}

/**
 * The URL the engine resolves a variant's files against, always ending in a slash. Its caches are keyed by exact
 * URL, so this must equal the engine's own result: it appends `resolve/main/` unless a revision is named.
 * A revision that the URL names itself stays. Throws for a relative URL: see absoluteUrls.
 */
export function modelBaseUrl(variant: Variant, revision = 'main'): string {
	const url = variant.modelUrl.endsWith('/') ? variant.modelUrl : `${variant.modelUrl}/`;
	const named = /.+\/resolve\/.+\//.test(url);
	return new URL(named ? url : `${url}resolve/${encodeURIComponent(revision)}/`).href;
}
