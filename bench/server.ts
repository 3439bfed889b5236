import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.wasm': 'application/wasm',
	'.webmanifest': 'application/manifest+json'
};

export interface Mount {
	/** "/headroom/" */
	prefix: string;
	folder: string;
}

/** What is served beside the files: answers true when it has answered. */
export type Extra = (path: string, response: ServerResponse) => boolean;

/** Serves folders on one origin, so that pages below different prefixes share caches and databases. */
export async function serve(mounts: Mount[], extra: Extra) {
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url ?? '/', 'http://local');
		const path = decodeURIComponent(pathname);
		response.setHeader('access-control-allow-origin', '*');
		if (extra(path, response)) return;
		const file = mounts
			.filter(({ prefix }) => path.startsWith(prefix))
			.map(({ prefix, folder }) => join(folder, normalize(path.slice(prefix.length))))
			.map((file) =>
				existsSync(file) && statSync(file).isDirectory() ? join(file, 'index.html') : file
			)
			.flatMap((file) => [file, `${file}.html`])
			.find((file) => existsSync(file));
		if (!file) {
			response.writeHead(404).end();
			return;
		}
		response.writeHead(200, {
			'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
			'content-length': statSync(file).size,
			'cache-control': 'no-cache'
		});
		createReadStream(file).pipe(response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		close: () => {
			server.closeAllConnections();
			server.close();
		}
	};
}
