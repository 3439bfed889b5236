import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright/test';

/** A commit, as the hub names its revisions. */
export const COMMIT = '6f1d3bd1a0f5cbeb7e54f0a3a2bb5a3e0f1c2d34';

/** What the storage host does in place of sending the whole file at once. */
export type Answer = (
	response: ServerResponse,
	body: Buffer,
	request: IncomingMessage
) => void | Promise<void>;

export const status =
	(code: number, headers: Record<string, string> = {}): Answer =>
	(response) =>
		void response.writeHead(code, { ...CORS, ...headers }).end('no');

/** Sends the first bytes and breaks the connection off. */
export const abortAfter =
	(bytes: number): Answer =>
	(response, body) => {
		response.writeHead(200, { ...CORS, 'content-length': body.length });
		response.write(body.subarray(0, bytes), () => response.destroy());
	};

export const flipped: Answer = (response, body) => {
	const wrong = Buffer.from(body);
	wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 0xff;
	response.writeHead(200, { ...CORS, 'content-length': wrong.length }).end(wrong);
};

export const shorter: Answer = (response, body) => {
	const part = body.subarray(0, body.length - 7);
	response.writeHead(200, { ...CORS, 'content-length': part.length }).end(part);
};

/** As real storage hosts send them. */
const CORS = {
	'access-control-allow-origin': '*',
	'access-control-expose-headers':
		'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag',
	'cache-control': 'no-store',
	vary: 'Origin'
};

interface Repo {
	owner: string;
	/** Without it, every file is refused; null: it is free. */
	token: string | null;
	/** File name to bytes. */
	files: Map<string, Buffer>;
}

/**
 * Answers in a browser context as huggingface.co and raw.githubusercontent.com do, with pocket's files in place of
 * a catalogue model's: the hub redirects large files to a storage host, which is a real server with real faults.
 */
export class Hub {
	/** Every file sent or refused by the storage host, in order: `<repo>/<file>`. */
	readonly sent: string[] = [];
	/** Every URL asked of the hub and of the libraries' host. */
	readonly asked: string[] = [];
	/** Every authorization that the hub was sent. */
	readonly tokens = new Set<string>();
	/** Headers of every request to the storage host, as one text each. */
	readonly storageHeaders: string[] = [];
	/** Requests the storage host is busy with just now, and the most there ever were. */
	readonly busy = { now: 0, most: 0 };
	/** The revision that `main` is. */
	commit = COMMIT;
	/** Whether the hub tells hashes and commits. */
	api: 'up' | 'down' = 'up';
	readonly #repos = new Map<string, Repo>();
	readonly #libraries = new Map<string, Buffer>();
	/** Answers still to be given for files whose path ends so, one after the other. */
	readonly #faults = new Map<string, Answer[]>();
	/** Every answer waits for it. */
	#gate: Promise<void> = Promise.resolve();
	#open: () => void = () => {};
	/** Nothing leads to the hub and the libraries' host any more. A browser told to be offline forgets to tell its workers when it is over. */
	unplugged = false;
	/** Bytes a second per connection; null: at once. */
	rate: number | null = null;
	readonly #server: Server;

	constructor() {
		this.#server = createServer((request, response) => void this.#store(request, response));
	}

	/** Serves a catalogue model from pocket's files of the same quantization, in shards of at most `shardBytes`. */
	addModel(
		repo: string,
		quantization: string,
		{
			shardBytes = 64 * 1024,
			owner = 'mlc-ai',
			token = null
		}: { shardBytes?: number; owner?: string; token?: string | null } = {}
	) {
		this.#repos.set(repo, { owner, token, files: pocketFiles(quantization, shardBytes) });
	}

	/** Serves pocket's library under the name the catalogue has, with some bytes changed where a test wants that. */
	addLibrary(name: string, quantization: string, change?: (library: Buffer) => void) {
		const library = readFileSync(`${pocketFolder()}/pocket-${quantization}.wasm`);
		change?.(library);
		this.#libraries.set(name, library);
	}

	files(repo: string): ReadonlyMap<string, Buffer> {
		const found = this.#repos.get(repo);
		if (!found) throw new Error(`The hub has no ${repo}.`);
		return found.files;
	}

	/** Serves something else in place of a model's file. */
	replace(repo: string, file: string, body: Buffer) {
		this.#repos.get(repo)?.files.set(file, body);
	}

	/** The next requests for files whose path ends so are answered so, one each. */
	fail(end: string, ...answers: Answer[]) {
		this.#faults.set(end, [...(this.#faults.get(end) ?? []), ...answers]);
	}

	mend() {
		this.#faults.clear();
	}

	/** Holds every file back until `release`. */
	hold() {
		this.#gate = new Promise((resolve) => (this.#open = resolve));
	}

	release() {
		this.#open();
	}

