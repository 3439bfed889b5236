import type { MemoryHistory } from '#plan/memory/history.ts';
import type { Judgement } from '#plan/memory/judge.ts';
import { search } from '#plan/models/catalog-search.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import type { PickerGroup } from '../ui/picker.ts';

/** A family with the judgement of its lightest usable variant. */
export interface FamilyOption {
	/** The family's. */
	id: string;
	family: Family;
	plan: Judgement;
	/** Loaded here before: it is listed apart from its verdict's group. */
	recent: boolean;
}

const MOST_RECENT = 5;

/** Ids of the families loaded last, the latest first. */
export function recentFamilies(
	{ measurements }: MemoryHistory,
	familyIdOf: (variantId: string) => string | undefined
): string[] {
	const latestFirst = [...measurements].sort((a, b) => b.at - a.at);
	const ids = latestFirst.flatMap(({ variantId }) => familyIdOf(variantId) ?? []);
	return [...new Set(ids)].slice(0, MOST_RECENT);
}

/** A family is judged by its lightest variant that is not blocked: that is the one a person would try. */
export function lightest(
	family: Family,
	planOf: (variant: Variant, contextWindow: number) => Judgement
): Judgement {
	const plans = family.variants.map((variant) => planOf(variant, variant.defaultContextWindow));
	const usable = plans.filter(({ verdict }) => verdict.kind !== 'blocked');
	const size = ({ estimate }: Judgement) => estimate?.peakBytes ?? Infinity;
	return (usable.length > 0 ? usable : plans).reduce((a, b) => (size(b) < size(a) ? b : a));
}

/** Every family once, in the catalogue's order; recent ones in the order of `recent`. */
export function familyOptions(
	families: readonly Family[],
	planOf: (variant: Variant, contextWindow: number) => Judgement,
	recent: readonly string[]
): FamilyOption[] {
	const options = families.map((family) => ({
		id: family.id,
		family,
		plan: lightest(family, planOf),
		recent: recent.includes(family.id)
	}));
	const rank = ({ id, recent: used }: FamilyOption) => (used ? recent.indexOf(id) : recent.length);
	return options.sort((a, b) => rank(a) - rank(b));
}

/** The options that match, in the groups of the picker. Judges nothing: it runs at every letter. */
export function familyGroups(
	options: readonly FamilyOption[],
	query: string
): PickerGroup<FamilyOption>[] {
	const families = options.map(({ family }) => family);
	const found = new Set(search(families, query));
	const matching = options.filter(({ family }) => found.has(family));
	const rest = matching.filter(({ recent }) => !recent);
	const judged = (kind: Judgement['verdict']['kind']) =>
		rest.filter(({ plan }) => plan.verdict.kind === kind);
	return [
		{ title: 'Recently used', options: matching.filter(({ recent }) => recent) },
		{ title: 'Fits here', options: judged('fits') },
		{ title: 'Tight', options: judged('tight') },
		{ title: 'Blocked', options: judged('blocked') }
	];
}
