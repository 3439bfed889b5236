import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { scriptsNeeded } from '../../scripts/script-graph.ts';
import type { Figures } from '../limits.ts';
import { ready, SITE, type Lab } from '../lab.ts';

/**
 * Scripts that the page needs before the composer can take a message, told by the build's own graph; those that have
 * come when a model can be loaded; and those of the workers. Inline ones included, each gzipped alone, as hosts do. What
 * the service worker fetches ahead, for when the network is gone, no page waits for.
 */
export async function pageWeight(lab: Lab): Promise<Figures> {
	const url = `${lab.origin}${SITE}`;
	const needed = await scriptsNeeded(await textOf(url), url, textOf);
	const page = await lab.context.newPage();
	await page.goto(url);
	await ready(page);
	const toLoad = await scriptsOf(page);
	const inline = await page.evaluate(() =>
		[...document.querySelectorAll('script:not([src])')].map((script) => script.textContent)
	);
	await page.close();
	const inlineBytes = inline.reduce((sum, text) => sum + gzipSync(text).length, 0);
	const texts = new Map(needed);
	for (const url of toLoad) texts.set(url, texts.get(url) ?? (await textOf(url)));
	const bytesOf = (url: string) => gzipSync(texts.get(url) ?? '').length;
	for (const url of texts.keys())
		lab.log(`${needed.has(url) ? 'first' : 'later'} ${new URL(url).pathname} ${bytesOf(url)}`);
	const sum = (urls: Iterable<string>) =>
		[...urls].reduce((bytes, url) => bytes + bytesOf(url), inlineBytes);

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
	// Whether a worker runs by now depends on the machine; which the page's scripts name does not.
	for (const [script, text] of texts)
		for (const [path] of text.matchAll(/[\w./-]*\bworkers\/[\w.-]+\.js/g))
			await take(new URL(path, path.startsWith('/_app') ? url : script).href);
	return {
		pageScriptGzipBytes: sum(needed.keys()),
		panelScriptGzipBytes: sum(texts.keys()),
		workerScriptGzipBytes: workerBytes
	};
}

/** The page's own scripts that have arrived. Vite puts what a worker runs into folders of its own. */
async function scriptsOf(page: Page): Promise<Set<string>> {
	const arrived = await page.evaluate(() =>
		performance.getEntriesByType('resource').map(({ name }) => name)
	);
	return new Set(arrived.filter((url) => /\.js$/.test(url) && !url.includes('/workers/')));
}

const textOf = async (url: string) => {
	const response = await fetch(url);
	if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
	return response.text();
};
