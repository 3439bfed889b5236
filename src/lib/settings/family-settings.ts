import * as v from 'valibot';
import type { Family } from '#plan/models/catalog.ts';
import { parsePartialSampling, type Sampling } from '../engine/sampling.ts';
import { isRecord } from '../kit/restore.ts';

/** Families that are remembered; the least recently chosen go first. */
export const MOST_FAMILIES = 200;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** What a person chose for a family last. */
export interface FamilySettings {
	/** null: nothing was chosen of it yet. */
	choice: { variantId: string; contextWindow: number } | null;
	/** What differs from the defaults for all families. */
	sampling: Partial<Sampling>;
}

export interface FamilyRecords {
	version: 1;
	/** By the family's id, least recently chosen first. */
	families: Readonly<Record<string, FamilySettings>>;
}

export const NO_FAMILIES: FamilyRecords = { version: 1, families: {} };
const NOTHING: FamilySettings = { choice: null, sampling: {} };

const choiceSchema = v.fallback(
	v.nullable(
		v.object({ variantId: id, contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })
	),
	null
);

/** What is stored of families; what is not usable is left out. */
export function parseFamilies(raw: unknown): FamilyRecords {
	if (!isRecord(raw) || raw.version !== 1 || !isRecord(raw.families)) return NO_FAMILIES;
	const families = Object.entries(raw.families).flatMap(([familyId, value]) =>
		v.safeParse(id, familyId).success && isRecord(value)
			? [
					[
						familyId,
						{
							choice: v.parse(choiceSchema, value.choice ?? null),
							sampling: parsePartialSampling(value.sampling)
						}
					] as const
				]
			: []
	);
	return { version: 1, families: Object.fromEntries(families.slice(-MOST_FAMILIES)) };
}

export const familyIn = ({ families }: FamilyRecords, familyId: string): FamilySettings =>
	Object.hasOwn(families, familyId) ? (families[familyId] ?? NOTHING) : NOTHING;

/** Changes what is remembered of a family, which then is the most recent one. */
export function withFamily(
	records: FamilyRecords,
	familyId: string,
	change: Partial<FamilySettings>
): FamilyRecords {
	const others = Object.entries(records.families).filter(([each]) => each !== familyId);
	const changed = [familyId, { ...familyIn(records, familyId), ...change }] as const;
	return { version: 1, families: Object.fromEntries([...others, changed].slice(-MOST_FAMILIES)) };
}

/**
 * Moves what is stored under a variant's id to its family: own models were families of their own under that id, and a
 * second revision still is. The family's own record wins; else the latest of its variants' records does.
 */
export function handedOn(
	records: FamilyRecords,
	families: readonly Pick<Family, 'id' | 'variants'>[]
): FamilyRecords {
	const homes = new Map(
		families.flatMap(({ id, variants }) =>
			variants.flatMap((variant) => (variant.id === id ? [] : [[variant.id, id] as const]))
		)
	);
	if (!Object.keys(records.families).some((each) => homes.has(each))) return records;
	const kept = new Map<string, FamilySettings>();
	for (const [each, settings] of Object.entries(records.families)) {
		const home = homes.get(each);
		if (home !== undefined && Object.hasOwn(records.families, home)) continue;
		if (home !== undefined) kept.delete(home);
		kept.set(home ?? each, settings);
	}
	return { version: 1, families: Object.fromEntries(kept) };
}

export function withoutFamily(records: FamilyRecords, familyId: string): FamilyRecords {
	const others = Object.entries(records.families).filter(([each]) => each !== familyId);
	return { version: 1, families: Object.fromEntries(others) };
}
