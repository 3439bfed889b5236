import type { Variant } from '#plan/models/catalog.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import type { Catalog } from './catalog.ts';
import type { Experience } from './experience.svelte.ts';
import type { AppParts } from './parts.ts';

export interface LibrariesParts extends Pick<AppParts, 'files'> {
	catalog: Pick<Catalog, 'sourceOf' | 'variants'>;
	preflights: Pick<Preflights, 'readAhead' | 'forgetLibrary'>;
	experience: Pick<Experience, 'forgetLibrary'>;
	loader: Pick<Loader, 'problem' | 'dismissProblem'>;
}

/** The compiled library of each variant: read for an exact plan, and changed only with a person's consent. */
export class Libraries {
	readonly #parts: LibrariesParts;

	constructor(parts: LibrariesParts) {
		this.#parts = parts;
	}

	/** Reads the library too, so that the plan is exact. */
	checkExactly(variant: Variant): Promise<void> {
		return this.#parts.preflights.readAhead(variant, { library: true });
	}

	/** Takes the library that its host has now in place of the one that was loaded here, and reads it. */
	async accept(variant: Variant) {
		const { files, catalog, preflights, experience, loader } = this.#parts;
		const source = catalog.sourceOf(variant);
		await files.acceptLibrary(source);
		await experience.forgetLibrary(source.libraryUrl);
		preflights.forgetLibrary(variant.libraryUrl, catalog.variants());
		if (loader.problem?.failure.detail.reason === 'changed') loader.dismissProblem();
		await this.checkExactly(variant);
	}
}
