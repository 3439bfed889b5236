import { Failure } from '../rpc/failure.ts';

/**
 * What a tab loads from disk, or has loaded, is held under this name and the URL of its files. The engine's caches
 * belong to the whole origin, so the name carries no path of a deployment.
 */
const PREFIX = 'headroom-model ';

type Locks = Pick<LockManager, 'request' | 'query'>;

/** Absent where the page was not opened over https; no files are kept then. */
const browserLocks = (): Locks | null => (navigator as { locks?: LockManager }).locks ?? null;

/** The models whose files this tab has in use. Nobody deletes them meanwhile, here or in another tab. */
export class InUse {
	readonly #locks: Locks | null;
	readonly #held = new Map<string, () => void>();

	constructor(locks: Locks | null = browserLocks()) {
		this.#locks = locks;
	}

	/** Resolves when the files are held; waits for a deletion under way. */
	async hold(baseUrl: string, signal: AbortSignal): Promise<void> {
		if (!this.#locks || this.#held.has(baseUrl)) return;
		const locks = this.#locks;
		await new Promise<void>((resolve, reject) => {
			locks
				.request(PREFIX + baseUrl, { mode: 'shared', signal }, () => {
					resolve();
					return new Promise<void>((release) => this.#held.set(baseUrl, release));
				})
				.catch(reject);
		});
	}

	/** Gives up all but these. */
	keepOnly(baseUrls: readonly string[]) {
		for (const [baseUrl, release] of this.#held) {
			if (baseUrls.includes(baseUrl)) continue;
			this.#held.delete(baseUrl);
			release();
		}
	}
}

/** URLs of the models that any tab has in use, this one included. */
export async function modelsInUse(locks = browserLocks()): Promise<ReadonlySet<string>> {
	const { held } = (await locks?.query()) ?? {};
	return new Set(
		held?.flatMap(({ name, mode }) =>
			name?.startsWith(PREFIX) && mode === 'shared' ? [name.slice(PREFIX.length)] : []
		)
	);
}

/** Runs while no tab has these files in use and none begins to; fails with `in-use` if one has. */
export async function whileUnused<T>(
	baseUrls: readonly string[],
	run: () => Promise<T>,
	locks = browserLocks()
): Promise<T> {
	const [baseUrl, ...others] = baseUrls;
	if (baseUrl === undefined || !locks) return run();
	return locks.request(PREFIX + baseUrl, { ifAvailable: true }, (lock) => {
		if (lock) return whileUnused(others, run, locks);
		throw new Failure(
			'in-use',
			'The model is loaded or is being loaded, in this tab or another one, so its files were not deleted.'
		);
	});
}
