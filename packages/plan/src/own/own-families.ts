import type { Family, Variant } from '../models/catalog.ts';
import { familyProfile } from '../models/families.ts';
import { bitsPerWeight } from '../models/quantization.ts';
import {
	buildOf,
	ownerOf,
	ownId,
	ownName,
	partsOf,
	type OwnModel,
	type OwnSource
} from './own-model.ts';
import { quantizationInName, stemOf } from './quantization-found.ts';

/** As long as ids are kept in the settings. */
const MAX_ID_CHARS = 200;

/**
 * The id of the family that all quantizations of a model share: never a catalogue family's, since those have no slash,
 * and never a variant's. null: nothing tells which others are of the same model.
 */
export function sharedFamilyId(source: OwnSource): string | null {
	const id = sharedIdOf(source);
	return id !== null && id.length <= MAX_ID_CHARS ? id : null;
}

function sharedIdOf(source: OwnSource): string | null {
	switch (source.kind) {
		case 'hub':
			return `${source.owner}/${stemOf(source.name)}`;
		case 'url': {
			const parts = partsOf(source.url);
			const last = parts.pop() ?? '';
			return [new URL(source.url).origin, ...parts, stemOf(last)].join('/');
		}
		case 'folder':
			// Any model may lie in a folder called "params".
			return quantizationInName(source.name) === null
				? null
				: `this computer/${stemOf(source.name)}`;
	}
}

export interface OwnVariants {
	/** The family a model was in until now, where it stays if it can; undefined: it is new. */
	before: (model: OwnModel) => string | undefined;
	variantOf: (model: OwnModel, familyId: string) => Variant;
}

/**
 * Own models as families, in the order in which they were added; quantizations of one model together. Of two revisions
 * with the same quantization the later one is a family of its own, under its variant's id. A family's name ends with its
 * owner, so that it cannot pass for the catalogue's, and is unlike the names of the others.
 */
export function ownFamilies(
	models: readonly OwnModel[],
	{ before, variantOf }: OwnVariants
): Family[] {
	const ids = familyIds(models, before);
	const members = new Map<string, OwnModel[]>();
	for (const model of models) {
		const id = ids.get(model) ?? ownId(model.source);
		members.set(id, [...(members.get(id) ?? []), model]);
	}
	const names = new Set<string>();
	return [...members].flatMap(([id, together]): Family[] => {
		const [first] = together;
		if (!first) return [];
		const profile = familyProfile(stemOf(ownName(first.source)));
		const name = freeName(isolated(profile.name), first.source, names);
		names.add(name);
		const variants = together
			.map((model) => variantOf(model, id))
			.sort((a, b) => bitsPerWeight(b.quantization) - bitsPerWeight(a.quantization));
		return [{ id, ...profile, name, variants, vision: variants.some(({ vision }) => vision) }];
	});
}

/** Models that are in a family already come first, so that a new one cannot take their place. */
function familyIds(
	models: readonly OwnModel[],
	before: OwnVariants['before']
): ReadonlyMap<OwnModel, string> {
	const ids = new Map<OwnModel, string>();
	const members = new Map<string, OwnModel[]>();
	const placed = models.filter((model) => before(model) !== undefined);
	for (const model of [...placed, ...models.filter((model) => !placed.includes(model))]) {
		const wanted = before(model) ?? sharedFamilyId(model.source);
		const there = wanted === null ? undefined : members.get(wanted);
		const id =
			wanted !== null && (there ?? []).every((other) => areKin(model, other))
				? wanted
				: ownId(model.source);
		members.set(id, [...(members.get(id) ?? []), model]);
		ids.set(model, id);
	}
	return ids;
}

/** Whether two models of one name can be two quantizations of one model, as far as their libraries tell. */
function areKin(a: OwnModel, b: OwnModel): boolean {
	if (a.quantization === b.quantization) return false;
	const [one, other] = [buildOf(a), buildOf(b)];
	return one === null || other === null || one === other;
}

function freeName(name: string, source: OwnSource, taken: ReadonlySet<string>): string {
	const owner = ownerOf(source);
	const revision = (source.kind === 'hub' ? source.commit : source.hash).slice(0, 8);
	return (
		[`${name} (${owner})`, `${name} (${owner}, ${revision})`].find((each) => !taken.has(each)) ??
		`${name} (${ownId(source)})`
	);
}

const RIGHT_TO_LEFT =
	/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1eeff}]/u;

/** Keeps a name that is written from right to left from rearranging what stands beside it. */
const isolated = (name: string): string =>
	RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
