import { HOST_PATH, type Order } from '../../../tests/support/file-host.ts';
import type { ModelSource } from './protocol.ts';

/** A small model on the tests' own file host: every file passes the checks, no engine could run it. */
export class HostedModel {
	readonly source: ModelSource;
	readonly shards: readonly string[];
	readonly #folder: string;
	readonly #bodies = new Map<string, Uint8Array<ArrayBuffer>>();

	private constructor(shardBytes: readonly number[], library: string) {
		this.#folder = `${HOST_PATH}${crypto.randomUUID()}/`;
		const base = new URL(this.#folder, location.href).href;
		this.source = {
			baseUrl: `${base}resolve/main/`,
			libraryUrl: new URL(library, base).href,
			packageUrl: null,
			overrides: {}
		};
		this.shards = shardBytes.map((_, i) => `params_shard_${i}.bin`);
		this.shards.forEach((name, i) => {
			const body = new Uint8Array(shardBytes[i] ?? 0);
			for (let at = 0; at < body.length; at++) body[at] = (at * 31 + i) & 0xff;
			this.#bodies.set(`resolve/main/${name}`, body);
		});
		const json = (name: string, value: unknown) =>
			this.#bodies.set(`resolve/main/${name}`, new TextEncoder().encode(JSON.stringify(value)));
		json('mlc-chat-config.json', CONFIG);
		json('tokenizer.json', { model: { type: 'BPE', vocab: { a: 0 } } });
		json('tensor-cache.json', {
			metadata: {},
			records: this.shards.map((dataPath, i) => ({
				dataPath,
				format: 'raw-shard',
				nbytes: shardBytes[i],
				records: [
					{
						name: `tensor.${i}`,
						shape: [(shardBytes[i] ?? 0) / 4],
						dtype: 'uint32',
						nbytes: shardBytes[i],
						byteOffset: 0
					}
				]
			}))
		});
		this.#bodies.set(library, LIBRARY);
	}

	/** Puts it on the host. `library` is a URL when another model's is shared. */
	static async make(shardBytes: readonly number[], library = 'library.wasm'): Promise<HostedModel> {
		const model = new HostedModel(shardBytes, library);
		for (const [path, body] of model.#bodies)
			await fetch(new URL(path, new URL(model.#folder, location.href)), { method: 'PUT', body });
		return model;
	}

	body(file: string): Uint8Array<ArrayBuffer> {
		return this.#bodies.get(`resolve/main/${file}`) ?? new Uint8Array();
	}

	/** Bytes of all files. */
	get bytes(): number {
		return [...this.#bodies.values()].reduce((sum, { length }) => sum + length, 0);
	}

	/** Has the host send another library from now on. */
	async replaceLibrary(body: Uint8Array<ArrayBuffer>): Promise<void> {
		await fetch(this.source.libraryUrl, { method: 'PUT', body });
	}

	/** Has the host answer the next requests for a file so. */
	async order(file: string, ...orders: Order[]): Promise<void> {
		await fetch(this.source.baseUrl + file, { method: 'POST', body: JSON.stringify(orders) });
	}

	/** How often each file was asked for since it was put there, and the most requests at once since the last call. */
	async stats(): Promise<{ asked: Record<string, number>; most: number }> {
		const response = await fetch(`${this.source.baseUrl}?stats`);
		return (await response.json()) as { asked: Record<string, number>; most: number };
	}
}

const CONFIG = {
	model_type: 'llama',
	vocab_size: 4,
	context_window_size: 64,
	sliding_window_size: -1,
	attention_sink_size: -1,
	tokenizer_files: ['tokenizer.json'],
	conv_template: {
		system_template: '{system_message}',
		system_message: '',
		roles: { user: 'user', assistant: 'assistant' },
		seps: ['\n'],
		stop_str: [],
		stop_token_ids: [0]
	},
	model_config: {}
};

const section = (id: number, body: number[]) => [id, body.length, ...body];
const named = (name: string) => [name.length, ...new TextEncoder().encode(name)];

/** A WebAssembly module with metadata in a custom section, and what the engine calls of every library: empty functions. */
export function libraryWith(
	metadata: object,
	/** Functions it imports of `env`. */
	imports: readonly string[] = []
): Uint8Array<ArrayBuffer> {
	const text = new TextEncoder().encode(JSON.stringify(metadata));
	const functions = ['_initialize', 'TVMWasmAllocSpace', 'TVMFFIFunctionCall'];
	const exports = [[...named('memory'), 2, 0], ...functions.map((name) => [...named(name), 0, 0])];
	return new Uint8Array([
		...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...section(0, [...named('x'), ...text]),
		// One type without parameters or results, one function of it, and a memory without pages.
		...section(1, [1, 0x60, 0, 0]),
		...(imports.length > 0
			? section(2, [
					imports.length,
					...imports.flatMap((name) => [...named('env'), ...named(name), 0, 0])
				])
			: []),
		...section(3, [1, 0]),
		...section(5, [1, 0, 0]),
		...section(7, [exports.length, ...exports.flat()]),
		...section(10, [1, 2, 0, 0x0b])
	]);
}

const LIBRARY = libraryWith({ model_type: 'llama', params: [] });
