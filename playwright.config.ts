import { defineConfig } from 'playwright/test';
import { chromiumArgs } from './scripts/browsers.mjs';
import { freePort } from './scripts/free-port.mjs';

// Playwright's workers read this file too, and must find the same port.
process.env.PORT ??= String(await freePort());
const port = Number(process.env.PORT);
/** What GitHub Pages serves lies below a base path, so that is what is tested. */
export const BASE = '/headroom';

export default defineConfig({
	testDir: 'tests',
	outputDir: process.env.TRACES ?? 'test-results',
	projects: [
		{ name: 'e2e', testMatch: '**/*.e2e.ts', fullyParallel: true },
		// A file's faults strike one page, one after another.
		{
			name: 'faults',
			testMatch: 'faults/*.fault.ts',
			fullyParallel: false,
			// A visit that is struck, the next one, and three loads; nobody waits for it where all goes well.
			timeout: 120_000,
			// A page that many tests share would be recorded from its first one on.
			use: { trace: 'off' }
		},
		{
			name: 'soak',
			testMatch: 'soak.ts',
			timeout: 60 * 60_000,
			use: { trace: 'off' }
		}
	],
	workers: 2,
	...(process.env.LONG !== 'too' && { grepInvert: /@long/ }),
	timeout: 60_000,
	expect: { timeout: 20_000 },
	forbidOnly: !!process.env.CI,
	// Two noisy cores now and then stall a software GPU; the last lines name what passed only the second time.
	retries: process.env.CI ? 1 : 0,
	reporter: 'list',
	use: {
		baseURL: `http://127.0.0.1:${port}${BASE}/`,
		// Recording every story takes a third of its time.
		trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
		launchOptions: {
			executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
			args: chromiumArgs
		}
	},
	webServer: {
		// Builds the site first if anything it is made from has changed. Headers would do what the page must do by itself.
		command: `node scripts/start.mjs --base ${BASE} --host 127.0.0.1 --plain`,
		env: { PORT: String(port) },
		url: `http://127.0.0.1:${port}${BASE}/`,
		timeout: 180_000
	}
});
