import type { Contract, FromWorker, ToWorker } from './contract.ts';
import { asFailure, toWire } from './failure.ts';

export interface CallContext<Progress> {
	signal: AbortSignal;
	progress: (value: Progress) => void;
}

export type Handlers<C extends Contract> = {
	[N in keyof C['calls']]: (
		params: C['calls'][N]['params'],
		context: CallContext<C['calls'][N]['progress']>
	) => Promise<C['calls'][N]['result']> | C['calls'][N]['result'];
};

/** What a dedicated worker's global scope offers; TypeScript's DOM library types `self` as a window. */
interface Scope {
	postMessage(message: FromWorker): void;
	addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
}

/**
 * Answers calls in a worker. Must run before anything asynchronous in the worker's module: messages that
 * arrive earlier are lost. Returns the function that sends events.
 */
export function serve<C extends Contract>(
	handlers: Handlers<C>
): <N extends keyof C['events'] & string>(name: N, value: C['events'][N]) => void {
	const scope = globalThis as unknown as Scope;
	const running = new Map<number, AbortController>();
	scope.addEventListener('message', ({ data }) => {
		if (data.type === 'abort') running.get(data.id)?.abort();
		else void answer(data.id, data.name, data.params);
	});

	async function answer(id: number, name: keyof C['calls'], params: unknown) {
		const controller = new AbortController();
		running.set(id, controller);
		try {
			const value: unknown = await handlers[name](params, {
				signal: controller.signal,
				progress: (value) => scope.postMessage({ type: 'progress', id, value })
			});
			scope.postMessage({ type: 'result', id, value });
		} catch (thrown) {
			scope.postMessage({ type: 'failure', id, failure: toWire(asFailure(thrown)) });
		} finally {
			running.delete(id);
		}
	}
	return (name, value) => scope.postMessage({ type: 'event', name, value });
}
