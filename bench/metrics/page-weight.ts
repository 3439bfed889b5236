import { gzipSync } from 'node:zlib';
import type { Figures } from '../limits.ts';
import { ready, SITE, type Lab } from '../lab.ts';

/**
 * Scripts fetched from the start until a message can be sent, inline ones included; each gzipped alone, as hosts
 * do. Vite puts what a worker runs into folders of its own, so the path tells whose a script is.
 */
export async function pageWeight(lab: Lab): Promise<Figures> {
	const page = await lab.context.newPage();
	const scripts = new Map<string, Promise<Buffer>>();
	let counting = true;
	lab.context.on('response', (response) => {
		const type = response.headers()['content-type'] ?? '';
		// The service worker fetches every script ahead, for when the network is gone: the page does not wait for them to run.
		if (counting && /javascript/.test(type) && response.request().serviceWorker() === null)
			scripts.set(response.url(), response.body());
	});
	await page.goto(`${lab.origin}${SITE}`);
	await ready(page);
	counting = false;
	const workers = page.workers().map((worker) => worker.url());
	const inline = await page.evaluate(() =>
		[...document.querySelectorAll('script:not([src])')].map((script) => script.textContent)
	);
	let pageBytes = inline.reduce((sum, text) => sum + gzipSync(text).length, 0);
	for (const [url, body] of scripts) {
		if (url.includes('/workers/') || workers.includes(url)) continue;
		const size = gzipSync(await body).length;
		pageBytes += size;
		lab.log(`${new URL(url).pathname} ${size}`);
	}
	let workerBytes = 0;
	const seen = new Set<string>();
	const take = async (url: string): Promise<void> => {
		if (seen.has(url)) return;
		seen.add(url);
		const text = await (await fetch(url)).text();
		workerBytes += gzipSync(text).length;
		for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*["'`]([^"'`\s]+\.js)["'`]/g))
			if (path) await take(new URL(path, url).href);
	};
	for (const url of workers) await take(url);
	await page.close();
	return { pageScriptGzipBytes: pageBytes, workerScriptGzipBytes: workerBytes };
}
