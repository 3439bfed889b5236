const LOOK_MS = 15_000;

/** Whether what has not been used for so long is unloaded. `minutes`: null: never. */
export const isIdle = (minutes: number | null, unusedMs: number): minutes is number =>
	minutes !== null && unusedMs >= minutes * 60_000;

/**
 * Calls back once nothing has been used for a while. Goes by the clock on the wall: a computer that slept over it
 * was idle.
 */
export class IdleTimer {
	#usedAt = Date.now();
	readonly #minutes: () => number | null;
	readonly #idle: (minutes: number) => void;
	readonly #timer: ReturnType<typeof setInterval>;

	constructor(minutes: () => number | null, idle: (minutes: number) => void) {
		this.#minutes = minutes;
		this.#idle = idle;
		this.#timer = setInterval(() => this.look(Date.now()), LOOK_MS);
	}

	stop() {
		clearInterval(this.#timer);
	}

	used() {
		this.#usedAt = Date.now();
	}

	look(now: number) {
		const minutes = this.#minutes();
		if (!isIdle(minutes, now - this.#usedAt)) return;
		this.used();
		this.#idle(minutes);
	}
}
