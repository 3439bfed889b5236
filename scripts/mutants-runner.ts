/**
 * Runs test files against the copy of the project it was started in, once for each message, and says whether one failed.
 * A process of its own: a mutation may never end.
 */
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

export interface Job {
	/** The changed file, absolute. */
	changed: string;
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

process.on('message', (job: Job) => void run(job).then(send));

async function run({ changed, waves }: Job): Promise<Outcome> {
	const begun = performance.now();
	// The one before is as it was again.
	if (former !== null) vitest.invalidateFile(former);
	vitest.invalidateFile(changed);
	former = changed;
	for (const wave of waves) {
		send('alive');
		const before = vitest.state.getUnhandledErrors().length;
		const { testModules, unhandledErrors } = await vitest.rerunTestSpecifications(
			specifications.filter(({ moduleId }) => wave.includes(moduleId))
		);
		// What failed in an earlier run is still among them.
		const failed = testModules.find((module) => wave.includes(module.moduleId) && !module.ok());
		if (failed || unhandledErrors.length > before)
			return {
				noticedBy: failed?.relativeModuleId ?? 'an error outside of tests',
				seconds: (performance.now() - begun) / 1000
			};
	}
	return { noticedBy: null, seconds: (performance.now() - begun) / 1000 };
}
