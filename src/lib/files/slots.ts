import { Failure } from '../rpc/failure.ts';

/**
 * Lets so many at once and the others wait; who is urgent goes before who is not, and finds one that the others may
 * not take: what nobody waits for can hang on a silent host for long.
 */
export class Slots {
	#free: number;
	/** Left for who is urgent, once there are more than one. */
	readonly #kept: number;
	readonly #urgent: (() => void)[] = [];
	readonly #others: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
		this.#kept = count > 1 ? 1 : 0;
	}

	/** Resolves with the function that gives the slot back. */
	async take(urgent: boolean, signal: AbortSignal): Promise<() => void> {
		if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
		if (this.#free > (urgent ? 0 : this.#kept)) this.#free--;
		else await this.#wait(urgent ? this.#urgent : this.#others, signal);
		let given = false;
		return () => {
			if (given) return;
			given = true;
			this.#free++;
			const queue = this.#urgent.length > 0 ? this.#urgent : this.#others;
			if (this.#free <= (queue === this.#urgent ? 0 : this.#kept)) return;
			const next = queue.shift();
			if (!next) return;
			this.#free--;
			next();
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
