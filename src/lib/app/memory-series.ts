import type { LoaderStatus } from '../runner/target.ts';
import type { ThreadStatus } from '../chat/thread.svelte.ts';

export type MemoryPhase = 'idle' | 'load' | 'swap' | 'prefill' | 'decode';

/** From `atMs` on, until the next sample, the page held `bytes` of GPU memory. */
export interface Sample {
	/** On performance.now()'s clock. */
	atMs: number;
	bytes: number;
	phase: MemoryPhase;
}

/** More would not show on a screen. */
export const MOST_SAMPLES = 600;

/** What the engine is at. A swap stays one until it is over, whether or not the old model went first. */
export function phaseOf(
	loader: LoaderStatus['kind'],
	answer: ThreadStatus,
	somethingLoaded: boolean,
	before: MemoryPhase
): MemoryPhase {
	switch (loader) {
		case 'unloading':
		case 'releasing':
		case 'rolling-back':
			return 'swap';
		case 'loading':
			// At a load's end the new model is there and the load not over yet.
			return before === 'load' || before === 'swap' ? before : somethingLoaded ? 'swap' : 'load';
		case 'recovering':
			return 'load';
		case 'downloading':
		case 'taking-over':
		case 'idle':
			if (answer.kind !== 'answering') return 'idle';
			return answer.messageId === null ? 'prefill' : 'decode';
	}
}

/** With one sample more; when there are too many, thinned without losing a phase, its peak or the last sample. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
	const last = samples.at(-1);
	if (last && last.bytes === sample.bytes && last.phase === sample.phase) return samples;
	const all = [...samples, sample];
	return all.length > MOST_SAMPLES ? thinned(all) : all;
}

/** Of every two neighbours in a phase the larger stays. */
function thinned(samples: readonly Sample[]): Sample[] {
	const kept: Sample[] = [];
	for (let i = 0; i < samples.length; i++) {
		const [one, next] = [samples[i], samples[i + 1]];
		if (!one) break;
		const starts = samples[i - 1]?.phase !== one.phase;
		if (starts || !next || next.phase !== one.phase || i + 2 === samples.length) {
			kept.push(one);
			continue;
		}
		kept.push(next.bytes > one.bytes ? next : one);
		i++;
	}
	// Nothing but beginnings of phases: the oldest have to go.
	return kept.length < samples.length ? kept : kept.slice(-MOST_SAMPLES / 2);
}
