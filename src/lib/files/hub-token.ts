import { forwardsToken } from './forwards-token.ts';

const HUB_ORIGIN = 'https://huggingface.co';

/** A person's read token for the hub; kept by the page, if at all. */
let token: string | null = null;
/** `owner/name` of what was given only with it. */
const wanted = new Set<string>();

/** From now on the hub gets this token where it asks for one; null: none. Not in a browser that would send it on. */
export function authorize(next: string | null): void {
	token = forwardsToken(navigator.userAgent) ? null : next;
	wanted.clear();
}

/**
 * `fetch`, with the token where the hub refuses without: in a header, and to the hub alone. The browser takes the header
 * off when a redirect leads to another host (Fetch, "HTTP-redirect fetch": Chromium 119, Firefox 112, Safari 16.4).
 */
export async function fetchAuthorized(url: string, init: RequestInit): Promise<Response> {
	const { origin, pathname } = new URL(url);
	const repo = /^(?:\/api\/models)?\/([\w.-]+\/[\w.-]+)\//.exec(pathname)?.[1];
	if (origin !== HUB_ORIGIN || token === null || repo === undefined) return fetch(url, init);
	if (!wanted.has(repo)) {
		const response = await fetch(url, init);
		if (response.status !== 401 && response.status !== 403) return response;
		await response.body?.cancel();
		wanted.add(repo);
	}
	return fetch(url, {
		...init,
		headers: { authorization: `Bearer ${token}` },
		credentials: 'omit',
		referrerPolicy: 'no-referrer'
	});
}
