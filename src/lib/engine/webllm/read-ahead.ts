import { wrap } from './wrap.ts';
import { urlOf } from './arriving.ts';

/** The list of a model's weights, as every source names it. */
const LIST = '/tensor-cache.json';
/** Of a file that is read ahead: host memory holds it beside the one that is uploaded. */
const MOST_BYTES = 64 * 2 ** 20;

/** What is transferred here is freed. `transfer(0)` leaves it in memory: whoever read it from the disk holds it, too. */
const nowhere = closedPort();

interface Shard {
	url: string;
	bytes: number;
}

/**
 * Reads the next file of weights while the engine uploads one, which it does by turns; and each once, where the engine
 * looks it up twice. Frees the memory of what has been uploaded.
 */
export class ReadAhead {
	/** In the order in which they are uploaded. */
	#shards: readonly Shard[] = [];
	/** Begun, until the engine has them. */
	readonly #begun = new Map<string, Promise<Response | undefined>>();
	/** Whether a file is still being fetched. */
	readonly #awaited: (url: string) => boolean;
	/** What the engine uploads now. */
	#uploading: ArrayBuffer | null = null;
	#waitedMs = 0;

	constructor(awaited: (url: string) => boolean) {
		this.#awaited = awaited;
	}

	/** Milliseconds that the engine has waited for files that were still being fetched. */
	get waitedMs(): number {
		return this.#waitedMs;
	}

	/** Once per worker, before the engine is imported. */
	install(): void {
		const read = (find: (url: string) => Promise<Response | undefined>, url: string) =>
			this.#timed(find, url);
		wrap(
			Cache.prototype,
			'match',
			(match) =>
				async function (this: Cache, request, options) {
					if (options) return match.call(this, request, options);
					return read((url) => match.call(this, url), urlOf(request));
				}
		);
	}

	async #timed(find: (url: string) => Promise<Response | undefined>, url: string) {
		const awaited = this.#awaited(url);
		const startMs = performance.now();
		const found = await this.#read(find, url);
		if (awaited) this.#waitedMs += performance.now() - startMs;
		return found;
	}

	async #read(find: (url: string) => Promise<Response | undefined>, url: string) {
		if (new URL(url).pathname.endsWith(LIST)) {
			const list = await find(url);
			this.#shards =
				(await list
					?.clone()
					.json()
					.then(shardsOf(url), () => [])) ?? [];
			return list;
		}
		const index = this.#shards.findIndex((shard) => shard.url === url);
		return index < 0 ? find(url) : this.#begin(find, index);
	}

	#begin(find: (url: string) => Promise<Response | undefined>, index: number) {
		const shard = this.#shards[index];
		if (!shard) return undefined;
		const { url } = shard;
		const before = this.#begun.get(url);
		if (before) return before;
		const begun = (async () => {
			const found = await find(url);
			if (!found) {
				this.#begun.delete(url);
				return undefined;
			}
			const bytes = found.arrayBuffer();
			bytes.catch(() => undefined);
			return Object.assign(new Response(null, { headers: found.headers }), {
				arrayBuffer: async () => {
					this.#begun.delete(url);
					this.letGo();
					const whole = await bytes;
					this.#uploading = whole;
					const next = this.#shards[index + 1];
					if (next && next.bytes <= MOST_BYTES) void this.#begin(find, index + 1);
					return whole;
				}
			});
		})();
		begun.catch(() => this.#begun.delete(url));
		this.#begun.set(url, begun);
		return begun;
	}

	/**
	 * Frees what has been uploaded, as when the engine asks for the next file: the collector would leave it for long. Called
	 * once the last one is on the GPU.
	 */
	letGo() {
		if (this.#uploading) nowhere.postMessage(null, [this.#uploading]);
		this.#uploading = null;
	}
}

/** Of a list as the engine reads it: it has been checked before. */
const shardsOf = (listUrl: string) => (list: unknown) =>
	(list as { records: { dataPath: string; nbytes: number }[] }).records.map(
		({ dataPath, nbytes }): Shard => ({ url: new URL(dataPath, listUrl).href, bytes: nbytes })
	);

function closedPort(): MessagePort {
	const { port1, port2 } = new MessageChannel();
	port2.close();
	return port1;
}
