import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';

/** Path under which tests in the browser find their own file host. */
export const HOST_PATH = '/__host/';

/** What a test can have the host do for the next request of a file, in place of sending it. */
export type Order =
	| { status: number; headers?: Record<string, string> }
	/** Announce the whole length, send so many bytes, break off. */
	| { breakAfter: number }
	/** Announce and send so many bytes only. */
	| { cutTo: number }
	| { flip: number }
	| { delayMs: number };

interface Hosted {
	body: Buffer;
	orders: Order[];
	asked: number;
}

/** A file host within Vite's server: `PUT` a file, `POST` orders for it, `GET` it; `GET ?stats` tells what was asked. */
export function fileHost(): Plugin {
	const files = new Map<string, Hosted>();
	const busy = { now: 0, most: 0 };

	async function answer(request: IncomingMessage, response: ServerResponse) {
		const url = new URL(request.url ?? '', 'http://host');
		const file = files.get(url.pathname);
		if (request.method === 'PUT') {
			files.set(url.pathname, { body: await bodyOf(request), orders: [], asked: 0 });
			return void response.writeHead(204).end();
		}
		if (request.method === 'POST') {
			const orders = JSON.parse((await bodyOf(request)).toString()) as Order[];
			file?.orders.push(...orders);
			return void response.writeHead(file ? 204 : 404).end();
		}
		if (url.searchParams.has('stats')) {
			const asked = [...files]
				.filter(([path]) => path.startsWith(url.pathname))
				.map(([path, { asked }]) => [path.slice(url.pathname.length), asked] as const);
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ asked: Object.fromEntries(asked), most: busy.most }));
			busy.most = 0;
			return;
		}
		if (!file) return void response.writeHead(404).end('no such file');
		file.asked++;
		busy.most = Math.max(busy.most, ++busy.now);
		response.on('close', () => busy.now--);
		await send(file, response);
	}

	return {
		name: 'file-host',
		configureServer({ middlewares }) {
			middlewares.use((request, response, next) => {
				if (request.url?.startsWith(HOST_PATH)) void answer(request, response);
				else next();
			});
		}
	};
}

async function send({ body, orders }: Hosted, response: ServerResponse) {
	const order = orders.shift();
	if (order && 'status' in order)
		return void response.writeHead(order.status, order.headers).end('refused');
	if (order && 'delayMs' in order)
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, order.delayMs);
			response.on('close', () => {
				clearTimeout(timer);
				resolve();
			});
		});
	let sent = body;
	if (order && 'cutTo' in order) sent = body.subarray(0, order.cutTo);
	if (order && 'flip' in order) {
		sent = Buffer.from(body);
		sent[order.flip] = (sent[order.flip] ?? 0) ^ 0xff;
	}
	response.writeHead(200, {
		'content-length': sent.length,
		'content-type': 'application/octet-stream'
	});
	if (order && 'breakAfter' in order)
		return void response.write(body.subarray(0, order.breakAfter), () => response.destroy());
	response.end(sent);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}
