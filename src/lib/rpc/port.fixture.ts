import type { Port } from './client.ts';
import type { FromWorker, ToWorker } from './contract.ts';
import { toWire, type Failure } from './failure.ts';

type Called = Extract<ToWorker, { type: 'call' }>;

/** A fake of a worker, seen from the page: a test reads the calls and answers them. */
export class FakePort implements Port {
	readonly calls: Called[] = [];
	/** Ids of calls that were aborted. */
	readonly aborted: number[] = [];
	terminated = false;
	readonly #listeners = new Map<string, ((event: Event) => void)[]>();

	postMessage(message: ToWorker) {
		if (message.type === 'abort') this.aborted.push(message.id);
		else this.calls.push(message);
	}
	addEventListener(type: string, listener: (event: Event) => void) {
		this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
	}
	terminate() {
		this.terminated = true;
	}

	/** The names of the calls so far. */
	get names(): string[] {
		return this.calls.map(({ name }) => name);
	}
	last(name: string): Called {
		const call = this.calls.findLast((each) => each.name === name);
		if (!call) throw new Error(`Nobody called ${name}.`);
		return call;
	}

	say(message: FromWorker) {
		this.#tell(new MessageEvent('message', { data: message }));
	}
	answer(name: string, value: unknown) {
		this.say({ type: 'result', id: this.last(name).id, value });
	}
	fail(name: string, failure: Failure) {
		this.say({ type: 'failure', id: this.last(name).id, failure: toWire(failure) });
	}
	progress(name: string, value: unknown) {
		this.say({ type: 'progress', id: this.last(name).id, value });
	}
	/** As when its script throws or cannot be loaded. */
	die() {
		this.#tell(new Event('error'));
	}

	#tell(event: Event) {
		if (this.terminated) return;
		for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
	}
}
