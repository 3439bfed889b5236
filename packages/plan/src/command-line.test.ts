import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { commandLine, type World } from './command-line.ts';
import type { ReadFile } from './exact.ts';
import { variantById } from './models/catalog-data.ts';

const site = join(import.meta.dirname, '../../../static');
const variant = variantById.get('pocket-q4f32_1')!;

/** Pocket's own files, as they lie in the folder of a model. */
const pocketFiles: ReadFile = (place) => {
	const name = place.split('/').at(-1) ?? '';
	const folder = join(site, variant.modelUrl, 'resolve/main');
	const path = name.endsWith('.wasm') ? join(site, variant.libraryUrl) : join(folder, name);
	return Promise.resolve(readFileSync(path));
};

async function ran(args: string[], change: Partial<World> = {}) {
	const said = { out: '', err: '' };
	const code = await commandLine(args, {
		env: {},
		readFile: pocketFiles,
		signal: new AbortController().signal,
		out: (text) => (said.out += text),
		err: (text) => (said.err += text),
		...change
	});
	return { ...said, code };
}

describe('plan --exact', () => {
	const exact = ['plan', 'pocket-q4f32_1', '--vram', '4GiB', '--json', '--exact', '--from'];

	test('reads config, manifest and library, and plans by them', async () => {
		const asked: string[] = [];
		const limits: number[] = [];
		const readFile: ReadFile = (place, most) => {
			asked.push(place);
			limits.push(most / 2 ** 20);
			return pocketFiles(place, most);
		};
		const { out, code } = await ran([...exact, '/models/pocket/'], { readFile });
		// MiB of config, manifest and library at most.
		expect(limits).toEqual([4, 64, 256]);
		expect(code).toBe(0);
		expect(JSON.parse(out)).toMatchObject({ confidence: 'library', verdict: 'fits' });
		const library = variant.libraryUrl.split('/').at(-1);
		expect(asked.sort()).toEqual(
			[
				`/models/pocket/${library}`,
				'/models/pocket/mlc-chat-config.json',
				'/models/pocket/tensor-cache.json'
			].sort()
		);
		const guessed = await ran(exact.slice(0, 5));
		expect(JSON.parse(guessed.out)).toMatchObject({ confidence: 'declared' });
	});

	test('asks the hub for a model of the catalogue', async () => {
		const asked: string[] = [];
		const readFile: ReadFile = (place) => {
			asked.push(place);
			return Promise.reject(new Error(`${place}: not reached.`));
		};
		const llama = ['plan', 'Llama-3.2-1B-Instruct-q4f16_1-MLC', '--vram', '4GiB', '--exact'];
		const { code, err, out } = await ran(llama, { readFile });
		expect([code, out]).toEqual([1, '']);
		expect(err).toMatch(/^https:\/\/.*: not reached\.\n$/);
		expect(asked).toContain(
			'https://huggingface.co/mlc-ai/Llama-3.2-1B-Instruct-q4f16_1-MLC/resolve/main/mlc-chat-config.json'
		);
		expect(asked.filter((place) => place.endsWith('.wasm'))).toHaveLength(1);
	});

	test('ended while it reads, says nothing and returns 130, as shells do', async () => {
		const ending = new AbortController();
		const readFile: ReadFile = () => {
			ending.abort();
			return Promise.reject(new Error('not reached.'));
		};
		const said = await ran([...exact, '.'], { readFile, signal: ending.signal });
		expect(said).toEqual({ out: '', err: '', code: 130 });
	});

	test.each([
		['an HTML page', '<!doctype html><html>', 'expected JSON, found an HTML page'],
		['half a file', '{"vocab_size": 1', 'broken JSON']
	])('of %s says which file, what was expected and what was found', async (_, text, words) => {
		const readFile: ReadFile = (place, most) =>
			place.endsWith('config.json')
				? Promise.resolve(new TextEncoder().encode(text))
				: pocketFiles(place, most);
		const { code, err } = await ran([...exact, '.'], { readFile });
		expect(code).toBe(1);
		expect(err).toContain(words);
	});

	test.each([
		[['plan', 'pocket', '--vram', '4GiB', '--exact'], 'name the folder or address'],
		[['plan', 'pocket', '--vram', '4GiB', '--from', '.'], '--from needs --exact'],
		[['models', '--fits', '4GiB', '--exact'], 'models has no option --exact']
	])('%j is not understood', async (args, words) => {
		const { code, err } = await ran(args);
		expect(code).toBe(2);
		expect(err).toContain(words);
	});
});

