import type { App } from '../app/app.svelte.ts';
import { measureWorld } from './page-world.svelte.ts';
import { MeasureRunner } from './runner.svelte.ts';
import { siteUrl } from './site-url.ts';

const runners = new WeakMap<App, MeasureRunner>();

/** One for the whole visit: a run goes on while another page of the site is shown. */
export function measureOf(app: App): MeasureRunner {
	const known = runners.get(app);
	if (known) return known;
	const runner = new MeasureRunner(measureWorld(app, siteUrl()));
	runners.set(app, runner);
	return runner;
}
