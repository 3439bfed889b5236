import { existsSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright/test';

/**
 * Bytes of memory the browser's GPU process holds, as the operating system counts them: a software adapter keeps
 * its buffers there, so this is a witness that no code of the page can talk to. Null where the system does not tell.
 */
export async function gpuProcessBytes(browser: Browser): Promise<number | null> {
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send('SystemInfo.getProcessInfo');
	await session.detach();
	const id = processInfo.find(({ type }) => type === 'GPU')?.id;
	const path = `/proc/${id}/status`;
	if (id === undefined || !existsSync(path)) return null;
	const fields = readFileSync(path, 'utf8').matchAll(/^Rss(?:Anon|Shmem):\s*(\d+) kB/gm);
	return [...fields].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
