import type { Failure } from '../rpc/failure.ts';
import type { Journal } from './journal.ts';
import type { PlannedHost } from './loader-host.ts';
import type { Slot } from './slot.svelte.ts';
import { nameOf, type Loaded, type Target } from './target.ts';

export interface StandbyParts {
	host: Pick<PlannedHost, 'keepsTwo' | 'request' | 'within'>;
	slot: Pick<Slot, 'loaded' | 'dispose' | 'measure'> & {
		letGo: (outgoing: Loaded) => Promise<void>;
	};
	journal: Journal;
	/** It has gone by itself. */
	gone: () => void;
}

/**
 * The variant that was used before the loaded one, kept loaded while both fit: a swap back to it loads nothing. Two are
 * the most: it goes before the weights of a third come, which makes it the least recently used.
 */
export class Standby {
	loaded = $state.raw<Loaded | null>(null);
	readonly #parts: StandbyParts;
	#letting: Promise<void> = Promise.resolve();

	/** From now on the slot hands over what another takes the place of. */
	constructor(parts: StandbyParts) {
		this.#parts = parts;
		parts.slot.letGo = (outgoing) => this.#keep(outgoing);
	}

	/** GPU bytes of what stands by. */
	get bytes(): number {
		return this.loaded?.result.afterFirstTokenBytes ?? 0;
	}

	/** The target is what stands by, and would be loaded in the same way. */
	suits(target: Target): boolean {
		const { loaded } = this;
		if (loaded?.variant !== target.variant || loaded.engine.failure) return false;
		const { host } = this.#parts;
		if (host.within(target, loaded.facts).contextWindow !== loaded.contextWindow) return false;
		const { tokenSampling, leanProblem } = loaded.result;
		return leanProblem !== null || host.request(target, loaded).tokenSampling === tokenSampling;
	}

	/** Hands over what stands by, for whom it is then to watch and to end; null: there is nothing any more. */
	take(): Loaded | null {
		const { loaded } = this;
		this.loaded = null;
		return loaded;
	}

	/** Resolves when the GPU is free of it. */
	letGo(): Promise<void> {
		const loaded = this.take();
		if (loaded) {
			this.#parts.journal.note(`Let ${nameOf(loaded)} go`);
			this.#letting = this.#parts.slot.dispose(loaded);
		}
		return this.#letting;
	}

	/** Called with a model that was loaded beside the one that took its place: both fit. */
	#keep(outgoing: Loaded): Promise<void> {
		const { host, slot, journal } = this.#parts;
		// The same weights twice help nobody.
		const other = slot.loaded?.variant !== outgoing.variant;
		const keeps = slot.loaded?.beside ?? host.keepsTwo();
		if (!other || outgoing.engine.failure || !keeps) return slot.dispose(outgoing);
		const freed = this.letGo();
		this.loaded = outgoing;
		journal.note(`Keep ${nameOf(outgoing)} loaded`);
		outgoing.engine.watch({
			meter: (reading) => slot.measure(outgoing.engine, reading),
			lost: (failure) => this.#lost(outgoing, failure)
		});
		return freed;
	}

	#lost(loaded: Loaded, failure: Failure) {
		if (this.loaded !== loaded) return;
		this.loaded = null;
		loaded.engine.end(failure);
		this.#parts.slot.measure(loaded.engine, null);
		this.#parts.journal.failure(failure);
		this.#parts.gone();
	}
}
