/**
 * How much the tests notice: changes a constant, a comparison, a guard or an await of the pure and stateful modules, one
 * at a time, and runs the unit and component tests that reach the changed module. `SEED` and `MUTANTS` choose the sample;
 * names of folders or files narrow it: `npm run mutants -- src/lib/runner`. Works on copies below `.cache`.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Compiler } from './compiler.ts';
import { importsOf } from './imports-of.ts';
import { applied, mutationsOf, type Mutation } from './mutation-sites.ts';
import type { Job, Outcome } from './mutants-runner.ts';

const FOLDERS = [
	'packages/plan/src',
	'src/lib/engine',
	'src/lib/runner',
	'src/lib/chat',
	'src/lib/settings',
	'src/lib/app'
];
const AT_ONCE = 2;
const NOTICED_RATIO = 0.9;
/** Of one wave of tests. A mutation that never ends is noticed, too. */
const LIMIT_MS = 180_000;
const FAR_TESTS = 18;
const NOT_TRACKED = [
	'packages/plan/src/models/generated',
	'packages/plan/src/device/generated',
	'static/pocket',
	'pocket/dist'
];

interface Mutant extends Mutation {
	file: string;
	source: string;
}

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const wanted = Number(process.env.MUTANTS ?? 300);
const narrowed = process.argv.slice(2);

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
	.split('\n')
	.filter((path) => path !== '');
const modules = tracked.filter(
	(path) =>
		/\.ts$/.test(path) &&
		!/\.(?:test|fixture|worker|d)\.ts$/.test(path) &&
		FOLDERS.some((folder) => path.startsWith(`${folder}/`)) &&
		(narrowed.length === 0 || narrowed.some((each) => path.startsWith(each)))
);
/** Those beside the modules: what builds a package or a page is no unit. */
const tests = tracked.filter((path) => /^(?:src|packages\/\w+\/src)\/.*\.test\.ts$/.test(path));
const distances = new Map(tests.map((test) => [test, distancesFrom(test)]));

const all = modules.flatMap((file): Mutant[] => {
	const source = readFileSync(file, 'utf8');
	return mutationsOf(source).map((mutation) => ({ ...mutation, file, source }));
});
const sample = shuffled(all, seed).slice(0, wanted);
const left = [...sample];
console.log(`Seed ${seed}: ${sample.length} of ${all.length} mutants of ${modules.length} modules`);

const compiler = new Compiler();
const survivors: Mutant[] = [];
/** The compiler refuses them: no test has to. */
const refused: Mutant[] = [];
let endless = 0;
const unreached: Mutant[] = [];
let tried = 0;
const begun = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));

const compiled = sample.length - refused.length;
const noticed = compiled - survivors.length - unreached.length;
for (const each of [...survivors, ...unreached].sort((a, b) => a.file.localeCompare(b.file)))
	console.log(
		`  ${each.file}:${each.line} ${each.kind}: ${short(each.source.slice(each.start, each.end))} -> ` +
			`${short(each.replacement)}${unreached.includes(each) ? ' (no test imports it)' : ''}`
	);
const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
const ratio = noticed / Math.max(1, compiled);
console.log(
	`${noticed} of ${compiled} noticed (${Math.round(ratio * 100)}%), ${endless} of them because they never ended; ` +
		`${refused.length} more do not compile; seed ${seed}, ${minutes} min`
);
process.exitCode = ratio >= NOTICED_RATIO ? 0 : 1;

