import type { App } from '../app/app.svelte.ts';
import { cancelled } from '../runner/attempts.ts';
import { Failure } from '../rpc/failure.ts';
import { ApiError } from './error.ts';

/** Of programs together: more of them would keep a person's own questions out of the queue. */
export const MAX_WAITING_PROGRAMS = 16;

/**
 * Runs when it is a program's turn: after every question that a person asked. `signal` aborts it, waiting or running,
 * and so does a person who stops what runs. Throws a `queue_full` error, or why nothing is started at all.
 */
export async function inTurn<T>(
	app: App,
	outer: AbortSignal | undefined,
	run: (signal: AbortSignal) => Promise<T>
): Promise<T> {
	const { queue } = app.answers;
	if (queue.waiting.filter((request) => request.class === 'program').length >= MAX_WAITING_PROGRAMS)
		throw new ApiError(
			'queue_full',
			`${MAX_WAITING_PROGRAMS} requests of programs are waiting already. Ask again when one was answered.`
		);
	if (queue.held)
		throw new ApiError('nothing_loaded', `Nothing is answered just now: ${queue.held.message}`);
	const signal = outer ?? new AbortController().signal;
	if (signal.aborted) throw cancelled();
	const lease = await app.answers.lease('A program', signal, 'program');
	try {
		return await run(AbortSignal.any([signal, lease.stopped]));
	} finally {
		// What the engine held of a conversation it may hold no more.
		app.answering.forget();
		lease.release();
	}
}

/** Resolves when nothing is being loaded or unloaded; rejects when that was not waited for. */
export async function settled({ loader }: Pick<App, 'loader'>, signal: AbortSignal): Promise<void> {
	while (loader.busy) {
		await Promise.race([loader.settled(), aborted(signal)]);
		if (signal.aborted) throw cancelled();
	}
}

export const aborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener('abort', () => resolve(), { once: true });
	});

export const nothingLoaded = () =>
	new Failure('nothing-loaded', 'No model is loaded. Load one on the page.');
