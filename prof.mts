import { chromium } from 'playwright';
import { mkdtempSync } from 'node:fs';
import { chromiumArgs } from './scripts/browsers.mjs';
import { serve } from './bench/server.ts';
for (const folder of [process.argv[2]!, process.argv[3]!, process.argv[2]!, process.argv[3]!]) {
	const server = await serve([{ prefix: '/headroom/', folder }], () => false);
	const context = await chromium.launchPersistentContext(mkdtempSync('/tmp/pv-'), { executablePath: '/usr/bin/chromium', args: chromiumArgs, viewport: { width: 1400, height: 900 } });
	const page = await context.newPage();
	const t0 = Date.now();
	const log: string[] = [];
	page.on('worker', (w) => log.push(`worker ${Date.now() - t0} ${w.url().slice(-40)}`));
	page.on('request', (r) => log.push(`req ${Date.now() - t0} ${r.url().slice(-44)}`));
	await page.goto(server.origin + '/headroom/');
	await page.waitForTimeout(4000);
	const names = await page.evaluate(() => (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).map((e) => `${e.startTime.toFixed(0)}-${e.responseEnd.toFixed(0)} ${(e.decodedBodySize / 1000).toFixed(0)}k ${e.name.slice(-30)}`));
	console.log(folder, '\n ', log.join('\n  '));
	console.log(names.slice(-30).join('\n'));
	await context.close();
	server.close();
}
