/** What the page's address asks for. */
export interface Address {
	/** Id of a conversation, or `new`; null: the latest. */
	conversation: string | null;
	/** What a link suggests to load; null: nothing. */
	model: string | null;
	/** A text shared with the page by another program; null: none. */
	shared: string | null;
}

const MAX_NAME_CHARS = 200;
/** Browsers cut addresses off at some megabytes; nothing a person shares comes near. */
const MAX_SHARED_CHARS = 200_000;

/**
 * Reads `#<conversation>?model=<id>` and the query that the manifest's share target makes. Whatever stands there was
 * written by someone else: it is only ever shown and offered.
 */
export function readAddress({ hash, search }: Pick<URL, 'hash' | 'search'>): Address {
	const [conversation = '', ...rest] = hash.slice(1).split('?');
	const model = new URLSearchParams(rest.join('?')).get('model')?.trim() ?? '';
	return {
		conversation: conversation === '' ? null : conversation,
		model: model === '' ? null : model.slice(0, MAX_NAME_CHARS),
		shared: sharedText(new URLSearchParams(search))
	};
}

function sharedText(query: URLSearchParams): string | null {
	const parts = ['title', 'text', 'url'].map((name) =>
		(query.get(name) ?? '').replace(/\r\n?/g, '\n').replaceAll('\0', '').trim()
	);
	// Many programs give the address once more inside the text.
	const apart = parts.filter(
		(part, i) => part !== '' && !parts.some((other, j) => j !== i && contains(other, part, j < i))
	);
	const text = apart.join('\n\n').slice(0, MAX_SHARED_CHARS);
	return text === '' ? null : text;
}

const contains = (other: string, part: string, before: boolean) =>
	other.includes(part) && (other !== part || before);
