import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { chromiumArgs } from './scripts/browsers.mjs';
import { fileHost } from './tests/support/file-host.ts';

/** SvelteKit hides its announcer of navigations by a style attribute, which the page's policy forbids. */
const announcerByClass: Plugin = {
	name: 'announcer-by-class',
	enforce: 'pre',
	transform(code, id) {
		if (!id.endsWith('/generated/root.svelte')) return null;
		const changed = code.replace(
			/(id="svelte-announcer"[^>]*?) style="[^"]*"/,
			'$1 class="hidden-label"'
		);
		if (changed === code) throw new Error('SvelteKit no longer hides its announcer by a style.');
		return changed;
	}
};

/** What is slow or only tries more of the same: left out of `npm test`, and part of `npm run test:all`. */
const leftOut = process.env.LONG === 'too' ? [] : ['**/*.long.test.ts', '**/*.long.svelte.test.ts'];

export default defineConfig({
	plugins: [announcerByClass, sveltekit()],
	build: {
		rolldownOptions: {
			output: {
				codeSplitting: {
					// What the chat needs first is one script, with what it imports: apart, its pieces compress a tenth
					// worse, and name what they share over and over.
					groups: [
						{
							name: 'first',
							test: /\/(?:src\/routes\/\+(?:page|layout)\.svelte|@sveltejs\/kit\/src\/runtime\/client\/entry\.js)$/
						}
					]
				}
			}
		}
	},
	// Vite's default for workers, 'iife', has neither top-level await nor lazy chunks.
	worker: { format: 'es' },
	test: {
		expect: { requireAssertions: true },
		// What hangs fails; what is slow on a busy machine does not.
		testTimeout: 30_000,
		projects: [
			{
				extends: './vite.config.ts',
				test: {
					name: 'unit',
					// A process for each of two hundred files takes longer than most of them.
					isolate: false,
					environment: 'node',
					include: ['{src,packages,scripts,server}/**/*.test.ts'],
					exclude: ['src/**/*.svelte.test.ts', '**/node_modules/**', ...leftOut],
					setupFiles: 'tests/support/runs.ts'
				}
			},
			{
				extends: './vite.config.ts',
				plugins: [fileHost()],
				// Found late, it would make Vite reload the page in the middle of a test.
				optimizeDeps: {
					include: [
						'fast-check',
						'fflate',
						'@mlc-ai/web-llm',
						'@mlc-ai/web-tokenizers',
						'@huggingface/tokenizers'
					]
				},
				test: {
					name: 'browser',
					include: ['src/**/*.svelte.test.ts'],
					exclude: leftOut,
					isolate: false,
					// As for the stories: the last lines of the run name what passed only the second time.
					retry: process.env.CI ? 1 : 0,
					setupFiles: 'tests/support/one-page.ts',
					env: { LONG: process.env.LONG ?? '' },
					browser: {
						enabled: true,
						headless: true,
						provider: playwright({
							launchOptions: {
								executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
								args: chromiumArgs
							}
						}),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
