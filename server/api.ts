import type { IncomingMessage, ServerResponse } from 'node:http';
import { openapi } from '../src/lib/api/openapi.ts';
import {
	EVENTS_PATH,
	HEALTH_PATHS,
	inputOf,
	MODEL_PATH,
	OPENAPI_PATH,
	ROUTES,
	type Route
} from '../src/lib/api/routes.ts';
import type { Output } from '../src/lib/api/schemas.ts';
import { HttpError } from './api-error.ts';
import { jsonBody, overrun } from './body.ts';
import { hostAllowed, isNear, ownOrigin, same, tokenIn } from './guard.ts';
import type { Asked, Relay } from './relay.ts';

/** Of all programs together; what the page does one after another, it bounds by itself. */
const MOST_AT_ONCE = 256;
/** What a program has not read of an answer. Beyond it the answer is given up: it would fill the memory. */
const MAX_UNREAD_BYTES = 4 * 2 ** 20;

export interface ApiOptions {
	relay: Relay;
	token: string;
	/** What the server listens on. */
	host: string;
	/** Other sites whose pages may ask. */
	origins: readonly string[];
}

type Asker = Omit<Asked, 'onPiece'>;

const PATHS: readonly string[] = [
	...ROUTES.map(({ path }) => path),
	...HEALTH_PATHS,
	EVENTS_PATH,
	OPENAPI_PATH
];

/** The interface for programs over HTTP. Knows nothing of models: everything but the way there is the page's. */
export class Api {
	readonly #options: ApiOptions;
	#running = 0;

	constructor(options: ApiOptions) {
		this.#options = options;
	}

	/** Whether a path is for programs; all others are the site's. */
	has(pathname: string): boolean {
		return PATHS.includes(pathname) || /^\/(?:v1|api)\//.test(pathname);
	}

	async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const gone = new AbortController();
		response.on('close', () => gone.abort());
		response.setHeader('x-content-type-options', 'nosniff');
		response.setHeader('cache-control', 'no-store');
		try {
			if (this.#admit(request, response)) await this.#serve(request, response, gone.signal);
		} catch (thrown) {
			if (gone.signal.aborted) return;
			fail(request, response, thrown);
		}
	}

	/** False: it was a preflight, and is answered. Throws an HttpError. */
	#admit(request: IncomingMessage, response: ServerResponse): boolean {
		const { host, origins, token } = this.#options;
		const { origin } = request.headers;
		if (!hostAllowed(request.headers.host, host))
			throw HttpError.of(
				'foreign_host',
				`This server answers at ${host}, not at “${String(request.headers.host).slice(0, 100)}”.`
			);
		if (origin !== undefined && origin !== ownOrigin(request)) {
			if (!origins.includes(origin))
				throw HttpError.of(
					'foreign_origin',
					`Pages of ${origin.slice(0, 100)} may not ask. Start with --origin ${origin.slice(0, 100)} to let them.`
				);
			response.setHeader('access-control-allow-origin', origin);
			response.setHeader('vary', 'Origin');
			if (request.method === 'OPTIONS') {
				preflight(request, response);
				return false;
			}
		}
		const { pathname } = urlOf(request);
		if (HEALTH_PATHS.includes(pathname)) return true;
		const shown = tokenIn(request);
		if (shown === null || !same(shown, token))
			throw HttpError.of(
				'invalid_api_key',
				`${shown === null ? 'Expected' : 'That is not'} the token that was printed when the server started, as “Authorization: Bearer …”.`
			);
		return true;
	}

	async #serve(request: IncomingMessage, response: ServerResponse, signal: AbortSignal) {
		const { pathname, searchParams } = urlOf(request);
		const method = request.method === 'HEAD' ? 'GET' : request.method;
		if (HEALTH_PATHS.includes(pathname)) {
			only('GET', method);
			const page = this.#options.relay.pages > 0 ? 'open' : 'none';
			return send(response, 200, JSON.stringify({ status: 'ok', page }));
		}
		if (pathname === OPENAPI_PATH) {
			only('GET', method);
			return send(response, 200, JSON.stringify(openapi(ownOrigin(request))));
		}
		if (pathname === EVENTS_PATH) {
			only('GET', method);
			return this.#events(response, { signal, near: isNear(request) });
		}
		const asked = { signal, near: isNear(request) };
		const model = modelIn(pathname);
		if (model !== null) {
			only('GET', method);
			return this.#bounded(() => this.#model(model, response, asked));
		}
		const routes = ROUTES.filter(({ path }) => path === pathname);
		if (routes.length === 0)
			throw HttpError.of('unknown_path', `There is no ${pathname}. See ${OPENAPI_PATH}.`);
		const route = routes.find((each) => each.method === method);
		if (!route) return only(routes.map((each) => each.method).join(' or '), method);
		await this.#bounded(async () => {
			const input =
				route.method === 'GET' ? inputOf(searchParams) : await jsonBody(request, response);
			await this.#call(route, input, response, asked);
		});
	}

	async #bounded(work: () => Promise<void>) {
		if (this.#running >= MOST_AT_ONCE)
			throw HttpError.of(
				'too_many_requests',
				`${MOST_AT_ONCE} requests are being answered already. Ask again when one was.`
			);
		this.#running++;
		try {
			await work();
		} finally {
			this.#running--;
		}
	}

	async #call({ call }: Route, input: unknown, response: ServerResponse, asked: Asker) {
		const { relay } = this.#options;
		const streamed = (call === 'chat' || call === 'generate') && wantsStream(input);
		if (!streamed) return send(response, 200, JSON.stringify(await relay.call(call, input, asked)));
		const slow = new AbortController();
		await relay.call(call, input, {
			...asked,
			signal: AbortSignal.any([asked.signal, slow.signal]),
			onPiece: (piece) => {
				beginStream(response);
				response.write(`data: ${JSON.stringify(piece)}\n\n`);
				if (response.writableLength <= MAX_UNREAD_BYTES) return;
				slow.abort();
				response.destroy();
			}
		});
		beginStream(response);
		response.end('data: [DONE]\n\n');
	}

	/** As the page lists it: that nobody has this name is known only there. */
	async #model(name: string, response: ServerResponse, asked: Asker) {
		const { data } = (await this.#options.relay.call('models', {}, asked)) as Output<'models'>;
		const found = data.find(({ id }) => id === name);
		if (!found)
			throw HttpError.of(
				'unknown_model',
				`There is no model “${name.slice(0, 100)}”. GET /v1/models lists them.`
			);
		return send(response, 200, JSON.stringify(found));
	}

	async #events(response: ServerResponse, asked: Asker) {
		const listening = this.#options.relay.listen((name, value) => {
			response.write(`event: ${name.replace(/\s/g, '')}\ndata: ${JSON.stringify(value)}\n\n`);
			if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
		}, asked);
		if (this.#options.relay.pages > 0) beginStream(response);
		await listening;
	}
}

