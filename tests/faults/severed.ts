import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from '../support/hosts.ts';

/** The connection breaks after a part of the file: the length is promised and not kept. */
export const severed =
	(ratio: number): Fault =>
	async (route, real) => {
		const body = await real();
		const server = createServer((_, response) => {
			response.writeHead(200, {
				'content-length': body.length,
				'access-control-allow-origin': '*'
			});
			response.write(body.subarray(0, Math.floor(body.length * ratio)), () =>
				setTimeout(() => response.destroy(), 20)
			);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		server.unref();
		const { port } = server.address() as AddressInfo;
		await route.continue({ url: `http://127.0.0.1:${port}/` });
	};