describe('watch', () => {
	const env = { HEADROOM_TOKEN: 'token' };
	const status = (waiting: number) => ({
		loader: 'idle',
		loaded: [{ model: 'pocket-q4f32_1', contextWindow: 1024 }],
		memory: { state: 'comfortable', usedBytes: 2 ** 25, budgetBytes: 2 ** 32 },
		queue: { running: waiting > 0 ? 'program' : null, waiting, held: null }
	});
	/** A fake of the server, which says one thing after another, and of the time between. */
	function server(...says: (object | null)[]) {
		const ending = new AbortController();
		const asked: { url: string; authorization: string | null }[] = [];
		const answer = ((url: string, init: RequestInit) => {
			asked.push({ url, authorization: new Headers(init.headers).get('authorization') });
			const said = says[asked.length - 1] ?? null;
			return said ? Promise.resolve(Response.json(said)) : Promise.reject(new TypeError('refused'));
		}) as typeof fetch;
		const wait = () => {
			if (asked.length >= says.length) ending.abort();
			return Promise.resolve();
		};
		return { env, fetch: answer, wait, signal: ending.signal, asked };
	}

	test('tells the state whenever it changes, until it is ended', async () => {
		const world = server(status(0), status(0), status(2), null, status(2));
		const { out, err, code } = await ran(['watch', '--url', 'http://localhost:5000/'], world);
		expect(code).toBe(0);
		expect(out.split('\n')).toEqual([
			'pocket-q4f32_1 at 1,024 tokens | 32.0 MiB of 4.00 GiB, comfortable | nothing running, 0 waiting',
			'pocket-q4f32_1 at 1,024 tokens | 32.0 MiB of 4.00 GiB, comfortable | a program running, 2 waiting',
			'pocket-q4f32_1 at 1,024 tokens | 32.0 MiB of 4.00 GiB, comfortable | a program running, 2 waiting',
			''
		]);
		expect(err).toContain('Nothing answers programs at http://localhost:5000/.');
		expect(world.asked[0]).toEqual({
			url: 'http://localhost:5000/vram_status',
			authorization: 'Bearer token'
		});
	});

	test('a server that never answers is told of', async () => {
		const never = ((_: string, { signal }: RequestInit) =>
			new Promise((_, reject) => {
				signal?.addEventListener('abort', () => reject(new Error('aborted')));
			})) as typeof fetch;
		const { code, err } = await ran(['watch', '--once'], { env, fetch: never, limitMs: 1 });
		expect(code).toBe(1);
		expect(err).toMatch(/^http:\/\/localhost:4173 took longer than 0 s to answer\./);
	});

	test('waiting leaves nothing behind', async () => {
		vi.useFakeTimers();
		try {
			const { fetch } = server(status(0), status(0), status(0), status(0));
			const ending = new AbortController();
			const watching = ran(['watch'], { env, fetch, signal: ending.signal });
			await vi.advanceTimersByTimeAsync(7_000);
			expect(getEventListeners(ending.signal, 'abort').length).toBeLessThanOrEqual(1);
			ending.abort();
			expect((await watching).code).toBe(0);
			expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
		} finally {
			vi.useRealTimers();
		}
	});

	test('once is for scripts: JSON, and 1 where no page answers', async () => {
		const good = await ran(['watch', '--once', '--json'], server(status(1)));
		expect([good.code, JSON.parse(good.out)]).toEqual([0, status(1)]);
		const error = {
			error: { message: 'No page is open.', type: 'x', code: 'no_page', param: null }
		};
		const none = await ran(['watch', '--once'], server(error));
		expect(none).toEqual({ code: 1, out: '', err: 'No page is open.\n' });
		const other = await ran(['watch', '--once'], server({ hello: 1 }));
		expect(other.err).toContain('Something else than Headroom');
	});

	test.each([
		[['watch'], {}, 'HEADROOM_TOKEN'],
		[['watch', '--url', 'localhost'], env, 'Expected an address'],
		[['watch', 'all'], env, 'Expected no “all”'],
		[['watch', '--vram', '4GiB'], env, 'watch has no option --vram']
	])('%j with %j is not understood', async (args, env, words) => {
		const { code, err } = await ran(args, { env });
		expect(code).toBe(2);
		expect(err).toContain(words);
	});
});
