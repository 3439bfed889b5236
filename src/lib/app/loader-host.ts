import type { Answers } from '../chat/answers.svelte.ts';
import type { DownloadQueue } from '../files/download-queue.svelte.ts';
import { fromWire } from '../rpc/failure.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import type { LoaderHost } from '../runner/loader-host.ts';
import type { Ahead } from '../runner/policy/ahead.ts';
import type { IdleTimer } from '../runner/policy/idle.ts';
import type { Adaptation } from './adaptation.svelte.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Counting } from './counting.svelte.ts';
import type { Experience } from './experience.svelte.ts';
import type { Hardware } from './hardware.svelte.ts';
import type { AppParts, Planner } from './parts.ts';
import type { Selection } from './selection.svelte.ts';
import type { TargetPlanParts } from './target-plan.ts';

export interface LoaderHostParts extends TargetPlanParts, Pick<AppParts, 'settings' | 'files'> {
	catalog: Catalog;
	experience: Experience;
	counting: Pick<Counting, 'count'>;
	hardware: Pick<Hardware, 'read'>;
	selection: Pick<Selection, 'choose'>;
	queue: Pick<DownloadQueue, 'giveWay'>;
	planner: () => Planner | null;
	adaptation: () => Adaptation | null;
	late: () => {
		loader: Pick<Loader, 'swapGapMs'>;
		answers: Pick<Answers, 'goOn' | 'stopWriting'>;
		ahead: Pick<Ahead, 'spare'>;
		idle: Pick<IdleTimer, 'used'>;
	};
}

/** The world as the loader is told of it, and what follows from what it does. */
export function loaderHost(parts: LoaderHostParts): LoaderHost {
	const {
		settings,
		files,
		catalog,
		experience,
		counting,
		hardware,
		planning,
		selection,
		queue,
		late
	} = parts;
	return {
		plan: async () => (await import('./target-plan.ts')).targetPlan(parts),
		source: (variant) => catalog.sourceOf(variant),
		fetching: (variant) => queue.giveWay(variant.id),
		stopWriters: () => late().answers.stopWriting(),
		afterFailure: () => settings.current.afterFailure,
		smaller: (failed) => planning.smaller(failed, parts.adaptation()?.wishes()),
		fellBack: ({ variant, contextWindow }) => selection.choose(variant.id, contextWindow),
		gpuGone: () => void hardware.read(),
		loaded: (loaded) => {
			const { loader, answers, ahead, idle } = late();
			// As they are before this load is learned from.
			const { swapGapMs } = loader;
			const { calibration } = experience.seen(loaded.variant, loaded.result.tokenSampling);
			void import('./loaded-event.ts')
				.then(({ announceLoaded }) =>
					announceLoaded(loaded, swapGapMs, calibration, parts.planner()?.estimate)
				)
				// Only measurements listen.
				.catch(() => undefined);
			void answers.goOn();
			void files.pinLibrary(catalog.sourceOf(loaded.variant)).catch(() => undefined);
			idle.used();
			ahead.spare();
			const { leanProblem } = loaded.result;
			if (leanProblem) experience.leanProblem = fromWire(leanProblem);
			experience.learnFrom(loaded);
			counting.count((tally) => tally.loaded(loaded.variant, loaded.result.loadMs));
		},
		failed: ({ target, failure }) => {
			late().ahead.spare();
			counting.count((tally) => tally.failedToLoad(target.variant, failure.kind));
			// A file in which something is found wrong must not be read again.
			if (failure.kind === 'engine' || failure.detail.part === 'library')
				void files.distrust(catalog.sourceOf(target.variant)).catch(() => undefined);
			const { sampling, estimate } = planning.planOf(target.variant, target.contextWindow);
			if (estimate) experience.learnFromFailure(target, failure, sampling, estimate.peakBytes);
		}
	};
}
