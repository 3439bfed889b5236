import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { chromiumPath, f16ChromiumPath, type Found } from '../../scripts/browsers.mjs';

declare module 'vitest' {
	export interface ProvidedContext {
		chromium: Found;
		f16Chromium: Found;
	}
}

/**
 * Builds pocket, so that the tests see what the sources say, unless POCKET_BUILT says that it was built just now; and
 * finds the browsers once for all tests.
 */
export default function setup(project: TestProject) {
	if (!process.env.POCKET_BUILT)
		execFileSync(process.execPath, ['--import', 'tsx', 'build.ts'], {
			cwd: join(dirname(fileURLToPath(import.meta.url)), '..'),
			stdio: 'inherit'
		});
	const plain = chromiumPath();
	const f16 = f16ChromiumPath();
	if (plain.path === undefined) throw new Error(`The tests need a browser: ${plain.reason}`);
	if (f16.path === undefined) console.warn(`\nThe f16 tests are skipped: ${f16.reason}.\n`);
	project.provide('chromium', plain);
	project.provide('f16Chromium', f16);
}
