/** Between two updates at least; the worker gathers text for as long. */
export const SHORTEST_MS = 40;
/** And at most, however slow the machine draws: more would no longer look like writing. */
const LONGEST_MS = 200;
/**
 * Share of the main thread's time that drawing may take. Compositing costs the same again on other threads, and where
 * the processor does the GPU's work, too (`software`), all of it is paid in tokens: an update per frame takes a fifth.
 */
export const DRAWING_SHARE = { gpu: 1 / 30, software: 1 / 60 };

export interface Clock {
	nowMs(): number;
	/** Returns the way to cancel. */
	after(ms: number, act: () => void): () => void;
	/** Tells how long the next frame took to draw. In a hidden tab there is none. */
	measureFrame(tell: (ms: number) => void): void;
}

export const browserClock: Clock = {
	nowMs: () => performance.now(),
	after(ms, act) {
		const timer = setTimeout(act, ms);
		return () => clearTimeout(timer);
	},
	measureFrame(tell) {
		requestAnimationFrame((startMs) => {
			// A task posted in a frame runs when the frame was painted.
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = () => {
				port1.close();
				tell(performance.now() - startMs);
			};
			port2.postMessage(null);
		});
	}
};

/** Passes text on as often as the page can draw it without taking time from the model. The first comes at once. */
export class Pace {
	readonly #send: (text: string) => void;
	readonly #clock: Clock;
	readonly #share: number;
	#text = '';
	#nextMs = -Infinity;
	#intervalMs: number;
	#cancel: (() => void) | null = null;

	/** `intervalMs`: what an answer before it has found. `share`: of the main thread's time, for drawing. */
	constructor(
		send: (text: string) => void,
		clock: Clock = browserClock,
		intervalMs: number = SHORTEST_MS,
		share: number = DRAWING_SHARE.gpu
	) {
		this.#send = send;
		this.#clock = clock;
		this.#intervalMs = intervalMs;
		this.#share = share;
	}

	/** Between two updates, on this machine. */
	get intervalMs(): number {
		return this.#intervalMs;
	}

	add(text: string) {
		this.#text += text;
		const waitMs = this.#nextMs - this.#clock.nowMs();
		if (waitMs <= 0) this.flush();
		else this.#cancel ??= this.#clock.after(waitMs, () => this.flush());
	}

	flush() {
		this.#cancel?.();
		this.#cancel = null;
		if (this.#text === '') return;
		const text = this.#text;
		this.#text = '';
		this.#nextMs = this.#clock.nowMs() + this.#intervalMs;
		this.#send(text);
		this.#clock.measureFrame((ms) => {
			const wanted = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms / this.#share));
			// One slow frame among many is something else's doing.
			this.#intervalMs += (wanted - this.#intervalMs) / 4;
		});
	}
}
