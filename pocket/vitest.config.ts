import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		name: 'pocket',
		root: import.meta.dirname,
		environment: 'node',
		include: ['tests/**/*.test.ts'],
		globalSetup: 'tests/setup.ts',
		expect: { requireAssertions: true },
		pool: 'forks',
		// Software adapters use all cores each: more than two browsers at once only slow each other down.
		maxWorkers: 2,
		testTimeout: 180_000,
		hookTimeout: 180_000
	}
});
