import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { chromiumArgs } from '../../scripts/browsers.mjs';
import { ready, SITE, type Lab } from '../lab.ts';
import type { Figures } from '../limits.ts';
import { median } from '../median.ts';
import { script } from '../page-script.ts';
import { serve } from '../server.ts';

/** Milliseconds since the navigation began. */
interface Visit {
	navigationMs: number;
	composerMs: number;
	/** A model can be loaded. */
	readyMs: number;
	/** Pocket, loaded at once, has made a token. */
	firstTokenMs: number;
	/** The engine’s script had come to its worker. */
	engineMs: number;
}

/** When a field for messages is drawn for the first time: it takes text from then on. */
const OBSERVER = `
	new MutationObserver((_, observer) => {
		if (!document.querySelector('textarea:not([disabled])')) return;
		observer.disconnect();
		requestAnimationFrame(() => (window.composerMs = performance.now()));
	}).observe(document, { childList: true, subtree: true });`;

/** A visit with nothing of the site in the browser, until pocket has made its first token. */
async function visit(origin: string, executablePath: string): Promise<Visit> {
	const profile = mkdtempSync(join(tmpdir(), 'headroom-visit-'));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath,
		viewport: { width: 1400, height: 900 },
		args: chromiumArgs
	});
	try {
		await context.addInitScript({ content: OBSERVER + script('observe.ts') });
		const page = await context.newPage();
		await page.goto(origin + SITE);
		await ready(page);
		const clicked = await page.evaluate(() => performance.now());
		const loadMs = await page.evaluate(() => window.observe.click('Load', 'Loaded.'));
		const [navigationMs, composerMs, began] = await page.evaluate(() => [
			(performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).responseEnd,
			(window as unknown as { composerMs: number }).composerMs,
			performance.timeOrigin
		]);
		const imported = await Promise.all(
			page.workers().map((worker) =>
				worker
					.evaluate(() => {
						const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
						const largest = loaded.sort((a, b) => b.decodedBodySize - a.decodedBodySize)[0];
						return {
							bytes: largest?.decodedBodySize ?? 0,
							at: performance.timeOrigin + (largest?.responseEnd ?? 0)
						};
					})
					.catch(() => ({ bytes: 0, at: 0 }))
			)
		);
		const engine = imported.sort((a, b) => b.bytes - a.bytes)[0];
		return {
			navigationMs: navigationMs ?? NaN,
			composerMs: composerMs ?? NaN,
			engineMs: (engine?.at ?? NaN) - (began ?? NaN),
			readyMs: clicked,
			firstTokenMs: clicked + loadMs
		};
	} finally {
		await context.close();
		rmSync(profile, { recursive: true, force: true });
	}
}

/** `BASELINE`: a folder with an earlier build of the site, which is visited by turns with this one. */
export async function firstVisit(lab: Lab, pairs: number): Promise<Figures> {
	const folder = process.env.BASELINE;
	const earlier = folder ? await serve([{ prefix: SITE, folder }], () => false) : null;
	const [ours, theirs]: [Visit[], Visit[]] = [[], []];
	try {
		for (let pair = -1; pair < pairs; pair++) {
			const now = async () => visit(lab.origin, lab.executablePath);
			const before = async () => (earlier ? visit(earlier.origin, lab.executablePath) : null);
			const was = pair & 1 ? await before() : null;
			const is = await now();
			const former = was ?? (await before());
			lab.log(`${inWords(is)}${former ? `; earlier build: ${inWords(former)}` : ''}`);
			if (pair < 0) continue;
			ours.push(is);
			if (former) theirs.push(former);
		}
	} finally {
		earlier?.close();
	}
	const of = (key: keyof Visit) => median(ours.map((each) => each[key]));
	return {
		firstVisitNavigationMs: of('navigationMs'),
		composerUsableMs: of('composerMs'),
		firstVisitReadyMs: of('readyMs'),
		firstVisitEngineMs: of('engineMs'),
		firstVisitMs: of('firstTokenMs'),
		...(theirs.length > 0 && {
			composerUsableRatio: median(
				ours.map(({ composerMs }, i) => composerMs / (theirs[i]?.composerMs ?? NaN))
			),
			firstVisitRatio: median(
				ours.map(({ firstTokenMs }, i) => firstTokenMs / (theirs[i]?.firstTokenMs ?? NaN))
			)
		})
	};
}

const inWords = (visit: Visit) =>
	Object.entries(visit)
		.map(([name, ms]) => `${name} ${Number(ms).toFixed(0)}`)
		.join(', ');
