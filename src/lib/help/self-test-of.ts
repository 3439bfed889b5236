import type { App } from '../app/app.svelte.ts';
import { ownName } from '../kit/names.ts';
import { pageWorld } from '../measure/page-world.svelte.ts';
import { siteUrl } from '../measure/site-url.ts';
import { SelfTest } from './self-test.svelte.ts';
import { checkStorage } from './storage-check.ts';

const tests = new WeakMap<App, SelfTest>();

/** One for the whole visit: it goes on while another page of the site is shown. */
export function selfTestOf(app: App): SelfTest {
	const known = tests.get(app);
	if (known) return known;
	const baseUrl = siteUrl();
	const test = new SelfTest({
		...pageWorld(app, baseUrl),
		device: () => app.hardware.reading,
		busy: () => app.loader.busy,
		storage: () => checkStorage(ownName('headroom-self-test', baseUrl))
	});
	tests.set(app, test);
	return test;
}
