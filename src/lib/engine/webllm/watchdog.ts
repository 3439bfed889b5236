/** How often the worker says that it lives. */
export const HEARTBEAT_MS = 2_000;

/** How often the page looks. */
const LOOK_MS = 2_000;

/**
 * Silence after which a worker is given up. It waits for the GPU without blocking, so it stays silent only while it
 * computes in one piece: reading a tokenizer of 150,000 tokens takes some 2 s on a laptop, and slow phones take ten
 * times that. Nothing computes while no call is under way.
 */
export const SILENT_LIMIT_MS = { working: 60_000, idle: 20_000 } as const;

/** What a look adds at most: while the page slept or was throttled, nobody could have been heard. */
const LOOK_COUNTS_MS = 2 * LOOK_MS;

/** Counts how long a worker has been silent while the page itself was awake. */
export class Watchdog {
	#silentMs = 0;
	#lookedMs: number;

	constructor(nowMs: number) {
		this.#lookedMs = nowMs;
	}

	heard() {
		this.#silentMs = 0;
	}

	/** True when the silence has lasted too long. */
	look(nowMs: number, working: boolean): boolean {
		this.#silentMs += Math.min(LOOK_COUNTS_MS, Math.max(0, nowMs - this.#lookedMs));
		this.#lookedMs = nowMs;
		return this.#silentMs > (working ? SILENT_LIMIT_MS.working : SILENT_LIMIT_MS.idle);
	}
}

/** Looks at intervals until `silent` was called or the returned function is. */
export function watch(dog: Watchdog, working: () => boolean, silent: () => void): () => void {
	const timer = setInterval(() => {
		if (!dog.look(performance.now(), working())) return;
		clearInterval(timer);
		silent();
	}, LOOK_MS);
	return () => clearInterval(timer);
}
