import { Failure } from '../rpc/failure.ts';

/** Why an attempt was ended from outside. */
export type Ending =
	/** A person cancelled it. */
	| 'cancelled'
	/** Another load was asked for. */
	| 'superseded'
	/** What is loaded was to be unloaded. */
	| 'unloaded'
	/** Another tab asked for the engine, or took it. */
	| 'taken-over';

/** What a step is rejected with once its attempt was ended. */
export const cancelled = () => new Failure('cancelled', 'Cancelled.');

/** One run of the loader. It must ask after each `await` whether it still stands. */
export class Attempt {
	#controller = new AbortController();
	#ending: Ending | null = null;

	/** Of the step under way. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** null: nobody ended it. */
	get ending(): Ending | null {
		return this.#ending;
	}

	end(ending: Ending) {
		// Cancelling says only that the step under way is not wanted; the other reasons say what comes next.
		if (this.#ending === null || this.#ending === 'cancelled') this.#ending = ending;
		this.#controller.abort(ending);
	}

	/** Begins a step that a cancelled one leads to; it can be cancelled in its turn. */
	proceed() {
		if (this.signal.aborted) this.#controller = new AbortController();
	}
}

/** Runs attempts one after another: a new one ends the one before and waits until it is over. */
export class Attempts {
	#current: Attempt | null = null;
	#settled: Promise<void> = Promise.resolve();

	get current(): Attempt | null {
		return this.#current;
	}

	/** Resolves when no attempt is under way any more. */
	async settled(): Promise<void> {
		let last: Promise<void>;
		do {
			last = this.#settled;
			await last;
		} while (last !== this.#settled);
	}

	/**
	 * `ending`: why the attempt before ends. The new one counts as under way at once, before anything is awaited.
	 * null: it was ended before its turn came and did not run; with `always` it runs then, too.
	 */
	async run<T>(
		ending: Ending,
		work: (attempt: Attempt) => Promise<T>,
		{ always = false, over }: { always?: boolean; over: () => void }
	): Promise<T | null> {
		this.#current?.end(ending);
		const attempt = new Attempt();
		this.#current = attempt;
		const before = this.#settled;
		let done = () => {};
		this.#settled = new Promise((resolve) => (done = resolve));
		await before;
		try {
			if (attempt.ending !== null && !always) return null;
			return await work(attempt);
		} finally {
			if (this.#current === attempt) {
				this.#current = null;
				over();
			}
			done();
		}
	}
}
