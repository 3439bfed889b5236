/**
 * The suite, in parts that can be run alone: `npm test -- unit e2e`. Ends with one line that counts what passed and
 * failed over all parts. With LONG=too (`npm run test:all`) nothing is left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync
} from 'node:fs';
import { relative } from 'node:path';
import { contentHash } from './content-hash.mjs';
import { freePort } from './free-port.mjs';
import { installChromium, installDependencies, say } from './setup.mjs';
import { builtSite, prepareData } from './site.mjs';

/** Below what path the end-to-end tests run the built site: what GitHub Pages serves lies below one, too. */
const BASE_PATH = '/headroom';
/** Of this run alone: another one may be under way in the same folder. */
const RESULTS = `.cache/test-results/${process.pid}`;
const RESULTS_KEPT_MS = 24 * 3600 * 1000;
const PASSED = '.cache/passed';
/** On two cores: one more than they are, for what waits for a disk or a child. */
const CALM_AT_ONCE = 3;

/**
 * `calm`: one core is all it needs, so that several run side by side, each printing when it is done; the longest begin.
 * `node`: it needs no browser.
 * `site`: it runs against the site as built for BASE_PATH. Vitest must not see that path: its own page lies at the root.
 * `dependsOn`: all it depends on beside the browser. It is left out where it passed with the same content, unless it is
 * asked for by name.
 * @type {Record<string, { what: string; command: string[]; report?: 'vitest' | 'playwright'; calm?: true; node?: true; site?: true; dependsOn?: string[] }>}
 */
const parts = {
	lint: {
		what: 'Linting',
		command: ['npm', 'run', '--silent', 'lint'],
		calm: true,
		node: true
	},
	browser: {
		what: 'Component and storage tests in Chromium',
		command: ['npx', 'vitest', 'run', '--project', 'browser'],
		report: 'vitest',
		calm: true
	},
	unit: {
		what: 'Unit tests in Node',
		command: ['npx', 'vitest', 'run', '--project', 'unit'],
		report: 'vitest',
		calm: true,
		node: true
	},
	check: {
		what: 'Checking types',
		command: ['npm', 'run', '--silent', 'check'],
		calm: true,
		node: true
	},
	pocket: {
		what: 'The pocket model: library, arithmetic, answers',
		command: ['npx', 'vitest', 'run', '--root', 'pocket', '--config', 'vitest.config.ts'],
		report: 'vitest',
		dependsOn: [
			'pocket',
			'src/lib/engine',
			'src/lib/quality',
			'scripts/browsers.mjs',
			'scripts/f16-adapter',
			'package-lock.json'
		]
	},
	e2e: {
		what: 'The built site, with the real engine',
		command: ['npx', 'playwright', 'test', '--project', 'e2e'],
		report: 'playwright',
		site: true
	},
	faults: {
		what: 'Faults let loose on the built site, and what became of them',
		command: ['npx', 'playwright', 'test', '--project', 'faults'],
		report: 'playwright',
		site: true
	},
	soak: {
		what: 'Many swaps in a row: nothing may grow',
		command: ['npx', 'playwright', 'test', '--project', 'soak'],
		report: 'playwright',
		site: true
	}
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
	console.error(
		`No such part: ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.`
	);
	process.exit(2);
}
const names = wanted.length > 0 ? wanted : Object.keys(parts);

installDependencies();
const chromium = await installChromium();
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, ...(chromium && { CHROMIUM: chromium }) };
delete env.BASE_PATH;

