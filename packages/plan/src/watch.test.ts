import { expect, test } from 'vitest';
import { watch } from './watch.ts';

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
