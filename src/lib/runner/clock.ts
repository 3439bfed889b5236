export interface Clock {
	/** Milliseconds, from any moment on. */
	now(): number;
	/** Returns the way to cancel. */
	after(ms: number, run: () => void): () => void;
}

export const browserClock: Clock = {
	now: () => performance.now(),
	after(ms, run) {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	}
};
