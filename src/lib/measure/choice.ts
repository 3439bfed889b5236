import { search } from '#plan/models/catalog-search.ts';
import type { Family } from '#plan/models/catalog.ts';

/** Of the families only so many are listed: the list is searched, not read. */
const MOST_LISTED = 6;

/**
 * The families that match; `more`: how many are not listed. Those with one of `first`, which must not change while a
 * person chooses, come first: what moves below the pointer is missed.
 */
export function listed(
	families: readonly Family[],
	query: string,
	first: ReadonlySet<string>
): { families: readonly Family[]; more: number } {
	const found = search(families, query);
	const leads = ({ variants }: Family) => variants.some(({ id }) => first.has(id));
	const ordered = [...found.filter(leads), ...found.filter((family) => !leads(family))];
	return {
		families: ordered.slice(0, MOST_LISTED),
		more: Math.max(0, ordered.length - MOST_LISTED)
	};
}

/** With all of a family; without any of it, if all were chosen. In the catalogue's order. */
export function withFamily(
	families: readonly Family[],
	chosen: readonly string[],
	{ variants }: Family
): string[] {
	const own = variants.map(({ id }) => id);
	const all = own.every((id) => chosen.includes(id));
	const rest = chosen.filter((id) => !own.includes(id));
	return inOrder(families, all ? rest : [...rest, ...own]);
}

/** With a variant, or without it if it was chosen. */
export const withVariant = (
	families: readonly Family[],
	chosen: readonly string[],
	variantId: string
): string[] =>
	inOrder(
		families,
		chosen.includes(variantId) ? chosen.filter((id) => id !== variantId) : [...chosen, variantId]
	);

const inOrder = (families: readonly Family[], ids: readonly string[]): string[] =>
	families.flatMap(({ variants }) => variants.map(({ id }) => id)).filter((id) => ids.includes(id));
