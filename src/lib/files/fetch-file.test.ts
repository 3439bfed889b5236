import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { remedyFor } from '../ui/remedies.ts';
import { Failure } from '../rpc/failure.ts';
import { fetchFile } from './fetch-file.ts';
import { isTransient } from './persist.ts';

beforeEach(() => {
	vi.stubGlobal('location', new URL('https://x.test/files.js?allow=huggingface.co,a.test'));
	vi.stubGlobal('navigator', { onLine: true });
});
afterEach(() => vi.unstubAllGlobals());

async function refused(url: string, status: number, headers: Record<string, string> = {}) {
	vi.stubGlobal('fetch', () => Promise.resolve(new Response('no', { status, headers })));
	try {
		await fetchFile(url, { signal: new AbortController().signal });
	} catch (thrown) {
		if (thrown instanceof Failure) return thrown;
	}
	throw new Error('It was not refused.');
}

const GATED = 'https://huggingface.co/owner/model-MLC/resolve/main/mlc-chat-config.json';

test.each([401, 403])(
	'the hub’s %i is a licence to accept, with the page where',
	async (status) => {
		const failure = await refused(GATED, status, { 'x-error-code': 'GatedRepo' });
		expect(failure).toMatchObject({
			kind: 'gated',
			detail: { status, page: 'https://huggingface.co/owner/model-MLC' }
		});
		expect(failure.message).toContain('accepted the model’s licence');
		expect(remedyFor(failure)).toMatch(
			/Accept the licence on https:\/\/huggingface\.co\/owner\/model-MLC, then enter a read token/
		);
		// Asking again would change nothing.
		expect(isTransient(failure)).toBe(false);
	}
);

test('a model that the hub does not have is missing, although the hub says 401', async () => {
	const failure = await refused(GATED, 401, { 'x-error-code': 'RepoNotFound' });
	expect(failure).toMatchObject({ kind: 'network', detail: { cause: 'missing' } });
});

test('another host that refuses has no licence to accept, and the connection is not blamed', async () => {
	const failure = await refused('https://a.test/m/resolve/main/x.bin', 403);
	expect(failure).toMatchObject({ kind: 'network', detail: { cause: 'refused', status: 403 } });
	expect(remedyFor(failure)).not.toMatch(/connection/);
});

test.each([
	[404, 'missing'],
	[410, 'missing'],
	[429, 'rate-limited'],
	[503, 'server']
])('%i is %s', async (status, cause) => {
	expect((await refused(GATED, status)).detail.cause).toBe(cause);
});
