import { ApiError, asApiError } from './error.ts';
import type { Events } from './events.svelte.ts';
import type { Handlers } from './handlers.ts';
import {
	CLOSED_REFUSED,
	parseMessage,
	RELAY_PATH,
	RELAY_PROTOCOL,
	toPageSchema,
	type FromPage,
	type ToPage
} from './relay-protocol.ts';
import type { Credential } from './relay-secret.ts';
import { EVENTS, type CallName, type EventName } from './schemas.ts';

export type RelayState =
	/** This page was not opened by a local server, and tries none. */
	| 'none'
	| 'connecting'
	| 'connected'
	/** It has gone, and is looked for from time to time. */
	| 'lost'
	/** It knows neither this page's secret nor its key: it was restarted, or its address was used before. */
	| 'refused';

/** Between two looks for a server that has gone; the last one again and again. */
const LOOK_AGAIN_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000] as const;
/** After about an hour nobody looks any more. */
export const MOST_LOOKS = 120;

export type Socket = Pick<WebSocket, 'readyState' | 'send' | 'addEventListener'>;
const OPEN = 1;

export interface RelayParts {
	/** Where the site lies, with a trailing slash. */
	baseUrl: string;
	credential: Pick<Credential, 'read' | 'write' | 'forget'>;
	handlers: Pick<Handlers, 'call'>;
	events: Pick<Events, 'on'>;
	onState: (state: RelayState) => void;
	open?: (url: string, protocols: string[]) => Socket;
	after?: (ms: number, run: () => void) => void;
}

/** One way to the server, and what was asked by it: another server counts its calls from the start again. */
interface Line {
	readonly socket: Socket;
	/** What the server was shown, or gave in return. */
	shown: string;
	readonly calls: Map<number, AbortController>;
}

/** Answers the local server that opened this page, for as long as both are there. */
export class RelayClient {
	readonly #parts: Required<RelayParts>;
	#line: Line | null = null;
	#holds = false;
	#looks = 0;
	/** What was shown last; what is new is not looked for in vain yet. */
	#shown: string | null = null;

	constructor(parts: RelayParts) {
		this.#parts = {
			open: (url, protocols) => new WebSocket(url, protocols),
			after: (ms, run) => void setTimeout(run, ms),
			...parts
		};
	}

	/** Goes to the server with what this tab has to show; does nothing where that is nothing, or a socket is there. */
	connect() {
		const { credential, baseUrl, open, onState } = this.#parts;
		const shown = credential.read();
		if (shown === null || this.#line !== null) return;
		if (shown !== this.#shown) this.#looks = 0;
		this.#shown = shown;
		if (this.#looks === 0) onState('connecting');
		const url = new URL(`.${RELAY_PATH}`, baseUrl);
		url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
		const socket = open(url.href, [RELAY_PROTOCOL, shown]);
		const line: Line = (this.#line = { socket, shown, calls: new Map() });
		socket.addEventListener('message', ({ data }) => this.#heard(line, data));
		socket.addEventListener('close', ({ code }) => this.#closed(line, code));
	}

	/** Whether a model is loaded in this page: such a one answers before others. */
	holds(holds: boolean) {
		this.#holds = holds;
		if (this.#line) say(this.#line, { type: 'holds', holds });
	}

	#heard(line: Line, data: unknown) {
		const message = parseMessage(toPageSchema, data);
		if (message === null) return;
		switch (message.type) {
			case 'welcome':
				this.#parts.credential.write(message.key);
				line.shown = this.#shown = message.key;
				this.#looks = 0;
				this.#parts.onState('connected');
				return this.holds(this.#holds);
			case 'call':
				return void this.#call(line, message);
			case 'listen':
				return this.#listen(line, message.id);
			case 'abort':
				return line.calls.get(message.id)?.abort();
		}
	}

	async #call(line: Line, { id, name, input }: Extract<ToPage, { type: 'call' }>) {
		const controller = new AbortController();
		line.calls.set(id, controller);
		try {
			const value = await this.#parts.handlers.call(name as CallName, input, {
				signal: controller.signal,
				onChunk: (piece) => say(line, { type: 'piece', id, value: piece })
			});
			say(line, { type: 'done', id, value });
		} catch (thrown) {
			say(line, { type: 'failed', id, error: asApiError(thrown).error });
		} finally {
			line.calls.delete(id);
		}
	}

	#listen(line: Line, id: number) {
		const controller = new AbortController();
		line.calls.set(id, controller);
		const stops = (Object.keys(EVENTS) as EventName[]).map((name) =>
			this.#parts.events.on(name, (value) => say(line, { type: 'event', id, name, value }))
		);
		controller.signal.addEventListener('abort', () => {
			for (const stop of stops) stop();
			line.calls.delete(id);
			const { error } = new ApiError('cancelled', 'Cancelled.');
			say(line, { type: 'failed', id, error });
		});
	}

	#closed(line: Line, code: number) {
		const { credential, onState, after } = this.#parts;
		this.#line = null;
		for (const call of line.calls.values()) call.abort();
		// A new address was opened in this tab meanwhile.
		const now = credential.read();
		if (now !== null && now !== line.shown) return this.connect();
		if (code === CLOSED_REFUSED) {
			credential.forget();
			this.#looks = 0;
			return onState('refused');
		}
		onState('lost');
		if (this.#looks >= MOST_LOOKS) return;
		const waitMs = LOOK_AGAIN_MS[Math.min(this.#looks, LOOK_AGAIN_MS.length - 1)] ?? 0;
		this.#looks++;
		after(waitMs, () => this.connect());
	}
}

function say({ socket }: Line, message: FromPage) {
	// The server ends what it waits for when the socket goes.
	if (socket.readyState === OPEN) socket.send(JSON.stringify(message));
}
