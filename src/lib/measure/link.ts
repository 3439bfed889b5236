import { MOST_VARIANTS } from './record.ts';
import { SET_NAMES, type SetName } from './speed-tests.ts';

/** What a link preselects. It starts nothing. */
export interface Preselection {
	variantIds: readonly string[];
	set: SetName | null;
	baselineId: string | null;
}

const MAX_NAME_CHARS = 200;

/** Reads `?variants=a,b&set=quick&baseline=a`; names that the catalogue does not have are ignored. */
export function readLink(search: string, known: (variantId: string) => boolean): Preselection {
	const query = new URLSearchParams(search);
	const names = (query.get('variants') ?? '').split(',').map((name) => name.trim());
	const ids = names.filter((name) => name.length <= MAX_NAME_CHARS && known(name));
	const baseline = query.get('baseline') ?? '';
	return {
		variantIds: [...new Set(ids)].slice(0, MOST_VARIANTS),
		set: SET_NAMES.find((name) => name === query.get('set')) ?? null,
		baselineId: ids.includes(baseline) ? baseline : null
	};
}

/** `pageUrl`: of the page, without a query. */
export function linkTo(
	pageUrl: string,
	{ variantIds, set, baselineId }: Omit<Preselection, 'set'> & { set: SetName }
): string {
	const url = new URL(pageUrl);
	url.search = '';
	url.hash = '';
	url.searchParams.set('variants', variantIds.join(','));
	url.searchParams.set('set', set);
	if (baselineId !== null) url.searchParams.set('baseline', baselineId);
	// Readable, and as good as escaped in a query.
	return url.href.replaceAll('%2C', ',');
}
