import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BRIEF } from './persist.ts';
import { PARALLEL_FETCHES, Transfer } from './transfer.ts';

/** A fake of the network: a request is answered when the test says so. */
const asked: { url: string; answer: () => void }[] = [];

beforeEach(() => {
	asked.length = 0;
	vi.stubGlobal('location', new URL('https://x.test/files.js?allow=a.test'));
	vi.stubGlobal('navigator', { onLine: true });
	vi.stubGlobal(
		'fetch',
		(url: string) =>
			new Promise<Response>((resolve) =>
				asked.push({ url, answer: () => resolve(new Response('body')) })
			)
	);
});
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('while what came is checked and stored, the connections fetch what comes next', async () => {
	const { signal } = new AbortController();
	const transfer = new Transfer({ signal, patience: BRIEF, urgent: true });
	let store = () => {};
	const mayStore = new Promise<void>((resolve) => (store = resolve));
	const files = Array.from({ length: PARALLEL_FETCHES + 2 }, (_, n) => `https://a.test/${n}.bin`);
	const brought = files.map((url) =>
		transfer.bring(url, async () => {
			await transfer.fetch(url);
			await mayStore;
		})
	);
	await settled();
	expect(asked.map(({ url }) => url)).toEqual(files.slice(0, PARALLEL_FETCHES));
	asked[0]?.answer();
	await settled();
	expect(asked).toHaveLength(PARALLEL_FETCHES + 1);
	asked[1]?.answer();
	await settled();
	expect(asked.map(({ url }) => url)).toEqual(files);
	for (const { answer } of asked) answer();
	store();
	await Promise.all(brought);
});

test('what fails, or is given up while it waits for a connection, leaves the connections to others', async () => {
	const end = new AbortController();
	const transfer = new Transfer({ signal: end.signal, patience: BRIEF, urgent: true });
	const failing = Array.from({ length: PARALLEL_FETCHES }, (_, n) =>
		transfer.fetch(`https://a.test/${n}.bin`, { expectedBytes: 1 })
	);
	const waiting = transfer.fetch('https://a.test/waiting.bin');
	await settled();
	end.abort();
	await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
	for (const { answer } of asked) answer();
	for (const each of failing) await expect(each).rejects.toMatchObject({ kind: 'bad-file' });
	const { signal } = new AbortController();
	const next = new Transfer({ signal, patience: BRIEF, urgent: true });
	const fetched = next.fetch('https://a.test/next.bin');
	await settled();
	expect(asked.at(-1)?.url).toBe('https://a.test/next.bin');
	asked.at(-1)?.answer();
	expect((await fetched).bytes.byteLength).toBe(4);
});
