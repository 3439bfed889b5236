import { Failure } from '../../rpc/failure.ts';
import { wrap } from './wrap.ts';

/** The list of a model's weights, as every source names it. */
const LIST = '/tensor-cache.json';
/** The weights themselves. */
const SHARD = /\.bin$/;

/**
 * Holds an engine's load where it has a device, has read everything but weights, and holds no memory of the GPU yet.
 * The engine itself has no such stop; just then it asks the cache for the list of weights.
 */
export class WeightsGate {
	#held: { reached: () => void; opened: Promise<void> } | null = null;
	#open: (() => void) | null = null;
	#reached: Promise<void> = Promise.resolve();

	/** Once per worker, before the engine is imported. */
	install(): void {
		const pass = (request: RequestInfo | URL) => this.#pass(request);
		wrap(
			Cache.prototype,
			'match',
			(match) =>
				async function (this: Cache, request, options) {
					await pass(request);
					return match.call(this, request, options);
				}
		);
	}

	/** The next load stops at the gate; resolves when it is there. */
	close(): Promise<void> {
		const opened = new Promise<void>((resolve) => (this.#open = resolve));
		this.#reached = new Promise((reached) => (this.#held = { reached, opened }));
		return this.#reached;
	}

	/**
	 * Resolves when the load is at the gate. Fails when it ended without having come by: then nothing held it, or it has
	 * loaded nothing, since the engine's reload also resolves when what it waited for was aborted.
	 */
	async reachedBy(load: Promise<unknown>, holdsMemory: () => boolean): Promise<void> {
		const atGate = await Promise.race([this.#reached.then(() => true), load.then(() => false)]);
		if (atGate) return;
		if (holdsMemory()) throw passedBy();
		throw new Failure('nothing-loaded', 'The engine reported success but loaded nothing.');
	}

	open(): void {
		this.#open?.();
		this.#open = null;
	}

	async #pass(request: RequestInfo | URL): Promise<void> {
		const held = this.#held;
		if (!held) return;
		const url = request instanceof Request ? request.url : String(request);
		const { pathname } = new URL(url, location.href);
		// Loading them beside the model that still answers could fill the GPU.
		if (SHARD.test(pathname)) throw passedBy();
		if (!pathname.endsWith(LIST)) return;
		this.#held = null;
		held.reached();
		await held.opened;
	}
}

const passedBy = () =>
	new Failure(
		'engine',
		'The engine reads weights without asking the cache for their list, so it cannot be held before them.'
	);
