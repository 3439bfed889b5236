import type { Catalog } from './catalog.svelte.ts';
import type { AppParts } from './parts.ts';
import { keepsFiles } from '../files/preflights.svelte.ts';

/** Deletes what older builds of the site left of their own pocket on the disk. */
export async function tidyBuilds({
	catalog,
	files
}: {
	catalog: Pick<Catalog, 'families' | 'sourceOf'>;
	files: Pick<AppParts['files'], 'call'>;
}): Promise<void> {
	const built = catalog.families.find(({ id }) => id === 'pocket')?.variants[0];
	if (!built || !keepsFiles()) return;
	// <build>/<quantization>/resolve/main/
	const { baseUrl } = catalog.sourceOf(built);
	await files.call('tidy', {
		below: new URL('../../../../', baseUrl).href,
		keep: new URL('../../../', baseUrl).href
	});
}
