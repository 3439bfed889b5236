import { createStore, del, get, set } from 'idb-keyval';
import type { App } from '../app/app.svelte.ts';
import { parseOpenRuns } from '../quality/open-run.ts';
import { ownName } from '../kit/names.ts';
import { Persisted } from '../kit/persisted.svelte.ts';
import { QualityRun, type QualityWorld } from '../quality/quality-run.svelte.ts';
import { Failure } from '../rpc/failure.ts';
import { adapterKey } from '#plan/memory/history.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { pageWorld } from './page-world.svelte.ts';
import { siteUrl } from './site-url.ts';

/** Holds the longest prompt with its answer. */
export const QUALITY_WINDOW = 1024;
/** The one key of its store. */
const REFERENCE = 'reference';

const known = new WeakMap<App, QualityRun>();

/** One for the whole visit: a run goes on while another page of the site is shown. */
export function qualityOf(app: App): QualityRun {
	const before = known.get(app);
	if (before) return before;
	const run = makeQuality(app, siteUrl());
	known.set(app, run);
	return run;
}

/** `baseUrl`: where the site lies. */
export function makeQuality(app: App, baseUrl: string): QualityRun {
	return new QualityRun(
		qualityWorld(app, baseUrl),
		(record) => void app.counting.quality?.add(record)
	);
}

/** The real page. */
function qualityWorld(app: App, baseUrl: string): QualityWorld {
	const page = pageWorld(app, baseUrl);
	const database = ownName('headroom-quality-run', baseUrl);
	const open = new Persisted('open', parseOpenRuns, database);
	const answers = createStore(ownName('headroom-quality-reference', baseUrl), 'answers');
	function known(variantId: string): Variant {
		const variant = app.catalog.variant(variantId);
		if (!variant)
			throw new Failure('bad-file', 'The catalogue does not have this variant any more.');
		return variant;
	}
	return {
		get adapter() {
			return adapterOf(app) ?? '';
		},
		hold: (signal) => page.hold(signal),
		libraryUrlOf: (variantId) => {
			const variant = app.catalog.variant(variantId);
			return variant ? app.catalog.libraryUrlOf(variant) : null;
		},
		loaded: () => page.loaded(),
		open: {
			get run() {
				return open.current.run;
			},
			set: (run) => open.set({ run })
		},
		reference: {
			read: () => get<unknown>(REFERENCE, answers),
			write: (stored) => (stored ? set(REFERENCE, stored, answers) : del(REFERENCE, answers))
		},
		async load(variantId, signal) {
			const subject = await page.load(variantId, QUALITY_WINDOW, { signal, onStep: () => {} });
			return {
				libraryUrl: app.catalog.libraryUrlOf(known(variantId)),
				keepAnswer: (request, options) => subject.keepAnswer(request, options),
				compareAnswer: (request, options) => subject.compareAnswer(request, options)
			};
		},
		restore: (before) => page.restore(before),
		now: () => page.now()
	};
}

/** null: there is no GPU. */
const adapterOf = ({ hardware }: App): string | null =>
	hardware.device && adapterKey(hardware.device);

/** The family's variants that can run here without a download, most precise first. */
export async function comparable(app: App, family: Family): Promise<Variant[]> {
	const ready = await Promise.all(
		family.variants.map(async (variant) => {
			const window = Math.min(QUALITY_WINDOW, app.planning.maxContextWindow(variant));
			if (app.planning.planOf(variant, window).verdict.kind === 'blocked') return false;
			// The built-in model is small, and comes with the site.
			if (variant.origin === 'pocket') return true;
			return (await app.files.onDisk(app.catalog.sourceOf(variant)).catch(() => null)) !== null;
		})
	);
	return family.variants.filter((_, i) => ready[i]);
}
