/**
 * Runs test files against the copy of the project it was started in, once for each message, and says whether one failed.
 * A process of its own: a mutation may never end.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

export interface Job {
	/** The changed file, absolute. */
	changed: string;
	/** Its text without the mutation, and with it. */
	source: string;
	mutated: string;
	/** Test files in the order they are tried, absolute; one wave after the other until a test fails. */
	waves: string[][];
}

export type Outcome = { noticedBy: string | null; seconds: number };

const vitest = await createVitest('test', {
	watch: false,
	reporters: [{}],
	project: ['unit', 'browser'],
	testTimeout: 20_000,
	maxWorkers: 1,
	// Of a mutant one failure is enough, and nobody looks at its smallest example.
	bail: 1,
	setupFiles: [join(import.meta.dirname, 'mutants-setup.ts')]
});
// One process for all files: starting one for each takes longer than most of them. Those of the browser share its globals.
for (const project of vitest.projects)
	if (!project.isBrowserEnabled()) Object.assign(project.config, { isolate: false });
const specifications = await vitest.globTestSpecifications();
const send = (message: unknown) => process.send?.(message);
send({ ready: specifications.map(({ moduleId }) => moduleId) });

let former: string | null = null;
/** Test files that fail without a mutation: a busy machine, or the copy. They notice nothing. */
const unreliable = new Set<string>();

process.on('message', (job: Job) => void run(job).then(send));

async function run({ changed, source, mutated, waves }: Job): Promise<Outcome> {
	const begun = performance.now();
	const outcome = (noticedBy: string | null): Outcome => ({
		noticedBy,
		seconds: (performance.now() - begun) / 1000
	});
	// The one before is as it was again.
	if (former !== null) vitest.invalidateFile(former);
	former = changed;
	put(changed, mutated);
	for (const wave of waves) {
		send('alive');
		for (;;) {
			const failed = await failureOf(wave.filter((test) => !unreliable.has(test)));
			if (failed === null) break;
			// Those of Node depend on nothing but the code. One of the browser may have failed for another reason.
			if (!failed.endsWith('.svelte.test.ts')) return outcome(failed);
			send('alive');
			put(changed, source);
			const again = await failureOf([failed]);
			put(changed, mutated);
			if (again === null) return outcome(failed);
			unreliable.add(failed);
		}
	}
	return outcome(null);
}

function put(file: string, text: string) {
	writeFileSync(file, text);
	vitest.invalidateFile(file);
}

/** The first of the test files that fails, or null. */
async function failureOf(files: readonly string[]): Promise<string | null> {
	if (files.length === 0) return null;
	const before = vitest.state.getUnhandledErrors().length;
	const { testModules, unhandledErrors } = await vitest.rerunTestSpecifications(
		specifications.filter(({ moduleId }) => files.includes(moduleId))
	);
	// What failed in an earlier run is still among them.
	const failed = testModules.find((module) => files.includes(module.moduleId) && !module.ok());
	return failed?.moduleId ?? (unhandledErrors.length > before ? 'an error outside of tests' : null);
}
