import type { Variant } from '#plan/models/catalog.ts';
import type { Answers } from '../chat/answers.svelte.ts';
import type { Session } from '../chat/session.svelte.ts';
import type { Engine } from '../engine/engine.ts';
import type { Loader } from '../runner/loader.svelte.ts';
import type { Tenant } from '../runner/tenancy.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Selection } from './selection.svelte.ts';

type Chosen = Pick<Selection, 'variant' | 'contextWindow'>;

/** What is loaded, beside what is chosen. */
export class Running {
	readonly #selection: Chosen;
	readonly #loader: Pick<Loader, 'loaded'>;

	/** The person's own server, where that answers in place of this GPU. */
	server = $state.raw<Engine | null>(null);
	/** What answers the next message: the loaded variant, else the chosen one. */
	readonly answeringVariant: Variant = $derived.by(
		() => this.#loader.loaded?.variant ?? this.#selection.variant
	);
	/** The chosen variant at the chosen window is what is loaded. */
	readonly chosenIsLoaded: boolean = $derived.by(() => {
		const { loaded } = this.#loader;
		const { variant, contextWindow } = this.#selection;
		return loaded?.variant.id === variant.id && loaded.contextWindow === contextWindow;
	});

	constructor(selection: Chosen, loader: Pick<Loader, 'loaded'>) {
		this.#selection = selection;
		this.#loader = loader;
	}
}

/** What another tab is told of this one while this one has the engine. */
export function tenantOf({
	catalog,
	loader,
	answers,
	session
}: {
	catalog: Pick<Catalog, 'familyOf'>;
	loader: Pick<Loader, 'loaded' | 'status'>;
	answers: Pick<Answers, 'queue' | 'titleOf'>;
	session: Pick<Session, 'conversation'>;
}): Tenant {
	const { loaded, status } = loader;
	const variant = status.kind === 'idle' ? loaded?.variant : status.target.variant;
	const { running } = answers.queue;
	return {
		model: variant ? `${catalog.familyOf(variant).name} ${variant.quantization.name}` : 'A model',
		// Of the conversation that is being answered, else of the one that is shown.
		conversation: running ? answers.titleOf(running) : session.conversation.title
	};
}
