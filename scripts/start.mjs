/**
 * `npm start`: installs and builds what is missing, serves the site and prints its address. PORT names the port; else
 * the first free one from 4173 on is taken.
 *
 *   node scripts/start.mjs [--base /headroom] [--host 127.0.0.1]    the site as built for a path below the root
 */
import { parseArgs } from 'node:util';
import { freePort } from './free-port.mjs';
import { installDependencies } from './setup.mjs';
import { builtSite } from './site.mjs';

const FIRST_PORT = 4173;
/** Between two free ports being found and taken, another program may have come. */
const MOST_TRIES = 5;

const { base, host } = parseArgs({
	options: {
		base: { type: 'string', default: '' },
		host: { type: 'string', default: 'localhost' }
	}
}).values;
const wanted = process.env.PORT ? Number(process.env.PORT) : null;
if (wanted !== null && !(Number.isInteger(wanted) && wanted > 0 && wanted < 65536)) {
	console.error(`PORT must be a number from 1 to 65535, not "${process.env.PORT}".`);
	process.exit(2);
}

installDependencies();
const folder = builtSite(base);
process.env.BASE_PATH = base;
process.env.KIT_DIR = `${folder}/kit`;
const { preview } = await import('vite');

const { server, port } = await serve();
console.log(`\n▸ Headroom is at http://${host}:${port}${base}/ (Ctrl+C ends it)`);

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
	process.on(signal, () => {
		// Connections that a browser keeps open would hold the process.
		server.httpServer.close();
		process.exit(0);
	});
// npm may be killed by what it cannot pass on; a server nobody can end by Ctrl+C must not stay.
const parent = process.ppid;
setInterval(() => {
	if (process.ppid !== parent) process.exit(0);
}, 500).unref();

async function serve() {
	for (let tries = 1; ; tries++) {
		const port = wanted ?? (await freePort(FIRST_PORT));
		try {
			const server = await preview({
				preview: { host, port, strictPort: true },
				logLevel: 'error'
			});
			return { server, port };
		} catch (error) {
			const taken = error instanceof Error && /already in use|EADDRINUSE/.test(error.message);
			if (!taken) throw error;
			if (wanted === null && tries < MOST_TRIES) continue;
			console.error(
				`Port ${port} is taken by another program. Choose another one, for example: PORT=${port + 1} npm start`
			);
			process.exit(1);
		}
	}
}
