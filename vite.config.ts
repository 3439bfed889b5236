import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import type { BrowserCommand } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { chromiumArgs } from './scripts/browsers.mjs';
import { tokenizersOfEngine } from './scripts/engine-tokenizers.ts';
import { fileHost } from './tests/support/file-host.ts';
import { rendererBytes as bytesOf } from './tests/support/renderer-memory.ts';

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

/** For a test to ask how much memory the page has, which no page can tell of itself. */
const rendererBytes: BrowserCommand<[]> = ({ context }) => {
	const browser = context.browser();
	return browser ? bytesOf(browser) : null;
};

/**
 * What is fetched at once, each with what it imports: apart, some eighty pieces compress a tenth worse, name what they
 * share over and over, and come one after another. Their styles are links in the page, which its script waits for.
 */
const SCRIPTS = {
	/** Until the composer takes a message. */
	first: [
		'src/routes/+page.svelte',
		'src/routes/+layout.svelte',
		'node_modules/@sveltejs/kit/src/runtime/client/entry.js',
		'node_modules/@sveltejs/kit/src/runtime/components/svelte-5/error.svelte'
	],
	/** Until a model is loaded. */
	start: [
		'packages/plan/src/memory/change.ts',
		'packages/plan/src/memory/planner.ts',
		'src/lib/app/adaptation.svelte.ts',
		'src/lib/app/load-for-answer.ts',
		'src/lib/app/loaded-event.ts',
		'src/lib/app/make-tally.ts',
		'src/lib/app/own.ts',
		'src/lib/app/read-device.ts',
		'src/lib/app/target-plan.ts',
		'src/lib/app/tidy.ts',
		'src/lib/chat/ContextGauge.svelte',
		'src/lib/chat/ConversationList.svelte',
		'src/lib/chat/Sidebar.svelte',
		'src/lib/chat/drafts.svelte.ts',
		'src/lib/chat/store/conversations.ts',
		'src/lib/chat/store/draft-store.ts',
		'src/lib/disk/clean-up.svelte.ts',
		'src/lib/engine/webllm/client.ts',
		'src/lib/files/records.ts',
		'src/lib/panel/AboveComposer.svelte',
		'src/lib/panel/AdaptLine.svelte',
		'src/lib/panel/MemoryState.svelte',
		'src/lib/panel/ModelPanel.svelte',
		'src/lib/panel/OwnServer.svelte',
		'src/lib/panel/QuantizationNote.svelte',
		'src/lib/panel/VariantStatistics.svelte',
		'src/lib/runner/machinery.ts',
		'src/lib/ui/MorePages.svelte',
		'src/lib/welcome/GettingStarted.svelte',
		'src/routes/after-start.ts'
	],
	/** Until an answer is written. */
	talk: [
		'src/lib/chat/Attached.svelte',
		'src/lib/chat/Messages.svelte',
		'src/lib/chat/NoAnswer.svelte',
		'src/lib/chat/QueueStatus.svelte',
		'src/lib/chat/TooLong.svelte',
		'src/lib/chat/answer.ts'
	],
	dialogs: [
		'src/lib/chat/ShortcutsDialog.svelte',
		'src/lib/settings/ConversationDialog.svelte',
		'src/lib/settings/SettingsDialog.svelte'
	]
};

function isOneOf(files: readonly string[]) {
	const gone = files.filter((file) => !existsSync(join(import.meta.dirname, file)));
	if (gone.length > 0) throw new Error(`Named in vite.config.ts, but gone: ${gone.join(', ')}.`);
	return (id: string) => files.some((file) => id.endsWith(`/${file}`));
}

/** What is slow or only tries more of the same: left out of `npm test`, and part of `npm run test:all`. */
const leftOut = process.env.LONG === 'too' ? [] : ['**/*.long.test.ts', '**/*.long.svelte.test.ts'];

export default defineConfig({
	plugins: [announcerByClass, sveltekit()],
	build: {
		rolldownOptions: {
			output: {
				codeSplitting: {
					groups: Object.entries(SCRIPTS).map(([name, files]) => ({ name, test: isOneOf(files) }))
				}
			}
		}
	},
	// Vite's default for workers, 'iife', has neither top-level await nor lazy chunks.
	worker: { format: 'es', plugins: () => [tokenizersOfEngine] },
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
						commands: { rendererBytes },
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
