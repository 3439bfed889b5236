import type { CachedModel } from '../files/protocol.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';

/** What lies on disk of one model; `variant` is null for what the catalogue no longer has. */
export interface Download extends CachedModel {
	variant: Variant | null;
}

/** Says whose the files are; largest first. `askedUrlOf`: the URL the catalogue asks for a variant's files at. */
export function attribute(
	models: readonly CachedModel[],
	variants: readonly Variant[],
	askedUrlOf: (variant: Variant) => string
): Download[] {
	const owners = new Map(variants.map((variant) => [askedUrlOf(variant), variant]));
	return models
		.map((model) => ({ ...model, variant: owners.get(model.askedUrl) ?? null }))
		.sort((a, b) => b.bytes - a.bytes);
}

export const byVariant = (downloads: readonly Download[]): ReadonlyMap<string, Download> =>
	new Map(
		downloads.flatMap((download) =>
			download.variant ? [[download.variant.id, download] as const] : []
		)
	);

/** Bytes of everything together; a library that several models share counts once. */
export function bytesTogether(models: readonly CachedModel[]): number {
	const shared = new Map<string | null, number>();
	let own = 0;
	for (const { libraryUrl, bytes, freedBytes } of models) {
		own += freedBytes;
		shared.set(libraryUrl, bytes - freedBytes);
	}
	return [...shared.values()].reduce((sum, bytes) => sum + bytes, own);
}

/** What is wrong or missing, in a few words; null: it is whole. */
export function shortcoming({ state, missing }: CachedModel): string | null {
	switch (state) {
		case 'complete':
			return null;
		case 'partial':
			return `${missing.length} ${missing.length === 1 ? 'file' : 'files'} missing`;
		case 'damaged':
			return missing.length > 0 ? `damaged: ${missing.join(', ')}` : 'damaged';
		case 'plan':
			return 'only the files read for the plan';
	}
}

/** When a model was last of use: loaded, or fetched for later. Milliseconds since 1970. */
export const usedAt = ({ lastUsedAt, fetchedAt }: CachedModel): number =>
	Math.max(lastUsedAt ?? 0, fetchedAt ?? 0);

/** Bytes that are freed when these are deleted: a library goes with the last model that uses it. */
export function freedBytes(
	models: readonly CachedModel[],
	deleted: readonly CachedModel[]
): number {
	const gone = new Set(deleted.map(({ baseUrl }) => baseUrl));
	return bytesTogether(models) - bytesTogether(models.filter(({ baseUrl }) => !gone.has(baseUrl)));
}

/** The least recently used that must go so that `wantedBytes` are freed; all that may go if they are too few. */
export function leastRecentlyUsed<T extends CachedModel>(
	models: readonly T[],
	wantedBytes: number,
	mayGo: (model: T) => boolean
): T[] {
	const chosen: T[] = [];
	for (const model of models.filter(mayGo).sort((a, b) => usedAt(a) - usedAt(b))) {
		if (freedBytes(models, chosen) >= wantedBytes) break;
		chosen.push(model);
	}
	return chosen;
}

export const UNUSED_AFTER_DAYS = 30;

/** What was not of use for a month, and what could not be loaded as it is. */
export const unused = <T extends CachedModel>(models: readonly T[], nowMs: number): T[] =>
	models.filter(
		(model) =>
			model.state !== 'complete' || usedAt(model) < nowMs - UNUSED_AFTER_DAYS * 24 * 3600_000
	);

export const nameOfDownload = (
	{ variant, askedUrl }: Download,
	catalog: { familyOf: (variant: Variant) => Family }
): string =>
	variant
		? `${catalog.familyOf(variant).name} ${variant.quantization.name}`
		: `No longer in the catalogue: ${askedUrl}`;

const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** When and how often a model was loaded. */
export function usedWords({ lastUsedAt, uses }: CachedModel): string {
	if (lastUsedAt === null) return 'never loaded';
	return `loaded ${uses === 1 ? 'once' : `${uses} times`}, last ${day.format(lastUsedAt)}`;
}
