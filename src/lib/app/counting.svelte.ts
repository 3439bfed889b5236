import type { Preflights } from '../files/preflights.svelte.ts';
import type { KeptQuality } from '../quality/kept.ts';
import type { Tally } from '../statistics/tally.svelte.ts';
import type { Mishaps } from '../ui/mishaps.svelte.ts';
import type { Catalog } from './catalog.svelte.ts';
import type { Hardware } from './hardware.svelte.ts';
import type { AppParts, Planner } from './parts.ts';

export interface CountingParts extends Pick<AppParts, 'conversations' | 'measured'> {
	catalog: Pick<Catalog, 'variant' | 'libraryUrlOf'>;
	hardware: Pick<Hardware, 'device'>;
	preflights: Pick<Preflights, 'facts'>;
	planner: () => Planner | null;
	mishaps: () => Pick<Mishaps, 'note'>;
}

/** Lifetime statistics, whose script comes when something is first counted or shown. */
export class Counting {
	/** null: not loaded yet. */
	tally = $state.raw<Tally | null>(null);
	/** How much quantizations differ, as measured here; null: not loaded yet. */
	quality = $state.raw<KeptQuality | null>(null);
	readonly #parts: CountingParts;
	#making: Promise<Tally> | null = null;

	constructor(parts: CountingParts) {
		this.#parts = parts;
	}

	/** Loads the tally if need be. Rejects when its script does not come; the next call tries again. */
	made(): Promise<Tally> {
		this.#making ??= import('./make-tally.ts').then(({ makeTally }) =>
			makeTally(this.#parts, (quality) => (this.quality = quality))
		);
		return this.#making.then(
			(tally) => (this.tally = tally),
			(thrown: unknown) => {
				this.#making = null;
				throw thrown;
			}
		);
	}

	/** Loads the tally if need be, and runs with it. Never throws: a figure that is lost ends nothing else. */
	count(what: (tally: Tally) => unknown = () => undefined) {
		void this.made()
			.then(what)
			.catch((thrown: unknown) => this.#parts.mishaps().note(thrown));
	}
}
