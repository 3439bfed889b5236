import type { Answering, AnswerHost as Host, RunEnding } from '../chat/answer-host.ts';
import type { Conversation } from '../chat/conversation.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import { Failure } from '../rpc/failure.ts';
import type { Loader, LoadEnd } from '../runner/loader.svelte.ts';
import { Resident } from '../runner/resident.ts';
import { cancelled } from '../runner/attempts.ts';
import type { Loaded } from '../runner/target.ts';
import type { Sampling } from '../engine/sampling.ts';
import type { Adaptation } from './adaptation.svelte.ts';
import type { Catalog } from './catalog.ts';
import type { Counting } from './counting.svelte.ts';
import type { Experience } from './experience.svelte.ts';
import type { AppParts } from './parts.ts';
import type { Planning } from './planning.svelte.ts';
import type { Running } from './running.svelte.ts';
import type { Selection } from './selection.svelte.ts';

export interface AnswerHostParts extends Pick<AppParts, 'settings'> {
	catalog: Pick<Catalog, 'familyOf'>;
	preflights: Pick<Preflights, 'facts'>;
	experience: Pick<Experience, 'knownOf'>;
	planning: Pick<Planning, 'situation'>;
	selection: Pick<Selection, 'choose' | 'target' | 'contextWindow'>;
	counting: Pick<Counting, 'tally' | 'count'>;
	loader: Pick<Loader, 'loaded' | 'leaving' | 'busy' | 'problem' | 'settled' | 'load'>;
	running: Pick<Running, 'answeringVariant'>;
	/** Something is about to be answered. */
	used: () => void;
	/** Automatic swaps, once their script has come. */
	adaptation: () => Adaptation | null;
}

/** What answers: it is loaded first where that is needed. */
export class AnswerHost implements Host {
	readonly #parts: AnswerHostParts;
	#resident: Resident | null = null;

	constructor(parts: AnswerHostParts) {
		this.#parts = parts;
	}

	/** The same for as long as the same load answers: what its engine still holds is told by it. */
	async engine(signal: AbortSignal): Promise<Resident> {
		await Promise.race([this.#parts.adaptation()?.adapting.between(), aborted(signal)]);
		const loaded = await this.#load(signal);
		if (this.#resident?.loaded !== loaded)
			this.#resident = new Resident(loaded, this.#parts.catalog.familyOf(loaded.variant).name);
		return this.#resident;
	}

	/** What the engine held of a conversation is gone: whoever relies on it must count again. */
	forget() {
		this.#resident = null;
	}

	answering(): Answering {
		const { catalog, preflights, experience, counting, planning, selection, loader, running } =
			this.#parts;
		const variant = running.answeringVariant;
		return {
			label: catalog.familyOf(variant).name,
			contextWindow: loader.loaded?.contextWindow ?? selection.contextWindow,
			config: preflights.facts(variant)?.config ?? null,
			vision: variant.vision,
			answerer: {
				variant,
				known: experience.knownOf(variant),
				situation: planning.situation
			},
			speeds: counting.tally?.speedsOf(variant) ?? null
		};
	}

	async enlarge(contextWindow: number, signal: AbortSignal): Promise<boolean> {
		const { selection, running } = this.#parts;
		selection.choose(running.answeringVariant.id, contextWindow);
		return (await this.#loadFor(signal)) === 'loaded';
	}

	/** The defaults with what was set for the family, and with the conversation's own choices. */
	sampling({ sampling }: Conversation): Sampling {
		const { settings, adaptation, running } = this.#parts;
		return {
			...settings.current.sampling,
			...adaptation()?.ofFamily(running.answeringVariant.familyId).sampling,
			...sampling
		};
	}

	answered(...[engineId, answer]: Parameters<Host['answered']>) {
		this.#parts.counting.count((tally) => tally.answered(engineId, answer));
	}

	async #load(signal: AbortSignal): Promise<Loaded> {
		const { loader, used } = this.#parts;
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
			const end = await this.#loadFor(signal);
			if (end === 'cancelled' || end === 'unloaded') throw cancelled();
			if (end === 'failed' && !loader.loaded)
				throw loader.problem?.failure ?? new Failure('nothing-loaded', 'No model is loaded.');
		}
	}

	/** Loads what is chosen for one answer. Stopping it ends the load, unless others wait for it. */
	#loadFor(signal: AbortSignal): Promise<LoadEnd> {
		const { loader, selection } = this.#parts;
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
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
