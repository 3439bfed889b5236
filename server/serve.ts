import { createServer, type Server } from 'node:http';
import { RELAY_PATH } from '../src/lib/api/relay-protocol.ts';
import { SECRET_HASH } from '../src/lib/api/relay-secret.ts';
import { Api } from './api.ts';
import { HttpError } from './api-error.ts';
import { hostAllowed, ownOrigin } from './guard.ts';
import { Relay } from './relay.ts';
import { site, type SiteOptions } from './site.ts';

/** Time for a request to have come, body included: a client that sends slower holds memory for nothing. */
const REQUEST_LIMIT_MS = 60_000;

export interface ServeOptions extends SiteOptions {
	host: string;
	port: number;
	/** null: the site alone. */
	api: ApiSettings | null;
}

export interface ApiSettings {
	token: string;
	/** Other sites whose pages may ask. */
	origins: readonly string[];
	/** The number of pages that answer has changed. */
	pagesChanged?: (pages: number) => void;
}

export interface Served {
	server: Server;
	port: number;
	/** Where this computer's browser finds it, without a path. */
	origin: string;
	/** To be opened in the browser, once; null: the server answers no programs. */
	addressToOpen: () => string | null;
	end: () => void;
}

/** Serves the site and, if asked to, answers programs by a page that it opened. Rejects where the port is taken. */
export async function serve({ host, port, api, ...rest }: ServeOptions): Promise<Served> {
	const { base } = rest;
	const answerSite = site(rest);
	let listening = port;
	const origin = () => `http://${nameOf(host)}:${listening}`;
	const addressToOpen = (): string | null =>
		relay && `${origin()}${base}/api${SECRET_HASH}${relay.secret}`;
	const relay: Relay | null =
		api &&
		new Relay(
			(near) =>
				HttpError.of(
					'no_page',
					near
						? `No page is open that could answer. Open this address in Chrome, on this computer: ${addressToOpen()}`
						: 'No page is open that could answer. Open the address that the server printed.'
				),
			api.pagesChanged
		);
	const programs = api && relay && new Api({ relay, token: api.token, host, origins: api.origins });

	const server = createServer({ requestTimeout: REQUEST_LIMIT_MS }, (request, response) => {
		const [pathname = '/'] = (request.url ?? '/').split('?');
		if (programs?.has(pathname)) return void programs.answer(request, response);
		// Without programs there is nothing here but files that anybody may read.
		if (programs && !hostAllowed(request.headers.host, host)) {
			response
				.writeHead(403, { 'content-type': 'text/plain' })
				.end('Not the name of this server.\n');
			return;
		}
		answerSite(request, response);
	});
	// A large body is refused before it is sent.
	server.on('checkContinue', (request, response) => {
		const [pathname = '/'] = (request.url ?? '/').split('?');
		if (programs?.has(pathname)) void programs.answer(request, response);
		else response.writeHead(405).end();
	});
	server.on('upgrade', (request, socket, head) => {
		// Nobody else listens here any more: a client that resets its connection would end the server.
		socket.on('error', () => socket.destroy());
		const { url, headers } = request;
		const mine =
			relay !== null &&
			url === `${base}${RELAY_PATH}` &&
			hostAllowed(headers.host, host) &&
			headers.origin === ownOrigin(request);
		if (mine) relay.accept(request, socket, head);
		else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n', () => socket.destroy());
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
	const address = server.address();
	if (typeof address === 'object' && address) listening = address.port;
	return {
		server,
		port: listening,
		origin: origin(),
		addressToOpen,
		end: () => {
			relay?.end();
			server.close();
			server.closeAllConnections();
		}
	};
}

/** Of every address of this computer, the one at which browsers offer WebGPU without https. */
function nameOf(host: string): string {
	if (host === '0.0.0.0' || host === '::') return 'localhost';
	return host.includes(':') ? `[${host}]` : host;
}
