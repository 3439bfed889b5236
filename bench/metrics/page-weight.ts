import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import type { Figures } from '../limits.ts';
import { ready, SITE, type Lab } from '../lab.ts';

/**
 * Scripts that have arrived when the composer accepts a message, and when a model can be loaded; inline ones included, each
 * gzipped alone, as hosts do. Vite puts what a worker runs into folders of its own, so the path tells whose a script
 * is. What the service worker fetches ahead, for when the network is gone, no page waits for.
 */
export async function pageWeight(lab: Lab): Promise<Figures> {
	const page = await lab.context.newPage();
	await page.goto(`${lab.origin}${SITE}`);
	const acceptsMs = await page.evaluate(() => window.observe.accepts());
	const toAccept = await scriptsUntil(page, acceptsMs);
	await ready(page);
	const toLoad = await scriptsUntil(page, Infinity);
	const inline = await page.evaluate(() =>
		[...document.querySelectorAll('script:not([src])')].map((script) => script.textContent)
	);
	const inlineBytes = inline.reduce((sum, text) => sum + gzipSync(text).length, 0);
	const sizes = new Map<string, number>();
	for (const url of toLoad) {
		const bytes = gzipSync(await textOf(url)).length;
		sizes.set(url, bytes);
		lab.log(`${toAccept.has(url) ? 'first' : 'later'} ${new URL(url).pathname} ${bytes}`);
	}
	const sum = (urls: Iterable<string>) =>
		[...urls].reduce((bytes, url) => bytes + (sizes.get(url) ?? NaN), inlineBytes);

	let workerBytes = 0;
	const seen = new Set<string>();
	const take = async (url: string): Promise<void> => {
		if (seen.has(url)) return;
		seen.add(url);
		const text = await textOf(url);
		workerBytes += gzipSync(text).length;
		for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*["'`]([^"'`\s]+\.js)["'`]/g))
			if (path) await take(new URL(path, url).href);
	};
	for (const worker of page.workers()) await take(worker.url());
	await page.close();
	return {
		pageScriptGzipBytes: sum(toAccept),
		panelScriptGzipBytes: sum(toLoad),
		workerScriptGzipBytes: workerBytes
	};
}

/** The page's own scripts that had arrived by then. */
async function scriptsUntil(page: Page, ms: number): Promise<Set<string>> {
	const arrived = await page.evaluate(
		(ms) =>
			performance
				.getEntriesByType('resource')
				.filter((entry) => (entry as PerformanceResourceTiming).responseEnd <= ms)
				.map(({ name }) => name),
		ms === Infinity ? Number.MAX_VALUE : ms
	);
	return new Set(arrived.filter((url) => /\.js$/.test(url) && !url.includes('/workers/')));
}

const textOf = async (url: string) => (await fetch(url)).text();
