import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take a minute each begin at once, the many that take seconds follow. */
class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]) {
		const long = ({ moduleId }: TestSpecification) =>
			/\/(?:lean|quality|divergence\.long|f16\.long|f32)\.test\.ts$/.test(moduleId);
		const sorted = await super.sort(files);
		return [...sorted.filter(long), ...sorted.filter((file) => !long(file))];
	}
}

export default defineConfig({
	// For modules of the site, too: its own configuration is there only after SvelteKit has made it.
	tsconfig: 'tsconfig.json',
	test: {
		name: 'pocket',
		root: import.meta.dirname,
		environment: 'node',
		include: ['tests/**/*.test.ts'],
		// Part of `npm run test:all` alone.
		exclude: process.env.LONG === 'too' ? [] : ['tests/**/*.long.test.ts'],
		globalSetup: 'tests/setup.ts',
		expect: { requireAssertions: true },
		pool: 'forks',
		// Software adapters use all cores each: more than two browsers at once only slow each other down.
		maxWorkers: 2,
		sequence: { sequencer: LongestFirst },
		testTimeout: 180_000,
		hookTimeout: 180_000
	}
});