async function work(index: number) {
	const copy = join(process.cwd(), '.cache/mutants', String(index));
	makeCopy(copy);
	let runner: ChildProcess | null = null;
	for (let mutant = left.shift(); mutant; mutant = left.shift()) {
		tried++;
		const waves = wavesFor(mutant.file);
		if (waves.length === 0) {
			unreached.push(mutant);
			continue;
		}
		const mutated = applied(mutant.source, mutant);
		if (!compiler.accepts(mutant.file, mutated)) {
			refused.push(mutant);
			continue;
		}
		runner ??= await started(copy);
		const changed = join(copy, mutant.file);
		const outcome = await ask(runner, {
			changed,
			source: mutant.source,
			mutated,
			waves: waves.map((wave) => wave.map((test) => join(copy, test)))
		});
		writeFileSync(changed, mutant.source);
		if (outcome === 'never ended') {
			endless++;
			end(runner);
			runner = null;
		} else if (outcome.noticedBy === null) survivors.push(mutant);
		const result =
			outcome === 'never ended'
				? outcome
				: (outcome.noticedBy?.replace(`${copy}/`, '') ?? 'SURVIVED');
		const seconds = outcome === 'never ended' ? LIMIT_MS / 1000 : outcome.seconds;
		console.log(
			`${tried} ${mutant.file}:${mutant.line} ${mutant.kind}: ${result} (${seconds.toFixed(0)} s)`
		);
	}
	if (runner) end(runner);
}

/** Those that reach it, the nearest first, before those of a browser; of those further off not all. */
function wavesFor(file: string): string[][] {
	const reaching = tests
		.map((test) => ({ test, distance: distances.get(test)?.get(file) ?? Infinity }))
		.filter(({ distance }) => distance < Infinity)
		.sort((a, b) => a.distance - b.distance);
	const near = reaching.filter(({ distance }) => distance <= 1);
	const far = reaching.filter(({ distance }) => distance > 1).slice(0, FAR_TESTS);
	const waves = [near, far.slice(0, 6), far.slice(6)].flatMap((wave) => {
		const files = wave.map(({ test }) => test);
		return [files.filter((test) => !inBrowser(test)), files.filter(inBrowser)];
	});
	return waves.filter((wave) => wave.length > 0);
}

function inBrowser(test: string): boolean {
	return test.endsWith('.svelte.test.ts');
}

function distancesFrom(test: string): Map<string, number> {
	const found = new Map([[test, 0]]);
	for (const [file, distance] of found)
		for (const imported of importsOf(file))
			if (!found.has(imported)) found.set(imported, distance + 1);
	return found;
}

function makeCopy(copy: string) {
	rmSync(copy, { recursive: true, force: true });
	for (const path of [...tracked, ...NOT_TRACKED].filter((path) => existsSync(path))) {
		mkdirSync(dirname(join(copy, path)), { recursive: true });
		cpSync(path, join(copy, path), { recursive: true });
	}
	symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
	execFileSync('npx', ['svelte-kit', 'sync'], { cwd: copy });
}

function started(copy: string): Promise<ChildProcess> {
	const runner = fork(join(copy, 'scripts/mutants-runner.ts'), {
		cwd: copy,
		detached: true,
		execArgv: ['--import', 'tsx'],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc']
	});
	return new Promise((resolve, reject) => {
		runner.once('message', () => resolve(runner));
		runner.once('exit', (code) => reject(new Error(`The runner ended with ${code}.`)));
	});
}

function ask(runner: ChildProcess, job: Job): Promise<Outcome | 'never ended'> {
	return new Promise((resolve) => {
		const over = (outcome: Outcome | 'never ended') => {
			clearTimeout(timer);
			runner.removeAllListeners('message');
			runner.removeAllListeners('exit');
			resolve(outcome);
		};
		let timer: NodeJS.Timeout | undefined;
		runner.on('message', (told: Outcome | 'alive') => {
			if (told !== 'alive') return over(told);
			clearTimeout(timer);
			timer = setTimeout(() => over('never ended'), LIMIT_MS);
		});
		runner.once('exit', () => over('never ended'));
		runner.send(job);
	});
}

function end({ pid }: ChildProcess) {
	try {
		if (pid !== undefined) process.kill(-pid, 'SIGKILL');
	} catch {
		// It has ended by itself.
	}
}

/** The same order for the same seed (mulberry32). */
function shuffled<T>(list: readonly T[], from: number): T[] {
	let state = from >>> 0;
	const random = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	return list
		.map((each) => ({ each, at: random() }))
		.sort((a, b) => a.at - b.at)
		.map(({ each }) => each);
}

function short(text: string): string {
	const line = text.replace(/\s+/g, ' ');
	return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
