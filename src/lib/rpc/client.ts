import type { Contract, FromWorker, ToWorker } from './contract.ts';
import { Failure, fromWire } from './failure.ts';

/** The part of a Worker that the client needs, so that a test can pass something else. */
export interface Port {
	postMessage(message: ToWorker): void;
	addEventListener(type: string, listener: (event: Event) => void): void;
	terminate(): void;
}

export interface CallOptions<Progress> {
	/** Tells the worker to stop; what the call then returns is the worker's decision. */
	signal?: AbortSignal | undefined;
	onProgress?: ((progress: Progress) => void) | undefined;
}

interface Pending {
	resolve: (value: unknown) => void;
	reject: (failure: Failure) => void;
	progress: ((value: unknown) => void) | undefined;
}

/** The page's end of a worker. A worker that dies rejects everything pending. */
export class WorkerClient<C extends Contract> {
	readonly #port: Port;
	readonly #pending = new Map<number, Pending>();
	readonly #listeners = new Map<string, Set<(value: never) => void>>();
	#nextId = 1;
	#ended: Failure | null = null;
	#whenEnded: ((reason: Failure) => void) | null = null;
	#whenHeard: (() => void) | null = null;
	constructor(port: Port) {
		this.#port = port;
		port.addEventListener('message', (event) => {
			this.#whenHeard?.();
			this.#receive((event as MessageEvent<FromWorker>).data);
		});
		port.addEventListener('error', (event) => {
			// Heard here: it would go on to the page as an error that nobody caught.
			event.preventDefault();
			const text = event instanceof ErrorEvent && event.message ? event.message : 'no reason given';
			this.end(new Failure('worker-died', `The worker stopped: ${text}.`));
		});
		port.addEventListener('messageerror', () => {
			this.end(new Failure('worker-died', 'The worker sent something that could not be read.'));
		});
	}

	get ended(): Failure | null {
		return this.#ended;
	}

	/** Calls not answered yet. */
	get waiting(): number {
		return this.#pending.size;
	}

	/** Told whenever the worker says anything. */
	onHeard(listener: () => void) {
		this.#whenHeard = listener;
	}

	/** Told once, when the worker has died or was ended. */
	onEnd(listener: (reason: Failure) => void) {
		this.#whenEnded = listener;
	}

	/** Calls the worker; rejects with a Failure. */
	call<N extends keyof C['calls'] & string>(
		name: N,
		params: C['calls'][N]['params'],
		{ signal, onProgress }: CallOptions<C['calls'][N]['progress']> = {}
	): Promise<C['calls'][N]['result']> {
		if (this.#ended) return Promise.reject(this.#ended);
		if (signal?.aborted) return Promise.reject(new Failure('cancelled', 'Cancelled.'));
		const id = this.#nextId++;
		const answer = new Promise<unknown>((resolve, reject) => {
			this.#pending.set(id, { resolve, reject, progress: onProgress });
		});
		const abort = () => this.#port.postMessage({ type: 'abort', id });
		signal?.addEventListener('abort', abort, { once: true });
		this.#port.postMessage({ type: 'call', id, name, params });
		return answer.finally(() => signal?.removeEventListener('abort', abort));
	}

	/** Listens to an event of the worker; returns the way to stop. */
	on<N extends keyof C['events'] & string>(
		name: N,
		listener: (value: C['events'][N]) => void
	): () => void {
		const listeners = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, listeners);
		listeners.add(listener);
		return () => listeners.delete(listener);
	}

	/** Ends the worker at once; only this surely frees what it holds on the GPU. */
	end(reason = new Failure('cancelled', 'The worker was ended.')) {
		if (this.#ended) return;
		this.#ended = reason;
		this.#port.terminate();
		for (const { reject } of this.#pending.values()) reject(reason);
		this.#pending.clear();
		this.#whenEnded?.(reason);
	}

	#receive(message: FromWorker) {
		switch (message.type) {
			case 'event':
				for (const listener of this.#listeners.get(message.name) ?? [])
					listener(message.value as never);
				return;
			case 'progress':
				this.#pending.get(message.id)?.progress?.(message.value);
				return;
			case 'result':
				this.#pending.get(message.id)?.resolve(message.value);
				this.#pending.delete(message.id);
				return;
			case 'failure':
				this.#pending.get(message.id)?.reject(fromWire(message.failure));
				this.#pending.delete(message.id);
				return;
		}
	}
}
