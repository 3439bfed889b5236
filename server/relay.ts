import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import {
	CLOSED_MALFORMED,
	CLOSED_REFUSED,
	fromPageSchema,
	parseMessage,
	RELAY_PROTOCOL,
	type FromPage,
	type ToPage
} from '../src/lib/api/relay-protocol.ts';
import { HttpError } from './api-error.ts';
import { same } from './guard.ts';

/** Far above the longest answer; what a page says may not fill the memory. */
const MAX_MESSAGE_BYTES = 32 * 2 ** 20;
/** Tabs that were connected once and may come back by their key. */
const MOST_KEYS = 100;

export const newSecret = (): string => randomBytes(32).toString('hex');

interface Waiting {
	page: Page;
	onPiece: (value: unknown) => void;
	onEvent: (name: string, value: unknown) => void;
	resolve: (value: unknown) => void;
	reject: (error: HttpError) => void;
}

interface Page {
	readonly socket: WebSocket;
	/** A model is loaded in it. */
	holds: boolean;
}

export interface Asked {
	signal: AbortSignal;
	/** Whoever asks is on this computer, and no page of a browser. */
	near: boolean;
	onPiece?: (value: unknown) => void;
}

/** The pages that were opened by the addresses of this server, and what they are asked. */
export class Relay {
	/** Opens one page; another one takes its place then. */
	#secret = newSecret();
	readonly #keys: string[] = [];
	/** The one that was connected last comes last. */
	readonly #pages: Page[] = [];
	readonly #waiting = new Map<number, Waiting>();
	#nextId = 1;
	readonly #server = new WebSocketServer({
		noServer: true,
		maxPayload: MAX_MESSAGE_BYTES,
		perMessageDeflate: false,
		handleProtocols: () => RELAY_PROTOCOL
	});
	readonly #noPage: (near: boolean) => HttpError;
	readonly #changed: (pages: number) => void;

	/**
	 * `noPage`: what a program is told while there is none, `near` where it may know the secret. `changed`: pages came or
	 * went.
	 */
	constructor(noPage: (near: boolean) => HttpError, changed: (pages: number) => void = () => {}) {
		this.#noPage = noPage;
		this.#changed = changed;
	}

	/** For the next page that is opened, once. */
	get secret(): string {
		return this.#secret;
	}

	get pages(): number {
		return this.#pages.length;
	}

	/** Takes a WebSocket whose origin was checked. One without the secret or a key is told so, and closed. */
	accept(request: IncomingMessage, socket: Duplex, head: Buffer) {
		const [protocol, shown = ''] = (request.headers['sec-websocket-protocol'] ?? '')
			.split(',')
			.map((each) => each.trim());
		this.#server.handleUpgrade(request, socket, head, (made) => {
			made.on('error', () => made.terminate());
			const key = protocol === RELAY_PROTOCOL ? this.#keyFor(shown) : null;
			if (key === null) return made.close(CLOSED_REFUSED, 'Not an address of this server.');
			this.#connect(made, key);
		});
	}

	#keyFor(shown: string): string | null {
		if (this.#keys.some((key) => same(key, shown))) return shown;
		if (!same(this.#secret, shown)) return null;
		this.#secret = newSecret();
		const key = newSecret();
		this.#keys.push(key);
		this.#keys.splice(0, this.#keys.length - MOST_KEYS);
		return key;
	}

	#connect(socket: WebSocket, key: string) {
		const page: Page = { socket, holds: false };
		this.#pages.push(page);
		socket.on('message', (data: Buffer, binary) => {
			const message = binary ? null : parseMessage(fromPageSchema, data.toString());
			if (message === null) return socket.close(CLOSED_MALFORMED, 'Not a message.');
			this.#heard(page, message);
		});
		socket.on('close', () => {
			this.#pages.splice(this.#pages.indexOf(page), 1);
			for (const [id, waiting] of this.#waiting)
				if (waiting.page === page) {
					this.#waiting.delete(id);
					waiting.reject(
						HttpError.of('page_gone', 'The page was closed or reloaded before it had answered.')
					);
				}
			this.#changed(this.#pages.length);
		});
		this.#say(page, { type: 'welcome', key });
		this.#changed(this.#pages.length);
	}

	#heard(page: Page, message: FromPage) {
		if (message.type === 'holds') {
			page.holds = message.holds;
			return;
		}
		const waiting = this.#waiting.get(message.id);
		// A page answers for itself alone, and what was given up is not waited for.
		if (waiting?.page !== page) return;
		if (message.type === 'piece') return waiting.onPiece(message.value);
		if (message.type === 'event') return waiting.onEvent(message.name, message.value);
		this.#waiting.delete(message.id);
		if (message.type === 'done') waiting.resolve(message.value);
		else waiting.reject(new HttpError(message.error));
	}

	#say({ socket }: Page, message: ToPage) {
		socket.send(JSON.stringify(message));
	}

	/** Asks the page that holds a model, else the one that was opened last. Rejects with an HttpError. */
	call(name: string, input: unknown, { onPiece = () => {}, ...asked }: Asked): Promise<unknown> {
		return this.#ask((id) => ({ type: 'call', id, name, input }), asked, {
			onPiece,
			onEvent: () => {}
		});
	}

	/** Rejects when the page is gone or the signal is aborted; until then it tells of events. */
	listen(
		onEvent: (name: string, value: unknown) => void,
		asked: Omit<Asked, 'onPiece'>
	): Promise<unknown> {
		return this.#ask((id) => ({ type: 'listen', id }), asked, { onPiece: () => {}, onEvent });
	}

	#ask(
		message: (id: number) => ToPage,
		{ signal, near }: Omit<Asked, 'onPiece'>,
		tell: Pick<Waiting, 'onPiece' | 'onEvent'>
	): Promise<unknown> {
		const page = this.#pages.findLast(({ holds }) => holds) ?? this.#pages.at(-1);
		if (!page) return Promise.reject(this.#noPage(near));
		const id = this.#nextId++;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { page, ...tell, resolve, reject });
			const abort = () => {
				if (this.#waiting.delete(id)) this.#say(page, { type: 'abort', id });
				reject(new HttpError(CANCELLED));
			};
			if (signal.aborted) return abort();
			signal.addEventListener('abort', abort, { once: true });
			this.#say(page, message(id));
		});
	}

	end() {
		for (const { socket } of this.#pages) socket.close(1001, 'The server ends.');
		this.#server.close();
	}
}

const CANCELLED = {
	message: 'The program gave it up.',
	type: 'server_error',
	code: 'cancelled',
	param: null
};
