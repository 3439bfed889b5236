import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorize, fetchAuthorized } from './hub-token.ts';

const TOKEN = 'hf_secret';
const FILE = 'https://huggingface.co/alice/Poet/resolve/main/a.json';
let asked: { url: string; authorization: string | null }[] = [];

/** A fake network: the hub gives the file only with the token. */
beforeEach(() => {
	asked = [];
	vi.stubGlobal('navigator', { userAgent: '' });
	authorize(null);
	vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
		const authorization = new Headers(init.headers).get('authorization');
		asked.push({ url, authorization });
		const ok = authorization === `Bearer ${TOKEN}` || !url.includes('/Poet');
		return Promise.resolve(new Response('', { status: ok ? 200 : 401 }));
	});
});
afterEach(() => vi.unstubAllGlobals());

test('the token goes to the hub, in a header, and only after the hub has refused', async () => {
	authorize(TOKEN);
	expect((await fetchAuthorized(FILE, {})).status).toBe(200);
	expect(asked).toEqual([
		{ url: FILE, authorization: null },
		{ url: FILE, authorization: `Bearer ${TOKEN}` }
	]);
	// The model is known to ask for it; another one is not.
	await fetchAuthorized(FILE.replace('a.json', 'b.json'), {});
	await fetchAuthorized('https://huggingface.co/bob/Free/resolve/main/a.json', {});
	expect(asked.slice(2).map(({ authorization }) => authorization !== null)).toEqual([true, false]);
	expect(asked.some(({ url }) => url.includes(TOKEN))).toBe(false);
});

test.each([
	'https://cdn-lfs.huggingface.co/alice/Poet/a',
	'https://huggingface.co.evil.example/alice/Poet/a',
	'https://evil.example/alice/Poet/resolve/main/a.json',
	'http://huggingface.co/alice/Poet/a',
	'https://huggingface.co:444/alice/Poet/a'
])('no other host gets it: %s', async (url) => {
	authorize(TOKEN);
	await fetchAuthorized(url, {});
	expect(asked).toEqual([{ url, authorization: null }]);
});

test('a browser that would send it on to another origin gets none', async () => {
	vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 Chrome/118.0.0.0 Safari/537.36' });
	authorize(TOKEN);
	expect((await fetchAuthorized(FILE, {})).status).toBe(401);
	expect(asked).toEqual([{ url: FILE, authorization: null }]);
});

test('a token that was forgotten is not sent', async () => {
	authorize(TOKEN);
	await fetchAuthorized(FILE, {});
	authorize(null);
	expect((await fetchAuthorized(FILE, {})).status).toBe(401);
	expect(asked.at(-1)?.authorization).toBeNull();
});