	async start(context: BrowserContext) {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		const storage = `http://${this.storageHost}`;
		await context.route('https://huggingface.co/**', async (route) => {
			const url = new URL(route.request().url());
			if (this.unplugged) return route.abort('internetdisconnected');
			this.asked.push(url.href);
			if (url.pathname.startsWith('/api/')) return route.fulfill(this.#answerApi(url));
			const [, owner, repo, file] =
				/^\/([^/]+)\/([^/]+)\/resolve\/[^/]+\/(.+)$/.exec(url.pathname) ?? [];
			const found = this.#repos.get(repo ?? '');
			if (!repo || !file || found?.owner !== owner || !found?.files.has(file))
				return route.fulfill({ status: 404, headers: CORS, body: 'Entry not found' });
			const headers = await route.request().allHeaders();
			const authorization = headers['authorization'] ?? null;
			if (authorization !== null) this.tokens.add(authorization);
			if (found.token !== null && authorization !== `Bearer ${found.token}`)
				return route.fulfill({ status: 401, headers: CORS, body: 'Access is restricted.' });
			await route.fulfill({
				status: 302,
				headers: {
					...CORS,
					'access-control-allow-origin': new URL(headers['origin'] ?? headers['referer'] ?? storage)
						.origin,
					location: `${storage}/${repo}/${file}`,
					'x-repo-commit': this.commit
				}
			});
		});
		await context.route('https://raw.githubusercontent.com/**', async (route) => {
			const url = route.request().url();
			if (this.unplugged) return route.abort('internetdisconnected');
			this.asked.push(url);
			const library = this.#libraries.get(url.slice(url.lastIndexOf('/') + 1));
			if (!library) return route.fulfill({ status: 404, headers: CORS, body: '404: Not Found' });
			await route.fulfill({
				headers: { ...CORS, 'content-type': 'application/octet-stream' },
				body: library
			});
		});
	}

	/** The second host, which the hub redirects to. */
	get storageHost(): string {
		return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async stop() {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	#answerApi({ pathname }: URL) {
		const [, owner, repo, rest] = /^\/api\/models\/([^/]+)\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
		const named = this.#repos.get(repo ?? '');
		const found = named?.owner === owner ? named : undefined;
		if (this.api === 'down') return { status: 503, headers: CORS, body: 'Service Unavailable' };
		if (!found)
			return { status: 401, headers: CORS, json: { error: 'Invalid username or password.' } };
		if (rest === 'revision/main')
			return { headers: CORS, json: { id: `${owner}/${repo}`, sha: this.commit, private: false } };
		if (rest === `tree/${this.commit}`)
			return {
				headers: CORS,
				json: [...found.files].map(([path, body]) => ({
					type: 'file',
					oid: createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex'),
					size: body.length,
					path,
					...(path.endsWith('.bin') && {
						lfs: {
							oid: createHash('sha256').update(body).digest('hex'),
							size: body.length,
							pointerSize: 134
						}
					})
				}))
			};
		return { status: 404, headers: CORS, json: { error: 'Revision not found' } };
	}

	async #store(request: IncomingMessage, response: ServerResponse) {
		const [, repo = '', file = ''] = (request.url ?? '').split('/');
		const body = this.#repos.get(repo)?.files.get(file);
		this.storageHeaders.push(JSON.stringify(request.rawHeaders));
		this.sent.push(`${repo}/${file}`);
		this.busy.most = Math.max(this.busy.most, ++this.busy.now);
		// Sent whole, or cut off: the client may ask for the next before the connection is closed.
		let done = false;
		for (const end of ['finish', 'close'])
			response.on(end, () => {
				if (!done) this.busy.now--;
				done = true;
			});
		await this.#gate;
		if (!body) return void response.writeHead(404, CORS).end();
		const fault = [...this.#faults].find(([end]) => `${repo}/${file}`.endsWith(end))?.[1].shift();
		if (fault) return fault(response, body, request);
		response.writeHead(200, { ...CORS, 'content-length': body.length });
		if (this.rate === null) return void response.end(body);
		const tickMs = 50;
		const step = Math.max(1, Math.round((this.rate * tickMs) / 1000));
		for (let at = 0; at < body.length && !response.destroyed; at += step) {
			// The client is done with the last byte, so no pause may follow it.
			if (at + step >= body.length) return void response.end(body.subarray(at));
			response.write(body.subarray(at, at + step));
			await new Promise((resolve) => setTimeout(resolve, tickMs));
		}
		response.end();
	}
}

export function pocketFolder(): string {
	const [hash] = readdirSync('static/pocket');
	if (!hash) throw new Error('Pocket is not built.');
	return `static/pocket/${hash}`;
}

interface TensorRecord {
	name: string;
	nbytes: number;
	byteOffset: number;
}
interface ShardRecord {
	dataPath: string;
	format: string;
	nbytes: number;
	records: TensorRecord[];
	md5sum?: string;
}

/** Pocket's files with its one shard cut, between tensors, into several as large models have them. */
function pocketFiles(quantization: string, shardBytes: number): Map<string, Buffer> {
	const folder = `${pocketFolder()}/${quantization}/resolve/main`;
	const read = (name: string) => readFileSync(`${folder}/${name}`);
	const manifest = JSON.parse(read('tensor-cache.json').toString()) as {
		metadata: unknown;
		records: ShardRecord[];
	};
	const files = new Map<string, Buffer>();
	const shards: ShardRecord[] = [];
	for (const whole of manifest.records) {
		const data = read(whole.dataPath);
		let open: { parts: Buffer[]; shard: ShardRecord } | null = null;
		const close = () => {
			if (!open) return;
			files.set(open.shard.dataPath, Buffer.concat(open.parts));
			shards.push(open.shard);
			open = null;
		};
		for (const tensor of whole.records) {
			if (open && open.shard.nbytes + tensor.nbytes > shardBytes) close();
			open ??= {
				parts: [],
				shard: {
					dataPath: `params_shard_${shards.length}.bin`,
					format: whole.format,
					nbytes: 0,
					records: []
				}
			};
			open.parts.push(data.subarray(tensor.byteOffset, tensor.byteOffset + tensor.nbytes));
			open.shard.records.push({ ...tensor, byteOffset: open.shard.nbytes });
			open.shard.nbytes += tensor.nbytes;
		}
		close();
	}
	files.set(
		'tensor-cache.json',
		Buffer.from(JSON.stringify({ metadata: manifest.metadata, records: shards }))
	);
	for (const name of ['mlc-chat-config.json', 'tokenizer.json']) files.set(name, read(name));
	return files;
}
