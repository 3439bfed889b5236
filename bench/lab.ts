import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { build } from 'vite';
import { chromiumPath, chromiumArgs } from '../scripts/browsers.mjs';
import { engineRecord } from '../src/lib/engine/webllm/engine-record.ts';
import { variantById } from '../packages/plan/src/models/catalog-data.ts';
import type { Variant } from '../packages/plan/src/models/catalog.ts';
import { script } from './page-script.ts';
import { serve, type Extra } from './server.ts';

const root = join(import.meta.dirname, '..');
export const SITE = '/headroom/';
const PAGES = '/bench/';

/** The variants that the software adapter every machine has can run, and those that need shader-f16. */
export const F32_VARIANTS = ['pocket-q4f32_1', 'pocket-q0f32'] as const;
export const F16_VARIANTS = ['pocket-q4f16_1', 'pocket-q0f16'] as const;

function plainBrowser(): string {
	const found = chromiumPath();
	if (found.path === undefined) throw new Error(found.reason);
	return found.path;
}

/** One browser, the built site and the bench's own pages on one origin. */
export class Lab {
	readonly context: BrowserContext;
	readonly origin: string;
	readonly executablePath: string;
	readonly #profile: string;
	readonly #close: () => void;
	readonly log: (line: string) => void;

	private constructor(
		context: BrowserContext,
		origin: string,
		executablePath: string,
		profile: string,
		close: () => void,
		log: (line: string) => void
	) {
		this.context = context;
		this.origin = origin;
		this.executablePath = executablePath;
		this.#profile = profile;
		this.#close = close;
		this.log = log;
	}

	static async open(
		extra: Extra,
		log: (line: string) => void,
		executablePath = plainBrowser()
	): Promise<Lab> {
		const server = await serve(
			[
				{ prefix: SITE, folder: join(root, 'build') },
				{ prefix: PAGES, folder: join(root, '.cache/bench') }
			],
			extra
		);
		// A profile on the disk, as a visitor's: a private one keeps its caches in memory.
		const profile = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
		const context = await chromium.launchPersistentContext(profile, {
			executablePath,
			viewport: { width: 1400, height: 900 },
			args: chromiumArgs
		});
		await context.addInitScript({ content: script('observe.ts') });
		return new Lab(context, server.origin, executablePath, profile, server.close, log);
	}

	async close() {
		await this.context.close();
		this.#close();
		rmSync(this.#profile, { recursive: true, force: true });
	}

	/** The site, once a message can be sent. */
	async site(hash = ''): Promise<Page> {
		const page = await this.context.newPage();
		page.on('pageerror', (error) => this.log(`the page threw: ${error.message}`));
		await page.goto(`${this.origin}${SITE}${hash}`);
		await ready(page);
		return page;
	}

	/** The engine alone, told of pocket's variants; `lean`: with sampling on the CPU; `reading`: every step's logits are read back. */
	async engine({ lean = false, reading = false } = {}): Promise<Page> {
		const page = await this.#own('engine.html');
		const ask = { kind: 'start' as const, records: this.records(), lean, reading };
		await page.evaluate((ask) => window.ask(ask), ask);
		return page;
	}

	/** Parts of the product outside of its page. */
	parts(): Promise<Page> {
		return this.#own('parts.html');
	}

	/** The browser's own record of its threads while `work` runs. */
	async trace<E>(page: Page, work: () => Promise<void>): Promise<E[]> {
		const session = await this.context.newCDPSession(page);
		const events: E[] = [];
		session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as E[])));
		const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
		await session.send('Tracing.start', {
			transferMode: 'ReportEvents',
			traceConfig: {
				includedCategories: [
					'toplevel',
					'devtools.timeline',
					'disabled-by-default-devtools.timeline'
				]
			}
		});
		await work();
		await session.send('Tracing.end');
		await complete;
		await session.detach();
		return events;
	}

	/** `window`: of all; left out: as each variant's record says. */
	records(window?: number) {
		return [...variantById.values()]
			.filter(({ origin }) => origin === 'pocket')
			.map((variant) =>
				engineRecord(variant, window ?? variant.defaultContextWindow, `${this.origin}${SITE}`)
			);
	}

	async #own(file: string) {
		const page = await this.context.newPage();
		page.on('pageerror', (error) => this.log(`${file} threw: ${error.message}`));
		await page.goto(`${this.origin}${PAGES}${file}`);
		return page;
	}
}

export async function ready(page: Page) {
	await page.getByLabel('Message', { exact: true }).waitFor();
	await page
		.getByRole('button', { name: /^(Load|Swap) |^Unload$/ })
		.and(page.locator(':enabled'))
		.waitFor();
}

export function variantOf(id: string): Variant {
	const variant = variantById.get(id);
	if (!variant) throw new Error(`The catalogue has no ${id}.`);
	return variant;
}

/** Chooses a quantization of the family that is chosen, and waits until its plan is exact. */
export async function choose(page: Page, id: string) {
	await page.getByLabel('Quantization', { exact: true }).selectOption(id);
	await page
		.getByTestId('confidence')
		.filter({ hasText: /^(?:exact|measured)/ })
		.waitFor();
}

/** Builds the site, unless told that it is built, and the bench's own pages. */
export async function buildAll(rebuildSite: boolean) {
	if (rebuildSite || !existsSync(join(root, 'build/index.html')))
		execFileSync('npm', ['run', 'build'], {
			cwd: root,
			env: { ...process.env, BASE_PATH: SITE.slice(0, -1) },
			stdio: ['ignore', 'ignore', 'inherit']
		});
	await build({
		configFile: false,
		root: join(import.meta.dirname, 'pages'),
		base: PAGES,
		logLevel: 'error',
		plugins: [svelte({ configFile: false })],
		worker: { format: 'es' },
		build: {
			outDir: join(root, '.cache/bench'),
			emptyOutDir: true,
			rollupOptions: {
				input: ['engine.html', 'parts.html'].map((file) => join(import.meta.dirname, 'pages', file))
			}
		}
	});
}
