import type { WireFailure } from './failure.ts';

/** One call a worker answers: what goes in, what comes out, what is told on the way. */
export interface Call {
	params: unknown;
	result: unknown;
	/** `never` where nothing is told. */
	progress: unknown;
}

/** Everything that passes between the page and one kind of worker. */
export interface Contract {
	calls: Record<keyof never, Call>;
	/** Sent by the worker on its own: name to payload. */
	events: Record<keyof never, unknown>;
}

export type ToWorker =
	{ type: 'call'; id: number; name: string; params: unknown } | { type: 'abort'; id: number };

export type FromWorker =
	| { type: 'result'; id: number; value: unknown }
	| { type: 'failure'; id: number; failure: WireFailure }
	| { type: 'progress'; id: number; value: unknown }
	| { type: 'event'; name: string; value: unknown };
