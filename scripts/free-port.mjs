import { createServer } from 'node:net';

/**
 * A port nobody listens on, on any address of this computer: the first free one from `first` on, or any for 0.
 * Another program may take it before its user does.
 * @param {number} [first]
 * @returns {Promise<number>}
 */
export async function freePort(first = 0) {
	for (let port = first; port < first + MOST_TRIED; port++) {
		const found = await listening(port);
		if (found !== null) return found;
	}
	throw new Error(`No port from ${first} to ${first + MOST_TRIED - 1} is free.`);
}

const MOST_TRIED = 100;

/**
 * The port that could be listened on, or null where it is taken.
 * @param {number} port
 * @returns {Promise<number | null>}
 */
function listening(port) {
	const server = createServer();
	return new Promise((resolve, reject) => {
		server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
			if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
			else reject(error);
		});
		// Without a host it listens on every address, so one that is taken on any of them is found.
		server.listen(port, () => {
			const address = server.address();
			const number = typeof address === 'object' && address ? address.port : port;
			server.close(() => resolve(number));
		});
	});
}
