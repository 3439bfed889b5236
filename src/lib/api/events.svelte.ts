import { untrack } from 'svelte';
import type { App } from '../app/app.svelte.ts';
import type { Loaded } from '../runner/target.ts';
import { codeOf } from './error.ts';
import { queueOf } from './reading.ts';
import type { EventDetail, EventName } from './schemas.ts';

type Listener<N extends EventName> = (detail: EventDetail<N>) => void;
type Listeners = { [N in EventName]: Listener<N>[] };

/** Tells programs what happens. Nothing is watched while nobody listens. */
export class Events {
	readonly #app: App;
	readonly #listeners: Listeners = {
		loaded: [],
		swapped: [],
		unloaded: [],
		meter: [],
		queue: [],
		failure: []
	};
	#stop: (() => void) | null = null;

	constructor(app: App) {
		this.#app = app;
	}

	/** Returns the way to stop. */
	on<N extends EventName>(name: N, listener: Listener<N>): () => void {
		this.#listeners[name].push(listener);
		this.#stop ??= this.#watch();
		return () => {
			const at = this.#listeners[name].indexOf(listener);
			if (at >= 0) this.#listeners[name].splice(at, 1);
			if (Object.values(this.#listeners).some(({ length }) => length > 0)) return;
			this.#stop?.();
			this.#stop = null;
		};
	}

	#tell<N extends EventName>(name: N, detail: EventDetail<N>) {
		for (const listener of [...this.#listeners[name]])
			try {
				listener(detail);
			} catch (thrown) {
				// A program's error is its own: the page and other listeners go on.
				reportError(thrown);
			}
	}

	#watch(): () => void {
		const { loader, answers } = this.#app;
		let before: Loaded | null = loader.loaded;
		let problem = loader.problem;
		return $effect.root(() => {
			$effect(() => {
				const { loaded } = loader;
				untrack(() => {
					if (loaded === before) return;
					const from = before;
					before = loaded;
					this.#loadedChanged(from, loaded);
				});
			});
			$effect(() => {
				const { liveBytes: usedBytes, peakBytes } = loader.meter;
				untrack(() => this.#tell('meter', { usedBytes, peakBytes }));
			});
			$effect(() => {
				const queue = queueOf(answers.queue);
				untrack(() => this.#tell('queue', queue));
			});
			$effect(() => {
				const now = loader.problem;
				untrack(() => {
					if (now && now !== problem) {
						const { failure, target } = now;
						this.#tell('failure', {
							code: codeOf(failure),
							message: failure.message,
							model: target.variant.id
						});
					}
					problem = now;
				});
			});
		});
	}

	#loadedChanged(from: Loaded | null, to: Loaded | null) {
		if (to && from && from.variant !== to.variant)
			this.#tell('swapped', {
				model: to.variant.id,
				from: from.variant.id,
				gapMs: this.#app.loader.swapGapMs
			});
		if (to)
			this.#tell('loaded', {
				model: to.variant.id,
				contextWindow: to.contextWindow,
				bytes: to.result.afterLoadBytes
			});
		else if (from) this.#tell('unloaded', { model: from.variant.id });
	}
}
