import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './free-port.mjs';

async function listening(host?: string) {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	return { server, port: (server.address() as AddressInfo).port };
}

test('a port that is taken on any address is passed over', async () => {
	for (const host of [undefined, '127.0.0.1']) {
		const { server, port } = await listening(host);
		try {
			expect(await freePort(port)).toBeGreaterThan(port);
		} finally {
			server.close();
		}
	}
});

test('without a first one any free port is found', async () => {
	expect(await freePort()).toBeGreaterThan(0);
});
