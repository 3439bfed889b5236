import { Failure } from '../worker/failure.ts';

/** Lets so many at once and the others wait; who is urgent goes before who is not. */
export class Slots {
	#free: number;
	readonly #urgent: (() => void)[] = [];
	readonly #others: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** Resolves with the function that gives the slot back. */
	async take(urgent: boolean, signal: AbortSignal): Promise<() => void> {
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		if (this.#free > 0) this.#free--;
		else await this.#wait(urgent ? this.#urgent : this.#others, signal);
		let given = false;
		return () => {
			if (given) return;
			given = true;
			const next = this.#urgent.shift() ?? this.#others.shift();
			if (next) next();
			else this.#free++;
		};
	}

	#wait(queue: (() => void)[], signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const enter = () => {
				signal.removeEventListener('abort', leave);
				resolve();
			};
			const leave = () => {
				queue.splice(queue.indexOf(enter), 1);
				reject(new Failure('cancelled', 'Cancelled.'));
			};
			queue.push(enter);
			signal.addEventListener('abort', leave, { once: true });
		});
	}
}
