import type { Failure } from '../../rpc/failure.ts';
import { smallerHelps } from '../recovery.ts';
import { sameTarget, type LoadFailure, type Target } from '../target.ts';

/** What is done after a failure that something smaller may escape. */
export type AfterFailure = 'stop' | 'ask' | 'fallback';

export interface FallBackHost {
	afterFailure(): AfterFailure;
	/** The next smaller thing to load than what failed; null: there is none. */
	smaller(failed: Target): Target | null;
}

/** Decides what is offered after a failure, and loads it where that is wanted. */
export class FallBack {
	readonly #host: FallBackHost;

	constructor(host: FallBackHost) {
		this.#host = host;
	}

	/** What to load in place of what failed; null where it would not help, is not wanted, or is loaded already. */
	offer(target: Target, failure: Failure, loaded: Target | null): Target | null {
		if (!smallerHelps(failure) || this.#host.afterFailure() === 'stop') return null;
		const next = this.#host.smaller(target);
		return next && loaded && sameTarget(next, loaded) ? null : next;
	}

	/**
	 * Loads the next smaller thing, and the next, where the settings say so. `load` returns the failure, or null.
	 * Returns what was loaded in place of what failed; null: nothing.
	 */
	async escape(
		problem: LoadFailure,
		stands: () => boolean,
		load: (target: Target) => Promise<LoadFailure | null>
	): Promise<Target | null> {
		if (this.#host.afterFailure() !== 'fallback') return null;
		// Each is smaller than the one before, so this ends.
		for (let { next } = problem; next && stands();) {
			const failed = await load(next);
			if (!failed) return next;
			next = failed.next;
		}
		return null;
	}
}
