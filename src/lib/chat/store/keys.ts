/**
 * `summary` and `text` are drawn from the conversation and written with it; `listed` and `unlisted` are the list's,
 * `pack` and `unpacked` the search's.
 */
export type Kind =
	| 'conversation'
	| 'summary'
	| 'listed'
	| 'unlisted'
	| 'text'
	| 'pack'
	| 'unpacked'
	| 'trash'
	| 'aside';

export const key = (kind: Kind, id: string): [Kind, string] => [kind, id];

// A list sorts behind every string and number, so this spans all records of one kind.
export const all = (kind: Kind) => IDBKeyRange.bound([kind], [kind, []]);

export function idOf(each: IDBValidKey): string {
	return Array.isArray(each) && typeof each[1] === 'string' ? each[1] : '';
}

/** Of what is read from one large record, so many may have changed since before it is worth a rewrite. */
export const MOST_MARKED = 100;
/** From here on reading every record of a kind is faster than asking for each. */
export const MANY = 300;
