import { asFailure, Failure } from '../rpc/failure.ts';

/** How long a failing server is asked again before it is given up. */
export interface Patience {
	/** Tries in all, those while the browser is offline not counted when `sitsOutOffline`. */
	tries: number;
	/** A server that asks to wait longer is given up at once. */
	longestWaitMs: number;
	/** Waits for the network to come back, for as long as that takes. */
	sitsOutOffline: boolean;
}

/** Someone looks at a plan: one more try, soon. */
export const BRIEF: Patience = { tries: 2, longestWaitMs: 5_000, sitsOutOffline: false };
/** Someone waits for a model: some eight seconds in all. */
export const LOADING: Patience = { tries: 5, longestWaitMs: 60_000, sitsOutOffline: false };
/** Nobody waits: some four minutes in all. */
export const BACKGROUND: Patience = { tries: 10, longestWaitMs: 15 * 60_000, sitsOutOffline: true };

const FIRST_WAIT_MS = 500;
const LONGEST_OWN_WAIT_MS = 60_000;
/** A worker does not always hear that the network is back, and a look costs nothing. */
const OFFLINE_LOOK_MS = 5_000;

export interface Wait {
	/** Milliseconds since 1970. */
	untilMs: number;
	/** The try that failed: 1, 2, … */
	attempt: number;
	/** A sentence. */
	reason: string;
}

export interface Clock {
	now: () => number;
	random: () => number;
	online: () => boolean;
	/** Resolves after so long, or as soon as the network comes back; rejects when aborted. */
	pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Tries until it succeeds, fails for good, or patience is at its end; then throws the last failure. */
export async function persist<T>(
	attempt: () => Promise<T>,
	patience: Patience,
	signal: AbortSignal,
	onWait: (wait: Wait | null) => void,
	clock: Clock = realClock
): Promise<T> {
	let tried = 0;
	for (;;) {
		let failure: Failure;
		try {
			return await attempt();
		} catch (thrown) {
			failure = asFailure(thrown);
		}
		if (signal.aborted || !isTransient(failure)) throw failure;
		const sitOut = patience.sitsOutOffline && !clock.online();
		if (!sitOut && ++tried >= patience.tries) throw failure;
		const waitMs = sitOut ? OFFLINE_LOOK_MS : waitOf(failure, tried, clock.random());
		if (waitMs > patience.longestWaitMs) throw failure;
		onWait({ untilMs: clock.now() + waitMs, attempt: tried, reason: failure.message });
		try {
			await clock.pause(waitMs, signal);
		} finally {
			onWait(null);
		}
	}
}

/** Whether the same request may succeed a little later. */
export function isTransient({ kind, detail }: Failure): boolean {
	if (kind !== 'network') return false;
	const { status, cause } = detail;
	// Not a matter of time: a person has to copy the folder again, or to allow the host.
	if (cause === 'folder' || cause === 'not-allowed') return false;
	if (typeof status !== 'number') return true;
	return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** What the server asks for, else twice as long each time; spread, so that many do not come back at once. */
function waitOf({ detail }: Failure, tried: number, random: number): number {
	if (typeof detail.retryAfterMs === 'number') return detail.retryAfterMs;
	const ms = Math.min(LONGEST_OWN_WAIT_MS, FIRST_WAIT_MS * 2 ** (tried - 1));
	return Math.round(ms * (0.75 + 0.5 * random));
}

/** `Retry-After`, in seconds or as a date, as milliseconds from now; null: it says nothing of use. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
	if (header === null) return null;
	if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
	// A date in any other form than HTTP's is a guess.
	const at = /^\s*[A-Z][a-z]{2}, .* GMT\s*$/.test(header) ? Date.parse(header) : NaN;
	return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

const realClock: Clock = {
	now: () => Date.now(),
	random: () => Math.random(),
	online: () => navigator.onLine,
	pause: (ms, signal) =>
		new Promise((resolve, reject) => {
			const over = (end: () => void) => () => {
				clearTimeout(timer);
				globalThis.removeEventListener('online', wake);
				signal.removeEventListener('abort', stop);
				end();
			};
			const wake = over(resolve);
			const stop = over(() => reject(new Failure('cancelled', 'Cancelled.')));
			const timer = setTimeout(wake, ms);
			globalThis.addEventListener('online', wake);
			signal.addEventListener('abort', stop);
		})
};
