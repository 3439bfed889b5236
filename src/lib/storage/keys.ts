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
