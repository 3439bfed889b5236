import { expect, test } from 'vitest';
import { watch, type WatchOptions } from './watch.ts';

test('what is stopped while it asks says nothing of what it was asking', async () => {
	const stop = new AbortController();
	const lines: string[] = [];
	const say = (line: string) => void lines.push(line);
	const code = await watch({
		url: 'http://localhost:1',
		token: 't',
		once: true,
		json: false,
		signal: stop.signal,
		out: say,
		err: say,
		fetch: (_, init) => {
			stop.abort();
			return Promise.reject(init?.signal?.reason as Error);
		}
	});
	expect([code, lines]).toEqual([0, []]);
});

/** What it says to a page that answers one thing after another, and how long it waits in between. */
async function watched(says: readonly object[], change: Partial<WatchOptions> = {}) {
	const ending = new AbortController();
	const [lines, waits]: [string[], number[]] = [[], []];
	let asked = 0;
	const code = await watch({
		url: 'http://localhost:1/',
		token: 't',
		once: false,
		json: false,
		signal: ending.signal,
		out: (line) => lines.push(line),
		err: (line) => lines.push(`! ${line}`),
		fetch: () => Promise.resolve(Response.json(says[asked++])),
		wait: (ms) => {
			waits.push(ms);
			if (asked === says.length) ending.abort();
			return Promise.resolve();
		},
		...change
	});
	return { code, lines, waits };
}

const status = (change: object = {}) => ({
	loader: 'idle',
	loaded: [],
	memory: { state: 'unknown', usedBytes: 0, budgetBytes: null },
	queue: { running: null, waiting: 1234, held: null },
	...change
});

test('a page is looked at every two seconds', async () => {
	const { waits, lines } = await watched([status(), status(), status()]);
	expect(waits).toEqual([2000, 2000, 2000]);
	expect(lines).toHaveLength(1);
});

test('a line leaves out what there is not, and has what holds requests back', async () => {
	const held = { running: 'person', waiting: 2, held: 'It is in the background.' };
	const { lines } = await watched([status(), status({ loader: 'loading', queue: held })]);
	expect(lines).toEqual([
		'no model | 0 bytes, unknown | nothing running, 1,234 waiting',
		'no model | loading | 0 bytes, unknown | a person running, 2 waiting | It is in the background.'
	]);
});

test.each([
	[{ error: { message: 'The page is closed.' } }, '! The page is closed.'],
	[{ hello: 1 }, '! Something else than Headroom answers at http://localhost:1/.']
])('once, an answer of %o is said and returns 1', async (said, line) => {
	expect(await watched([said], { once: true })).toMatchObject({
		code: 1,
		lines: [line],
		waits: []
	});
});

test('once, a status is said whole for programs, and returns 0', async () => {
	const said = await watched([status({ more: [1] })], { once: true, json: true });
	expect(said).toEqual({ code: 0, lines: [JSON.stringify(status({ more: [1] }))], waits: [] });
});

test('a page that hangs is said to take longer than it may', async () => {
	const hangs: typeof fetch = (_, init) =>
		new Promise((_resolve, reject) => {
			init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
		});
	const { code, lines } = await watched([], { once: true, fetch: hangs, limitMs: 20 });
	expect(code).toBe(1);
	expect(lines).toEqual([
		'! http://localhost:1/ took longer than 0 s to answer. Is its page busy or asleep?'
	]);
});
