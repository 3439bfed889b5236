import type { Variant } from '#plan/models/catalog.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Experience } from './experience.svelte.ts';
import type { AppParts } from './parts.ts';

export interface LibrariesParts extends Pick<AppParts, 'files'> {
	catalog: Pick<Catalog, 'sourceOf' | 'variants'>;
	preflights: Pick<Preflights, 'readAhead' | 'forgetLibrary'>;
	experience: Pick<Experience, 'forgetLibrary'>;
	loader: Pick<Loader, 'problem' | 'dismissProblem'>;
}

/** Reads a variant's compiled library too, so that its plan is exact. */
export const checkExactly = (
	{ preflights }: Pick<LibrariesParts, 'preflights'>,
	variant: Variant
): Promise<void> => preflights.readAhead(variant, { library: true });

/** Takes the library that its host has now in place of the one that was loaded here, and reads it. */
export async function acceptLibrary(
	{ files, catalog, preflights, experience, loader }: LibrariesParts,
	variant: Variant
) {
	const source = catalog.sourceOf(variant);
	await files.acceptLibrary(source);
	await experience.forgetLibrary(source.libraryUrl);
	preflights.forgetLibrary(variant.libraryUrl, catalog.variants());
	if (loader.problem?.failure.detail.reason === 'changed') loader.dismissProblem();
	await checkExactly({ preflights }, variant);
}
