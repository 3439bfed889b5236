import type { Wishes } from '#plan/adapt/decide.ts';
import { maxContextWindow } from '#plan/memory/context-limit.ts';
import type { Judgement } from '#plan/memory/judge.ts';
import type { TokenSampling } from '#plan/memory/sampling.ts';
import type { Offer, Situation } from '#plan/memory/verdict.ts';
import type { Variant } from '#plan/models/catalog.ts';
import type { Facts } from '#plan/models/facts.ts';
import type { Preflights } from '../files/preflights.svelte.ts';
import type { Target } from '../runner/target.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Experience } from './experience.svelte.ts';
import type { Hardware } from './hardware.svelte.ts';
import type { AppParts, Planner } from './parts.ts';

export interface PlanningParts extends Pick<AppParts, 'settings'> {
	catalog: Catalog;
	hardware: Pick<Hardware, 'reading' | 'budget'>;
	preflights: Pick<Preflights, 'facts'>;
	experience: Pick<Experience, 'knownOf'>;
	planner: () => Planner | null;
	/** GPU bytes that the engines hold. */
	heldBytes: () => number;
	/** Whether they would go before the next is loaded. */
	leaves: () => boolean;
}

/** Whether and how each variant would run here and now. */
export class Planning {
	readonly #parts: PlanningParts;

	/**
	 * The page holds the bytes of the model that is or is being loaded until it is let go, so they count as free for the
	 * next. They are not even looked at then: the best fit of the whole catalogue would be worked out again with every
	 * reading of the meter.
	 */
	readonly situation: Situation = $derived.by(() => {
		const { settings, hardware, heldBytes, leaves } = this.#parts;
		return {
			reading: hardware.reading,
			budget: hardware.budget,
			threshold: settings.current.thresholdRatio ?? 'off',
			usedBytes: leaves() ? 0 : heldBytes()
		};
	});

	constructor(parts: PlanningParts) {
		this.#parts = parts;
	}

	/** The same where nothing would go. */
	get situationNow(): Situation {
		return { ...this.situation, usedBytes: this.#parts.heldBytes() };
	}

	/** `facts`: where more has been read than is known yet. */
	planOf(variant: Variant, contextWindow: number, facts?: Facts): Judgement {
		const { planner } = this.#parts;
		return (
			planner()?.judge(variant, contextWindow, this.#known(variant, facts), this.situation) ??
			undecided(variant, contextWindow)
		);
	}

	/** The same, with the tokens chosen that way and no other. */
	planAs(
		sampling: TokenSampling,
		{ variant, contextWindow }: Target,
		{ situation = this.situation, facts }: { situation?: Situation; facts?: Facts } = {}
	): Judgement {
		const { planner } = this.#parts;
		const known = this.#known(variant, facts);
		return (
			planner()?.judgeAs(sampling, variant, contextWindow, known, situation) ??
			undecided(variant, contextWindow)
		);
	}

	/** What to load in place of what is blocked, or tight. */
	offersFor(plan: Judgement): readonly Offer[] {
		const { planner, catalog, experience } = this.#parts;
		const knownOf = (variant: Variant) => experience.knownOf(variant);
		return planner()?.offers(plan, catalog.families, knownOf, this.situation) ?? [];
	}

	/** The next smaller thing of the same family that would run and is not below the floor; null: there is none. */
	smaller({ variant, contextWindow }: Target, wishes?: Wishes): Target | null {
		const { planner, catalog, experience } = this.#parts;
		// Whatever is loaded leaves before it.
		const situation = { ...this.situation, usedBytes: 0 };
		return (
			planner()?.nextSmaller(
				{ variant, contextWindow },
				catalog.familyOf(variant).variants,
				(one) => experience.knownOf(one),
				situation,
				wishes
			) ?? null
		);
	}

	maxContextWindow(variant: Variant): number {
		return maxContextWindow(variant, this.#parts.preflights.facts(variant));
	}

	#known(variant: Variant, facts?: Facts) {
		const known = this.#parts.experience.knownOf(variant);
		return facts ? { ...known, facts } : known;
	}
}

/** Before the planner has come. */
const undecided = (variant: Variant, contextWindow: number): Judgement => ({
	variant,
	contextWindow,
	estimate: null,
	verdict: {
		kind: 'tight',
		reasons: [
			{ code: 'estimate-uncertain', sentence: 'How much memory it takes is not known yet.' }
		],
		warnings: [],
		overridable: false
	},
	sampling: 'engine',
	savedBytes: 0
});
