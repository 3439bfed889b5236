import catalog from './generated/catalog.json' with { type: 'json' };
import pocket from './generated/pocket.json' with { type: 'json' };
import { readCatalog, type Family, type Variant } from './catalog.ts';

/** Every family the site knows, pocket first. Written by `npm run prepare:data`. */
export const families = readCatalog(catalog, pocket);

/** WebLLM's library generation that the catalogue was extracted from. */
export const modelVersion = catalog.modelVersion;

export const familyById: ReadonlyMap<string, Family> = new Map(
	families.map((family) => [family.id, family])
);
export const variantById: ReadonlyMap<string, Variant> = new Map(
	families.flatMap(({ variants }) => variants.map((variant) => [variant.id, variant]))
);
