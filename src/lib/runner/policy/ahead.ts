import type { Target } from '../target.ts';

/** Importing the engine takes a core for a second. */
const QUIET_MS = 2_000;
/** What was chosen for so long is not only passed through. */
const CHOSEN_MS = 400;

/** What goes on while something chosen might be prepared. */
export interface Seen {
	/** Another was chosen meanwhile. */
	changed: boolean;
	/** The loader is at something. */
	loading: boolean;
	/** It is what just failed to load. */
	failed: boolean;
	/** An answer is being written, which comes first. */
	writing: boolean;
	/** It is what is loaded. */
	loaded: boolean;
}

export function whetherToPrepare(seen: Seen): 'yes' | 'no' | 'later' {
	if (seen.changed || seen.loading || seen.failed) return 'no';
	if (seen.writing) return 'later';
	return seen.loaded ? 'no' : 'yes';
}

export interface AheadHost {
	/** The same object until another choice is made. */
	choice(): object | null;
	see(): Omit<Seen, 'changed'>;
	target(): Target;
	prepareSpare(): void;
	prepare(target: Target): Promise<void>;
}

/** Prepares what may be asked for next, once nothing else wants the processor. */
export class Ahead {
	readonly #host: AheadHost;
	readonly #timers = new Set<ReturnType<typeof setTimeout>>();

	constructor(host: AheadHost) {
		this.#host = host;
	}

	/** The next load starts from an engine imported ahead; what is waited for now goes first. */
	spare() {
		this.#after(QUIET_MS, () => {
			const { writing, loading } = this.#host.see();
			if (writing || loading) this.spare();
			else this.#host.prepareSpare();
		});
	}

	/** Called at every choice: what is still chosen a little later is prepared. */
	chosen(choice = this.#host.choice()) {
		this.#after(CHOSEN_MS, () => {
			const changed = this.#host.choice() !== choice;
			const decision = whetherToPrepare({ ...this.#host.see(), changed });
			if (decision === 'later') this.chosen(choice);
			if (decision === 'yes') void this.#host.prepare(this.#host.target());
		});
	}

	stop() {
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
	}

	#after(ms: number, act: () => void) {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			act();
		}, ms);
		this.#timers.add(timer);
	}
}
