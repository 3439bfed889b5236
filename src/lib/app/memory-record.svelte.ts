import { untrack } from 'svelte';
import type { Loader } from '../runner/loader.svelte.ts';
import type { Answers } from '../chat/answers.svelte.ts';
import { phaseOf, withSample, type Sample } from './memory-series.ts';

/** GPU bytes over the life of the page, for the chart. */
export class MemoryRecord {
	samples = $state.raw<readonly Sample[]>([]);

	/** Called whenever the meter or what the engine is at has changed. */
	note(loader: Loader, answers: Pick<Answers, 'status'>, atMs = performance.now()) {
		// An effect calls this: it must not depend on what it writes.
		const samples = untrack(() => this.samples);
		const phase = phaseOf(
			loader.status.kind,
			answers.status,
			loader.loaded !== null,
			samples.at(-1)?.phase ?? 'idle'
		);
		this.samples = withSample(samples, { atMs, bytes: loader.meter.liveBytes, phase });
	}
}
