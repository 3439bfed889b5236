import type { Answering, AnswerHost as Host } from '../chat/answer-host.ts';
import type { Conversation } from '../chat/conversation.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import type { Resident } from '../runner/resident.ts';
import type { Engine } from '../engine/engine.ts';
import type { Sampling } from '../engine/sampling.ts';
import type { Adaptation } from './adaptation.svelte.ts';
import type { Catalog } from './catalog.svelte.ts';
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
	running: Pick<Running, 'answeringVariant' | 'server'>;
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
	async engine(signal: AbortSignal): Promise<Engine> {
		const { server } = this.#parts.running;
		if (server) return server;
		const { residentFor } = await loading();
		return (this.#resident = await residentFor(this.#parts, this.#resident, signal));
	}

	/** What the engine held of a conversation is gone: whoever relies on it must count again. */
	forget() {
		this.#resident = null;
	}

	answering(): Answering {
		const { catalog, preflights, experience, counting, planning, selection, loader, running } =
			this.#parts;
		const { server, answeringVariant: variant } = running;
		if (server)
			return {
				label: server.label,
				contextWindow: server.contextWindow,
				vision: server.can.images,
				config: null,
				answerer: null,
				speeds: null
			};
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
		const { loadFor } = await loading();
		return (await loadFor(this.#parts, signal)) === 'loaded';
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
}

/** Until something is asked, the page does without. */
const loading = () => import('./load-for-answer.ts');
