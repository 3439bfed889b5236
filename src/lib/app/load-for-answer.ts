import type { RunEnding } from '../chat/answer-host.ts';
import { Failure } from '../rpc/failure.ts';
import { cancelled } from '../runner/attempts.ts';
import type { LoadEnd } from '../runner/loader.svelte.ts';
import { Resident } from '../runner/resident.ts';
import type { Loaded } from '../runner/target.ts';
import type { AnswerHostParts } from './answer-host.ts';

/** What is loaded, or is loaded now for this answer; `before` again if that still is it. Throws a Failure. */
export async function residentFor(
	parts: AnswerHostParts,
	before: Resident | null,
	signal: AbortSignal
): Promise<Resident> {
	await Promise.race([parts.adaptation()?.adapting.between(), aborted(signal)]);
	const loaded = await load(parts, signal);
	if (before?.loaded === loaded) return before;
	return new Resident(loaded, parts.catalog.familyOf(loaded.variant).name);
}

async function load(parts: AnswerHostParts, signal: AbortSignal): Promise<Loaded> {
	const { loader, used } = parts;
	used();
	const known = loader.problem;
	let awaited = false;
	for (;;) {
		if (signal.aborted) throw cancelled();
		if (loader.loaded && !loader.leaving) return loader.loaded;
		if (loader.busy) {
			awaited = true;
			await Promise.race([loader.settled(), aborted(signal)]);
			continue;
		}
		const { problem } = loader;
		// What killed the tab, or failed just now, is loaded again only by a click on it.
		if (problem && (problem.failure.kind === 'tab-died' || (awaited && problem !== known)))
			throw problem.failure;
		awaited = true;
		const end = await loadFor(parts, signal);
		if (end === 'cancelled' || end === 'unloaded') throw cancelled();
		if (end === 'failed' && !loader.loaded)
			throw loader.problem?.failure ?? new Failure('nothing-loaded', 'No model is loaded.');
	}
}

/** Loads what is chosen for one answer. Stopping it ends the load, unless others wait for it. */
export function loadFor(
	parts: Pick<AnswerHostParts, 'loader' | 'selection'>,
	signal: AbortSignal
): Promise<LoadEnd> {
	const { loader, selection } = parts;
	// It may have been stopped while this script came.
	if (signal.aborted) return Promise.resolve('cancelled');
	const load = new AbortController();
	const stop = () => {
		const ending: unknown = signal.reason;
		if (ending !== ('passed-on' satisfies RunEnding)) load.abort();
	};
	signal.addEventListener('abort', stop, { once: true });
	const loading = loader
		.load(selection.target(), { signal: load.signal })
		.finally(() => signal.removeEventListener('abort', stop));
	return Promise.race([loading, aborted(signal).then(() => 'cancelled' as const)]);
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
