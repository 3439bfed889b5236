import type { ModelSource } from '../files/protocol.ts';
import { absoluteUrls, modelBaseUrl } from '../engine/webllm/catalog-record.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { families, familyById, variantById } from '#plan/models/catalog-data.ts';

const BUILT_IN = 'pocket-q4f32_1';

/** What can be chosen, and where its files lie. */
export class Catalog {
	/** What the person added; its script comes later. */
	own = $state.raw<readonly Family[]>([]);
	/** What was removed while this page is open: something may still speak of it. */
	readonly past: Family[] = [];
	readonly families: readonly Family[] = $derived([...families, ...this.own]);
	/** Where the site lies, with a trailing slash. */
	readonly baseUrl: string;

	constructor(baseUrl: string) {
		this.baseUrl = baseUrl;
	}

	variants(): Variant[] {
		return this.families.flatMap(({ variants }) => variants);
	}

	variant(id: string): Variant | undefined {
		return (
			variantById.get(id) ??
			this.own.flatMap(({ variants }) => variants).find((variant) => variant.id === id)
		);
	}

	familyOf({ familyId }: Variant): Family {
		const family =
			familyById.get(familyId) ?? [...this.own, ...this.past].find(({ id }) => id === familyId);
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
		const absolute = absoluteUrls(variant, this.baseUrl);
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
		return absoluteUrls(variant, this.baseUrl).libraryUrl;
	}

	/** Where the site keeps its own model; null: it has none. */
	builtInUrl(): string | null {
		const built = this.families.find(({ id }) => id === 'pocket')?.variants[0];
		return built ? absoluteUrls(built, this.baseUrl).modelUrl : null;
	}
}
