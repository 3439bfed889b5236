/**
 * `npm start`: installs and builds what is missing, serves the site and prints its address. PORT names the port; else
 * the first free one from 4173 on is taken.
 *
 *   node scripts/start.mjs [--base /headroom] [--host 127.0.0.1]    the site as built for a path below the root
 *   node scripts/start.mjs --plain                       without headers of its own, as GitHub Pages serves it
 *   node scripts/start.mjs --api [--origin https://…]    programs are answered too, by the page that is opened by the
 *     address it prints; the pages of --origin may ask as well. HEADROOM_TOKEN sets the token; else a new one is made.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.mjs';
import { installDependencies } from './setup.mjs';
import { builtSite } from './site.mjs';

const FIRST_PORT = 4173;
/** Between two free ports being found and taken, another program may have come. */
const MOST_TRIES = 5;
const LEAST_TOKEN_CHARS = 16;

const { base, host, plain, api, origin } = parseArgs({
	options: {
		base: { type: 'string', default: '' },
		host: { type: 'string', default: 'localhost' },
		plain: { type: 'boolean', default: false },
		api: { type: 'boolean', default: false },
		origin: { type: 'string', multiple: true, default: [] }
	}
}).values;
const wanted = process.env.PORT ? Number(process.env.PORT) : null;
if (wanted !== null && !(Number.isInteger(wanted) && wanted > 0 && wanted < 65536))
	stop(`PORT must be a number from 1 to 65535, not "${process.env.PORT}".`);

for (const each of origin)
	if (!URL.canParse(each) || new URL(each).origin !== each)
		stop(`--origin must be an origin such as https://editor.example, not "${each}".`);
const token = process.env.HEADROOM_TOKEN || randomBytes(32).toString('hex');
if (!/^[!-~]+$/.test(token) || token.length < LEAST_TOKEN_CHARS)
	stop(`HEADROOM_TOKEN must have at least ${LEAST_TOKEN_CHARS} characters, without spaces.`);

installDependencies();
const folder = builtSite(base);
const { tsImport } = await import('tsx/esm/api');
/** @type {typeof import('../server/serve.ts')} */
const { serve } = await tsImport('../server/serve.ts', import.meta.url);
/** @type {typeof import('../server/guard.ts')} */
const { isLoopback } = await tsImport('../server/guard.ts', import.meta.url);

const served = await start();
console.log(`\n▸ Headroom is at ${served.origin}${base}/ (Ctrl+C ends it)`);
if (api) tellPrograms();

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
	process.on(signal, () => {
		served.end();
		process.exit(0);
	});
// npm may be killed by what it cannot pass on; a server nobody can end by Ctrl+C must not stay.
const parent = process.ppid;
setInterval(() => {
	if (process.ppid !== parent) process.exit(0);
}, 500).unref();

function tellPrograms() {
	console.log(`
▸ Programs ask it as a server of OpenAI's kind. The token is shown once:
    OPENAI_BASE_URL=${served.origin}/v1
    OPENAI_API_KEY=${process.env.HEADROOM_TOKEN ? '(as HEADROOM_TOKEN says)' : token}
▸ A page answers them. Open it in Chrome by this address, which works once:
    ${served.addressToOpen()}`);
	if (!isLoopback(host))
		console.log(
			'▸ It listens beyond this computer: whoever has the token can ask from there. Nothing is encrypted.'
		);
}

/** @param {number} pages */
function pagesChanged(pages) {
	if (pages > 0) console.log('▸ A page is connected and answers programs.');
	else
		console.log(
			`▸ No page answers programs any more. Open it by this address:\n    ${served.addressToOpen()}`
		);
}

async function start() {
	for (let tries = 1; ; tries++) {
		const port = wanted ?? (await freePort(FIRST_PORT));
		try {
			return await serve({
				folder: `${folder}/build`,
				base,
				plain,
				host,
				port,
				api: api ? { token, origins: origin, pagesChanged } : null
			});
		} catch (error) {
			const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
			if (!taken) throw error;
			if (wanted === null && tries < MOST_TRIES) continue;
			console.error(
				`Port ${port} is taken by another program. Choose another one, for example: PORT=${port + 1} npm start`
			);
			process.exit(1);
		}
	}
}

/**
 * @param {string} why
 * @returns {never}
 */
function stop(why) {
	console.error(why);
	process.exit(2);
}