const wantsStream = (input: unknown): boolean =>
	typeof input === 'object' && input !== null && 'stream' in input && input.stream === true;

/** The name in a path of one model; null: it is another path. */
function modelIn(pathname: string): string | null {
	const [before = ''] = MODEL_PATH.split('{');
	if (!pathname.startsWith(before)) return null;
	try {
		return decodeURIComponent(pathname.slice(before.length));
	} catch {
		throw HttpError.of('unknown_path', `There is no ${pathname}. See ${OPENAPI_PATH}.`);
	}
}

/** Of a path and query alone: what a client sends as a host is checked apart. */
const urlOf = ({ url }: IncomingMessage): URL => {
	try {
		return new URL(url ?? '/', 'http://local');
	} catch {
		throw HttpError.of('unknown_path', `There is no such path. See ${OPENAPI_PATH}.`);
	}
};

function only(allowed: string, method: string | undefined) {
	if (method !== allowed)
		throw HttpError.of('method_not_allowed', `Expected ${allowed}, found ${method}.`);
}

function send(response: ServerResponse, status: number, body: string) {
	response.writeHead(status, {
		'content-type': 'application/json; charset=utf-8',
		'content-length': Buffer.byteLength(body)
	});
	response.end(body);
}

/** Only once there is something to stream: what fails before is told by its status. */
function beginStream(response: ServerResponse) {
	if (response.headersSent) return;
	response.writeHead(200, {
		'content-type': 'text/event-stream; charset=utf-8',
		'x-accel-buffering': 'no'
	});
	response.flushHeaders();
}

function fail(request: IncomingMessage, response: ServerResponse, thrown: unknown) {
	const error =
		thrown instanceof HttpError
			? thrown
			: HttpError.of('server_failed', 'The server failed at this request.');
	if (response.headersSent) {
		// Half an answer must not look like a whole one: it ends with the error, and without [DONE].
		response.end(`data: ${error.body}\n\n`);
		return;
	}
	for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
	overrun(request);
	send(response, error.status, error.body);
}

function preflight(request: IncomingMessage, response: ServerResponse) {
	response.writeHead(204, {
		'access-control-allow-methods': 'GET, POST',
		'access-control-allow-headers':
			request.headers['access-control-request-headers'] ?? 'authorization, content-type',
		'access-control-max-age': '600',
		...(request.headers['access-control-request-private-network'] && {
			'access-control-allow-private-network': 'true'
		})
	});
	response.end();
}