if (names.some((name) => name !== 'lint')) {
	prepareData();
	env.POCKET_BUILT = 'yes';
}
if (names.some((name) => parts[name]?.site)) {
	builtSite(BASE_PATH);
	env.PORT = String(await freePort());
	env.TRACES = `${RESULTS}/traces`;
}
if (names.some((name) => !parts[name]?.node)) {
	// Playwright is there only after the installation above.
	const { adapterFacts, adapterLine, wrongAdapter } = await import('./adapter.mjs');
	const facts = await adapterFacts(chromium || undefined);
	say(adapterLine(facts));
	const wrong = wrongAdapter(facts);
	if (wrong) {
		console.error(wrong);
		process.exit(1);
	}
}
for (const run of existsSync('.cache/test-results') ? readdirSync('.cache/test-results') : []) {
	const folder = `.cache/test-results/${run}`;
	if (Date.now() - statSync(folder).mtimeMs > RESULTS_KEPT_MS)
		rmSync(folder, { recursive: true, force: true });
}
mkdirSync(RESULTS, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const summary = [];
/** What passed only when it was tried again. @type {string[]} */
const again = [];
/** What failed: with parts side by side, and with a long print, it would have to be looked for. @type {string[]} */
const broken = [];
const calm = names.filter((name) => parts[name]?.calm);
const waiting = [...calm];
const atOnce = async () => {
	for (let name = waiting.shift(); name; name = waiting.shift()) await runPart(name, true);
};
await Promise.all(Array.from({ length: Math.min(CALM_AT_ONCE, calm.length) }, atOnce));
for (const name of names) if (!calm.includes(name)) await runPart(name, false);
console.log(`\n${summary.join('\n')}\n`);
for (const title of broken) console.log(`failed: ${title}`);
for (const title of again) console.log(`passed only the second time: ${title}`);
console.log(
	`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`
);
process.exit(total.failed > 0 ? 1 : 0);

/**
 * Runs a part and counts what it says. `held`: what it prints is shown when it is done.
 * @param {string} name
 * @param {boolean} held
 */
async function runPart(name, held) {
	const part = parts[name];
	if (!part) return;
	const passed = part.dependsOn && passedMark(name, part.dependsOn);
	if (passed && existsSync(passed) && wanted.length === 0) {
		const before = readFileSync(passed, 'utf8');
		summary.push(`${name.padEnd(8)} left out  ${before}, nothing it depends on has changed since`);
		return;
	}
	if (!held) say(part.what);
	const startMs = Date.now();
	const file = `${RESULTS}/${name}.json`;
	const child = spawn(
		part.command[0] ?? '',
		[...part.command.slice(1), ...reporter(part.report, file)],
		{
			stdio: held ? ['ignore', 'pipe', 'pipe'] : 'inherit',
			env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
		}
	);
	/** @type {Buffer[]} */
	const printed = [];
	for (const stream of [child.stdout, child.stderr])
		stream?.on('data', (chunk) => printed.push(chunk));
	const status = await new Promise((resolve) => {
		child.on('error', () => resolve(1));
		child.on('close', resolve);
	});
	if (held) {
		say(part.what);
		process.stdout.write(Buffer.concat(printed));
	}
	const counted = count(part.report, file, status === 0);
	again.push(...counted.again);
	broken.push(...counted.broken);
	total.passed += counted.passed;
	total.failed += counted.failed;
	total.skipped += counted.skipped;
	if (passed && counted.failed === 0) {
		mkdirSync(PASSED, { recursive: true });
		const day = new Date().toISOString().slice(0, 10);
		writeFileSync(passed, `${counted.passed} passed on ${day}`);
	}
	summary.push(
		`${name.padEnd(8)} ${counted.failed > 0 ? 'failed' : 'passed'}  ${counted.passed} passed, ${counted.failed} failed${
			counted.skipped > 0 ? `, ${counted.skipped} skipped` : ''
		}, ${Math.round((Date.now() - startMs) / 1000)} s`
	);
}

/**
 * The file that says that a part passed with the content it has now, in this browser.
 * @param {string} name
 * @param {string[]} paths
 */
function passedMark(name, paths) {
	const path = chromium || 'playwright';
	const browser = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? path;
	// What passed in a short run has not passed in a whole one.
	const run = process.env.LONG === 'too' ? `${name}-whole` : name;
	return `${PASSED}/${run}-${contentHash(paths, browser, { tests: true })}`;
}

/**
 * @param {'vitest' | 'playwright' | undefined} report
 * @param {string} file
 */
function reporter(report, file) {
	if (report === 'vitest')
		return ['--reporter=default', '--reporter=json', `--outputFile.json=${process.cwd()}/${file}`];
	if (report === 'playwright') return ['--reporter=list,json,./tests/faults/report.ts'];
	return [];
}

/**
 * Counts from a runner's own report; a part without one counts as one test. A runner that failed without a failed
 * test (it crashed, or found none) counts as a failure.
 * @param {'vitest' | 'playwright' | undefined} report
 * @param {string} file
 * @param {boolean} ok
 */
function count(report, file, ok) {
	const nothing = { passed: 0, failed: 0, skipped: 0, again: [], broken: [] };
	if (!report) return ok ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
	if (!existsSync(file)) return { ...nothing, failed: 1 };
	const json = JSON.parse(readFileSync(file, 'utf8'));
	const counted =
		report === 'vitest'
			? {
					passed: json.numPassedTests,
					failed: json.numFailedTests,
					skipped: json.numPendingTests + (json.numTodoTests ?? 0),
					again: complaints(json.testResults, 'passed'),
					broken: complaints(json.testResults, 'failed')
				}
			: {
					passed: json.stats.expected + json.stats.flaky,
					failed: json.stats.unexpected,
					skipped: json.stats.skipped,
					again: titles(json.suites, 'flaky'),
					broken: titles(json.suites, 'unexpected')
				};
	if (!ok && counted.failed === 0) counted.failed = 1;
	if (counted.passed + counted.failed + counted.skipped === 0) counted.failed = 1;
	return counted;
}

/**
 * @typedef {{ title: string, tests: { status: string }[] }} Spec
 * @typedef {{ suites?: Suite[], specs?: Spec[] }} Suite
 */

/**
 * Titles of the tests that ended so: 'flaky' is what passed only after it had failed.
 * @param {Suite[]} suites
 * @param {'flaky' | 'unexpected'} ended
 * @returns {string[]}
 */
function titles(suites, ended) {
	return suites.flatMap(({ suites = [], specs = [] }) => [
		...specs
			.filter(({ tests }) => tests.some(({ status }) => status === ended))
			.map(({ title }) => title),
		...titles(suites, ended)
	]);
}

/**
 * File, title and the first line of what was wrong: of the tests that failed, or of those that passed after it. A file
 * that could not be read has no tests.
 * @param {{ name: string, status: string, message?: string, assertionResults: { status: string, title: string, failureMessages?: string[] }[] }[]} files
 * @param {'passed' | 'failed'} ended
 * @returns {string[]}
 */
function complaints(files, ended) {
	return files.flatMap(({ name, status, message, assertionResults }) => {
		const file = relative(process.cwd(), name);
		if (assertionResults.length === 0 && status === ended && message)
			return [`${file}: ${firstLine(message)}`];
		return assertionResults
			.filter((test) => test.status === ended && (test.failureMessages ?? []).length > 0)
			.map(({ title, failureMessages }) => `${file}: ${title}: ${firstLine(failureMessages?.[0])}`);
	});
}

/** @param {string | undefined} text */
function firstLine(text = '') {
	return text.split('\n', 1)[0] ?? '';
}
