import type { Judgement } from '#plan/memory/judge.ts';
import type { Offer } from '#plan/memory/verdict.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import type { Preflight, Preflights } from '../files/preflights.svelte.ts';
import type { Target } from '../runner/target.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { AppParts } from './parts.ts';
import type { Planning } from './planning.svelte.ts';

export interface Choice {
	variantId: string;
	contextWindow: number;
}

export interface SelectionParts extends Pick<AppParts, 'settings'> {
	catalog: Catalog;
	planning: Planning;
	preflights: Pick<Preflights, 'of' | 'facts' | 'schedule'>;
	/** What a person chose of a family last; null: nothing, or it is not known yet. */
	remembered: (familyId: string) => Choice | null;
	/** A person chose, or something smaller was loaded in place of what they had chosen. */
	chosen: () => void;
}

/** What is chosen to be loaded, and what the plan says of it. */
export class Selection {
	/** What a link suggests to choose, by its name; null: nothing. It does nothing until a person takes it up. */
	suggested = $state.raw<string | null>(null);
	#choice = $state.raw<Choice | null>(null);
	readonly #parts: SelectionParts;

	readonly variant: Variant = $derived.by(() => {
		const { catalog } = this.#parts;
		return (this.#choice && catalog.variant(this.#choice.variantId)) ?? catalog.first();
	});
	readonly family: Family = $derived.by(() => this.#parts.catalog.familyOf(this.variant));
	readonly contextWindow: number = $derived.by(() =>
		Math.min(
			this.#choice?.contextWindow ?? this.variant.defaultContextWindow,
			this.#parts.planning.maxContextWindow(this.variant)
		)
	);
	readonly plan: Judgement = $derived.by(() =>
		this.#parts.planning.planOf(this.variant, this.contextWindow)
	);
	readonly offers: readonly Offer[] = $derived.by(() => this.#parts.planning.offersFor(this.plan));
	readonly preflight: Preflight | null = $derived.by(() => this.#parts.preflights.of(this.variant));

	constructor(parts: SelectionParts) {
		this.#parts = parts;
	}

	/** Another object for every choice; null: nothing was chosen yet. */
	get choice(): Choice | null {
		return this.#choice;
	}

	/** Takes up what was chosen in an earlier visit. */
	restore() {
		const { settings, catalog } = this.#parts;
		const { choice } = settings.current;
		if (choice && catalog.variant(choice.variantId)) this.#choice = choice;
	}

	suggest(variantId: string | null) {
		if (variantId !== null) this.suggested = variantId === this.variant.id ? null : variantId;
	}

	chooseFamily({ id, variants }: Family) {
		const kept = this.#parts.remembered(id);
		if (kept && this.#parts.catalog.variant(kept.variantId)?.familyId === id)
			return this.choose(kept.variantId, kept.contextWindow);
		const { name } = this.variant.quantization;
		const next = variants.find(({ quantization }) => quantization.name === name) ?? variants[0];
		if (next) this.choose(next.id, next.defaultContextWindow);
	}

	choose(variantId: string, contextWindow = this.contextWindow) {
		const { settings, catalog, preflights, chosen } = this.#parts;
		if (!catalog.variant(variantId)) return;
		this.#choice = { variantId, contextWindow };
		void settings.set({ choice: this.#choice });
		preflights.schedule(this.variant);
		chosen();
	}

	/** Until the model's config was read nobody knows how large its window may be: then what was chosen is asked for. */
	target(anyway = false): Target {
		const { variant } = this;
		const unread = this.#parts.preflights.facts(variant)?.config == null;
		return {
			variant,
			contextWindow: (unread ? this.#choice?.contextWindow : null) ?? this.contextWindow,
			...(anyway && { anyway })
		};
	}
}
