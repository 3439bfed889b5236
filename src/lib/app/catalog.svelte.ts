import type { OwnModels } from './own-models.svelte.ts';
import type { ModelSource } from '../files/protocol.ts';
import { absoluteUrls, modelBaseUrl } from '../engine/webllm/catalog-record.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { families, familyById, variantById } from '#plan/models/catalog-data.ts';

const BUILT_IN = 'pocket-q4f32_1';

/** What can be chosen, and where its files lie. */
export class Catalog {
	/** The models that the person added; null: their script has not come yet. */
	own = $state.raw<OwnModels | null>(null);
	readonly families: readonly Family[] = $derived([...families, ...(this.own?.families ?? [])]);
	/** Where the site lies, with a trailing slash. */
	readonly baseUrl: string;
	readonly #absolutes = new WeakMap<Variant, Variant>();

	constructor(baseUrl: string) {
		this.baseUrl = baseUrl;
	}

	variants(): Variant[] {
		return this.families.flatMap(({ variants }) => variants);
	}

	variant(id: string): Variant | undefined {
		return variantById.get(id) ?? this.own?.variant(id);
	}

	familyOf({ familyId }: Variant): Family {
		const family = familyById.get(familyId) ?? this.own?.family(familyId);
		if (!family) throw new Error(`The catalogue has no family ${familyId}.`);
		return family;
	}

	/** What is chosen until a person chooses: the model that ships with the site. */
	first(): Variant {
		const variant = this.variant(BUILT_IN) ?? this.families[0]?.variants[0];
		if (!variant) throw new Error('The catalogue is empty.');
		return variant;
	}

	/** Where the files of a variant lie, by the URLs that are the keys of the caches. */
	sourceOf(variant: Variant): ModelSource {
		const absolute = this.#absolute(variant);
		const baseUrl = modelBaseUrl(absolute);
		return {
			baseUrl,
			libraryUrl: absolute.libraryUrl,
			packageUrl: variant.modelManifest && baseUrl + variant.modelManifest,
			overrides: variant.overrides,
			...variant.own
		};
	}

	/** The URL of a variant's library, which other variants may share. */
	libraryUrlOf(variant: Variant): string {
		return this.#absolute(variant).libraryUrl;
	}

	/** Every plan of the whole catalogue asks for each, and making a URL takes longer than the rest of a plan. */
	#absolute(variant: Variant): Variant {
		const known = this.#absolutes.get(variant) ?? absoluteUrls(variant, this.baseUrl);
		this.#absolutes.set(variant, known);
		return known;
	}
}
