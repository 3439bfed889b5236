import catalog from './generated/catalog.json';
import pocket from './generated/pocket.json';
import { readCatalog } from './catalog.ts';

/** Every family the site knows, pocket first. Written by `npm run prepare:data`. */
export const families = readCatalog(catalog, pocket);

/** WebLLM's library generation that the catalogue was extracted from. */
export const modelVersion = catalog.modelVersion;
