/**
 * What a fresh clone needs before anything else runs. Uses nothing but Node, so that it works before npm has
 * installed anything.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { alone } from './alone.mjs';

/** @param {string} text */
export const say = (text) => console.log(`\n▸ ${text}`);

/**
 * Runs a command and shows what it prints, or only once it has failed; then ends this process.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @param {{ quiet?: boolean }} [options]
 */
export function run(command, args, env = {}, { quiet = false } = {}) {
	const { status, error, stdout, stderr } = spawnSync(command, args, {
		stdio: quiet ? 'pipe' : 'inherit',
		env: { ...process.env, ...env },
		shell: process.platform === 'win32',
		maxBuffer: 64 * 2 ** 20
	});
	if (error) {
		console.error(`${command} could not be started: ${error.message}`);
		process.exit(1);
	}
	if (status === 0) return;
	if (quiet) {
		process.stdout.write(stdout);
		process.stderr.write(stderr);
	}
	process.exit(status ?? 1);
}

/** Installs the dependencies if there are none, or older ones than the lockfile's. */
export function installDependencies() {
	const installed = () =>
		existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync('package-lock.json').mtimeMs;
	if (installed()) return;
	alone('install', () => {
		// Another run may have done it while this one waited.
		if (installed()) return;
		say('Installing dependencies (npm ci)');
		run('npm', ['ci', '--no-audit', '--no-fund']);
	});
}

/** Written by npm when it has installed everything. */
const INSTALLED = 'node_modules/.package-lock.json';

const DEBIAN_CHROMIUM = '/usr/bin/chromium';

/**
 * Path of a Chromium: the one $CHROMIUM names, Debian's, or '' for Playwright's own. Where there is none it is
 * installed, if that was allowed; else this process ends and says how.
 */
export async function installChromium() {
	if (process.env.CHROMIUM) return process.env.CHROMIUM;
	if (existsSync(DEBIAN_CHROMIUM)) return DEBIAN_CHROMIUM;
	const { chromium } = await import('playwright');
	if (existsSync(chromium.executablePath())) return '';
	const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
	const debian = /^ID=debian$/m.test(release);
	const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
	const commands = debian
		? [
				[...sudo, 'apt-get', '-qq', 'update'],
				[...sudo, 'apt-get', '-qq', 'install', '-y', '--no-install-recommends', ...DEBIAN_PACKAGES]
			]
		: [['npx', 'playwright', 'install', '--with-deps', 'chromium']];
	await allowed('The tests need a Chromium, and this computer has none.', commands);
	for (const [command = '', ...args] of commands)
		run(command, args, { DEBIAN_FRONTEND: 'noninteractive' });
	return debian ? DEBIAN_CHROMIUM : '';
}

const DEBIAN_PACKAGES = ['chromium', 'fonts-liberation'];

/**
 * Returns where system packages may be installed: as root in CI, and where a person says so. Else says which commands
 * to run and ends this process.
 * @param {string} why
 * @param {string[][]} commands
 */
async function allowed(why, commands) {
	if (mayInstall()) return;
	const lines = commands.map((words) => `    ${words.join(' ')}`).join('\n');
	if (process.stdin.isTTY && process.stdout.isTTY) {
		const asking = createInterface({ input: process.stdin, output: process.stdout });
		const answer = await asking.question(`${why} Run this?\n${lines}\n[y/N] `);
		asking.close();
		if (/^y(es)?$/i.test(answer.trim())) return;
	}
	console.error(
		`${why} Install one, for example with:\n${lines}\nor set CHROMIUM to the path of one.`
	);
	process.exit(1);
}

/** A CI runner as root is thrown away afterwards: nobody has to be asked. */
export const mayInstall = () => Boolean(process.env.CI) && process.getuid?.() === 0;
