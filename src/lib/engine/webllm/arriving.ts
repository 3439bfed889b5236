import { onArrival, type MissingFile } from '../../files/arrivals.ts';
import { wrap } from './wrap.ts';

/**
 * Lets the engine load a model whose files are still being fetched: it is told that they are in the cache, and whichever
 * it reads is waited for. Whoever fetches them ends the engine when that fails.
 */
export class Arriving {
	readonly #expected = new Map<string, MissingFile>();
	/** Whoever waits for a file, by its URL. */
	readonly #waiting = new Map<string, () => void>();
	#stopListening: (() => void) | null = null;

	/** Once per worker, before the engine is imported. */
	install(): void {
		const expected = this.#expected;
		const arrived = (found: () => Promise<Response | undefined>, file: MissingFile) =>
			this.#arrived(found, file);
		wrap(
			Cache.prototype,
			'match',
			(match) =>
				async function (this: Cache, request, options) {
					const file = expected.get(urlOf(request));
					const find = () => match.call(this, request, options);
					return file ? arrived(find, file) : find();
				}
		);
		// The engine fetches what it does not find there, before it uploads anything.
		wrap(
			Cache.prototype,
			'keys',
			(keys) =>
				async function (this: Cache, ...asked) {
					const there = await keys.apply(this, asked);
					if (asked.length > 0) return there;
					return [...there, ...[...expected.keys()].map((url) => new Request(url))];
				}
		);
	}

	/** From now on these are waited for. */
	expect(files: readonly MissingFile[]): void {
		for (const file of files) this.#expected.set(file.url, file);
		if (files.length > 0) this.#stopListening ??= onArrival((url) => this.#waiting.get(url)?.());
	}

	/** It has not come yet, as far as is known. */
	awaits(url: string): boolean {
		return this.#expected.has(url);
	}

	/** All have come: whatever is there now is what is read. */
	end(): void {
		this.#expected.clear();
		for (const tell of this.#waiting.values()) tell();
		this.#waiting.clear();
		this.#stopListening?.();
		this.#stopListening = null;
	}

	async #arrived(
		find: () => Promise<Response | undefined>,
		{ url, bytes }: MissingFile
	): Promise<Response | undefined> {
		while (this.#expected.has(url)) {
			// Before it is looked for: it may come in between.
			const told = new Promise<void>((resolve) => this.#waiting.set(url, resolve));
			const found = await find();
			// One of another length is what an earlier download left, and is about to be replaced.
			if (found && (bytes === null || Number(found.headers.get('content-length')) === bytes)) {
				this.#expected.delete(url);
				this.#waiting.delete(url);
				return found;
			}
			await told;
		}
		return find();
	}
}

export const urlOf = (request: RequestInfo | URL): string =>
	request instanceof Request ? request.url : new URL(request, location.href).href;
