/**
 * What a fresh clone needs before anything else runs. Uses nothing but Node, so that it works before npm has
 * installed anything.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

/** @param {string} text */
export const say = (text) => console.log(`\n▸ ${text}`);

/**
 * Runs a command and shows what it prints; ends this process when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function run(command, args, env = {}) {
	const { status, error } = spawnSync(command, args, {
		stdio: 'inherit',
		env: { ...process.env, ...env },
		shell: process.platform === 'win32'
	});
	if (error) {
		console.error(`${command} could not be started: ${error.message}`);
		process.exit(1);
	}
	if (status !== 0) process.exit(status ?? 1);
}

/** Installs the dependencies if there are none, or older ones than the lockfile's. */
export function installDependencies() {
	const mark = 'node_modules/.package-lock.json';
	if (existsSync(mark) && statSync(mark).mtimeMs >= statSync('package-lock.json').mtimeMs) return;
	say('Installing dependencies (npm ci)');
	run('npm', ['ci', '--no-audit', '--no-fund']);
}

const DEBIAN_CHROMIUM = '/usr/bin/chromium';

/** Path of a Chromium, installed if there is none: Debian's package where there is one, else Playwright's own. */
export function installChromium() {
	if (process.env.CHROMIUM) return process.env.CHROMIUM;
	if (existsSync(DEBIAN_CHROMIUM)) return DEBIAN_CHROMIUM;
	const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
	if (/^ID=debian$/m.test(release)) {
		say('Installing the Debian package chromium');
		const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
		const apt = (/** @type {string[]} */ args) => {
			const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', '-qq', ...args];
			run(command, rest, { DEBIAN_FRONTEND: 'noninteractive' });
		};
		apt(['update']);
		apt(['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']);
		return DEBIAN_CHROMIUM;
	}
	say("Installing Playwright's Chromium");
	run('npx', ['playwright', 'install', '--with-deps', 'chromium']);
	return '';
}
