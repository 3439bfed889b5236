import { fetchFile, fileName, type Fetched, type FetchOptions } from './fetch-file.ts';
import { persist, type Patience, type Wait } from './persist.ts';
import type { DownloadProgress } from './protocol.ts';
import { Slots } from './slots.ts';

/** Requests at once, over all models: the hub slows down a client that asks for more. */
export const PARALLEL_FETCHES = 4;
const slots = new Slots(PARALLEL_FETCHES);

/** Progress is told so often at most. */
const REPORT_INTERVAL_MS = 100;
/** A file that comes sooner than this is not watched on its way. */
const MOMENT_MS = 2_000;
/** The time of a smaller one says more of the host than of the connection. */
const TELLING_BYTES = 32 * 1024;
/** The rate is taken over so long. */
const RATE_WINDOW_MS = 5_000;

type FileOptions = Omit<FetchOptions, 'signal' | 'onBytes' | 'brisk'>;

interface TransferOptions {
	signal: AbortSignal;
	patience: Patience;
	/** Goes before transfers that nobody waits for. */
	urgent: boolean;
	onProgress?: (progress: DownloadProgress) => void;
	/** Where a file is fetched, by the URL it is kept under. */
	origin?: (url: string) => string;
}

/** The fetching of one model's files: counts bytes, waits out what passes, and says so. */
export class Transfer {
	totalBytes = 0;
	readonly signal: AbortSignal;
	readonly #patience: Patience;
	readonly #urgent: boolean;
	readonly #onProgress: ((progress: DownloadProgress) => void) | undefined;
	readonly #origin: (url: string) => string;
	readonly #startMs = performance.now();
	#doneBytes = 0;
	#receivedBytes = 0;
	readonly #fetched = new Set<string>();
	/** Files under way, with what they wait for. */
	readonly #active = new Map<string, Wait | null>();
	#samples: { ms: number; receivedBytes: number }[] = [];
	#reportedMs = -Infinity;
	/** Of one request, by the last file that came; null: none yet. */
	#bytesPerMs: number | null = null;

	constructor({ signal, patience, urgent, onProgress, origin = (url) => url }: TransferOptions) {
		this.#origin = origin;
		this.signal = signal;
		this.#patience = patience;
		this.#urgent = urgent;
		this.#onProgress = onProgress;
	}

	get remainingBytes(): number {
		return Math.max(0, this.totalBytes - this.#doneBytes);
	}

	/**
	 * Brings a file by `attempt`, which is run again where that may help. Whatever an attempt holds it must give up at
	 * its end: the wait until the next one may be long.
	 */
	async bring<T>(
		url: string,
		attempt: () => Promise<T>,
		signal: AbortSignal = this.signal
	): Promise<T> {
		const file = fileName(url);
		this.#active.set(file, null);
		try {
			return await persist(attempt, this.#patience, signal, (wait) => {
				this.#active.set(file, wait);
				this.report(true);
			});
		} finally {
			this.#active.delete(file);
			// What is left may all be waiting.
			this.report(true);
		}
	}

	/** Counts a file that lies on disk, if it was not counted when it came. */
	found(url: string, bytes: number) {
		if (!this.#fetched.has(url)) this.#doneBytes += bytes;
		this.report();
	}

	/** Counts bytes no longer as done. */
	retract(bytes: number) {
		this.#doneBytes -= bytes;
	}

	report(atOnce = false) {
		const nowMs = performance.now();
		if (!this.#onProgress || (!atOnce && nowMs - this.#reportedMs < REPORT_INTERVAL_MS)) return;
		this.#reportedMs = nowMs;
		this.#samples.push({ ms: nowMs, receivedBytes: this.#receivedBytes });
		while ((this.#samples[0]?.ms ?? nowMs) < nowMs - RATE_WINDOW_MS) this.#samples.shift();
		const oldest = this.#samples[0];
		const overMs = nowMs - (oldest?.ms ?? nowMs);
		this.#onProgress({
			doneBytes: this.#doneBytes,
			totalBytes: Math.max(this.totalBytes, this.#doneBytes),
			receivedBytes: this.#receivedBytes,
			elapsedMs: nowMs - this.#startMs,
			bytesPerSecond:
				overMs > 0 ? ((this.#receivedBytes - (oldest?.receivedBytes ?? 0)) / overMs) * 1000 : null,
			files: [...this.#active.keys()],
			waiting: this.#waiting()
		});
	}

	/**
	 * Fetches a file once, as soon as there is a connection for it, which the next may have while this one is checked and
	 * stored. Its bytes count as done until `retract`.
	 */
	async fetch(
		url: string,
		options: FileOptions = {},
		signal: AbortSignal = this.signal
	): Promise<Fetched> {
		let arrived = 0;
		const release = await slots.take(this.#urgent, signal);
		const startMs = performance.now();
		try {
			const fetched = await fetchFile(this.#origin(url), {
				...options,
				signal,
				brisk: this.#comesInAMoment(options.expectedBytes),
				onBytes: (bytes) => {
					arrived += bytes;
					this.#doneBytes += bytes;
					this.#receivedBytes += bytes;
					this.report();
				}
			});
			this.#fetched.add(url);
			if (arrived >= TELLING_BYTES) this.#bytesPerMs = arrived / (performance.now() - startMs);
			return fetched;
		} catch (failure) {
			this.retract(arrived);
			throw failure;
		} finally {
			release();
		}
	}

	#comesInAMoment(bytes = Infinity): boolean {
		return this.#bytesPerMs !== null && bytes / this.#bytesPerMs < MOMENT_MS;
	}

	/** The wait that ends first, when every file waits. */
	#waiting(): Wait | null {
		let first: Wait | null = null;
		for (const wait of this.#active.values()) {
			if (!wait) return null;
			if (!first || wait.untilMs < first.untilMs) first = wait;
		}
		return first;
	}
}
