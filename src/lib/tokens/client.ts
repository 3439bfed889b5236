import type { ModelSource } from '../files/protocol.ts';
import { spawn } from '../network/spawn.ts';
import { WorkerClient, type Port } from '../rpc/client.ts';
import type { TokensContract } from './protocol.ts';
import workerUrl from './tokens.worker.ts?worker&url';

/** A tokenizer that nobody has asked for so long gives its memory back. */
const IDLE_MS = 120_000;

/** Counts tokens with the tokenizer of a model on disk, in a worker that lives while it is used. */
export class Tokens {
	readonly #spawn: () => Port;
	#client: WorkerClient<TokensContract> | null = null;
	#idle: ReturnType<typeof setTimeout> | undefined;

	constructor(spawnWorker = (): Port => spawn(workerUrl, 'headroom-tokens', [])) {
		this.#spawn = spawnWorker;
	}

	/** Tokens of each piece; null: they can only be guessed. Never rejects. */
	async count(source: ModelSource, pieces: readonly string[]): Promise<readonly number[] | null> {
		if (!this.#client || this.#client.ended) this.#client = new WorkerClient(this.#spawn());
		clearTimeout(this.#idle);
		this.#idle = setTimeout(() => this.end(), IDLE_MS);
		return this.#client.call('count', { source, pieces }).catch(() => null);
	}

	end() {
		clearTimeout(this.#idle);
		this.#client?.end();
		this.#client = null;
	}
}
