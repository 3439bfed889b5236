/**
 * The built site, reused while nothing it is made from has changed. Each build lies in a folder of its own, named by
 * its content, so that a server goes on with the build it was started with while another one is made.
 */
import {
	existsSync,
	mkdirSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync
} from 'node:fs';
import { alone } from './alone.mjs';
import { contentHash } from './content-hash.mjs';
import { run, say } from './setup.mjs';

const SITES = '.cache/sites';
/** A server may still run on a build that was used this recently. */
const KEPT_MS = 24 * 3600 * 1000;

/** What pocket and the generated data are made from. */
const DATA_SOURCES = [
	'pocket',
	'scripts/catalog.ts',
	'scripts/engine-imports.ts',
	'scripts/gpus.ts',
	'scripts/gpus.tsv',
	'packages/plan/src/models',
	'packages/plan/src/device',
	'package-lock.json'
];
const SITE_SOURCES = [
	...DATA_SOURCES,
	'packages/plan',
	'src',
	'static',
	'package.json',
	'svelte.config.js',
	'tsconfig.json',
	'vite.config.ts'
];

/** Builds pocket and the data the site is built from, unless they are there and nothing they are made from changed. */
export function prepareData() {
	alone('data', () => {
		const mark = `.cache/data/${contentHash(DATA_SOURCES)}`;
		if (existsSync(mark) && GENERATED.every((path) => existsSync(path))) return;
		say('Building the pocket model and the data the site is built from');
		run('npm', ['run', '--silent', 'prepare:data'], {}, { quiet: true });
		rmSync('.cache/data', { recursive: true, force: true });
		mkdirSync(mark, { recursive: true });
	});
}

const GENERATED = [
	'static/pocket',
	'packages/plan/src/models/generated/catalog.json',
	'packages/plan/src/models/generated/pocket.json',
	'packages/plan/src/models/generated/engine-imports.json',
	'packages/plan/src/device/generated/gpus.json'
];

/**
 * The folder of the site as built for a base path, such as `/headroom`; built first if there is none of this content.
 * Its `build` is what a static host serves.
 * @param {string} basePath
 * @returns {string}
 */
export function builtSite(basePath) {
	prepareData();
	return alone('site', () => {
		const folder = `${SITES}/${contentHash(SITE_SOURCES, basePath)}`;
		if (!existsSync(folder)) {
			say('Building the site');
			const making = `${SITES}/making`;
			rmSync(making, { recursive: true, force: true });
			const env = { BASE_PATH: basePath, BUILD_DIR: `${making}/build` };
			run('npx', ['vite', 'build'], env, { quiet: true });
			renameSync(making, folder);
		}
		const now = new Date();
		utimesSync(folder, now, now);
		for (const other of readdirSync(SITES))
			if (Date.now() - statSync(`${SITES}/${other}`).mtimeMs > KEPT_MS)
				rmSync(`${SITES}/${other}`, { recursive: true, force: true });
		return folder;
	});
}
