import type { App } from '../app/app.svelte.ts';
import { ownName } from '../kit/names.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { pageWorld, recordOf } from '../measure/page-world.svelte.ts';
import { siteUrl } from '../measure/site-url.ts';
import { parseComparisons, type Comparisons } from './record.ts';
import { CompareRunner } from './runner.svelte.ts';
import { withServers } from './servers.ts';

export interface Compare {
	runner: CompareRunner;
	kept: Persisted<Comparisons>;
}

const known = new WeakMap<App, Compare>();

/** One for the whole visit: a run goes on while another page of the site is shown. */
export function compareOf(app: App): Compare {
	const before = known.get(app);
	if (before) return before;
	const compare = makeCompare(app, siteUrl());
	known.set(app, compare);
	return compare;
}

/** `baseUrl`: where the site lies. */
export function makeCompare(app: App, baseUrl: string): Compare {
	const kept = new Persisted('answers', parseComparisons, ownName('headroom-compare', baseUrl));
	const page = withServers(app, pageWorld(app, baseUrl));
	const runner = new CompareRunner({ ...page, record: recordOf(kept) });
	return { runner, kept };
}
