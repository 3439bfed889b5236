import { Failure, type FailureKind } from '../rpc/failure.ts';

/** Causes that lie outside of what was loaded, so that the same load may succeed the next time. */
const PASSING: ReadonlySet<FailureKind> = new Set([
	'device-lost',
	'worker-died',
	'silent',
	'nothing-loaded'
]);

/** Causes that something smaller may escape. */
const SMALLER_HELPS: ReadonlySet<FailureKind> = new Set([
	'blocked',
	'out-of-memory',
	'out-of-host-memory',
	'device-lost',
	'gpu-error',
	'worker-died',
	'silent',
	'nothing-loaded',
	'tab-died'
]);

/**
 * Whether the same load may be tried again by itself. A device that goes with the reason `destroyed` while loading
 * was destroyed by the engine, over a limit that will be the same the next time; a runtime that ends itself while
 * loading does so over its heap.
 */
export function worthRepeating({ kind, detail }: Failure, during: 'loading' | 'running'): boolean {
	if (!PASSING.has(kind)) return false;
	return during === 'running' || (detail.reason !== 'destroyed' && detail.exit === undefined);
}

/** One automatic recovery per cause, until a person asks for a load or is answered. */
export class Recoveries {
	readonly #spent = new Set<FailureKind>();

	/** Spends the cause's recovery, if there is one. */
	spend(failure: Failure, during: 'loading' | 'running'): boolean {
		if (!worthRepeating(failure, during) || this.#spent.has(failure.kind)) return false;
		this.#spent.add(failure.kind);
		return true;
	}

	renew() {
		this.#spent.clear();
	}
}

export const smallerHelps = ({ kind }: Failure): boolean => SMALLER_HELPS.has(kind);
