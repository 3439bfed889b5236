import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright/test';

/**
 * Bytes of memory that are the renderers' alone, of all together, as the operating system counts them; null: it is not
 * Linux, which alone tells it this way.
 */
export async function rendererBytes(browser: Browser): Promise<number | null> {
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send('SystemInfo.getProcessInfo');
	await session.detach();
	let sum = 0;
	for (const { type, id } of processInfo) {
		if (type !== 'renderer') continue;
		try {
			const [, kilobytes] =
				/^RssAnon:\s*(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
			sum += Number(kilobytes) * 1024;
		} catch {
			return null;
		}
	}
	return sum;
}
