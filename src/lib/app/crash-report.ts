import type { Preflights } from '../files/preflights.svelte.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { AppParts } from './parts.ts';

export interface CrashReportParts extends Pick<AppParts, 'marker'> {
	tenancy: Pick<AppParts['tenancy'], 'occupied'>;
	catalog: Pick<Catalog, 'variant'>;
	preflights: Pick<Preflights, 'read'>;
	loader: Pick<Loader, 'reportCrash' | 'reconsider'>;
}

/** A tab that died while it loaded left a mark; a tab that is loading just now left one too. */
export async function tellOfCrash({
	marker,
	tenancy,
	catalog,
	preflights,
	loader
}: CrashReportParts) {
	const crash = marker.read();
	const variant = crash && catalog.variant(crash.variantId);
	if (!variant || (await tenancy.occupied())) return;
	marker.clear();
	loader.reportCrash({ variant, contextWindow: crash.contextWindow }, crash);
	// Its files lie on disk; what they say of its size is not read yet.
	const { signal } = new AbortController();
	void preflights.read(variant, { library: true, signal }).then(() => loader.reconsider());
}
