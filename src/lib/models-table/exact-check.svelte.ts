import { SvelteMap } from 'svelte/reactivity';
import type { Variant } from '#plan/models/catalog.ts';
import type { Failure } from '../rpc/failure.ts';

/** The hub slows down a client that asks for more at once. */
const AT_ONCE = 4;

export type CheckStatus =
	| { kind: 'idle' }
	| { kind: 'running'; done: number; total: number }
	| { kind: 'ended'; done: number; total: number; failed: number; cancelled: boolean };

/** Reads the files before the weights of many variants, a few at once. */
export class ExactCheck {
	status = $state.raw<CheckStatus>({ kind: 'idle' });
	/** Why the last check of a variant failed, by its id. */
	readonly failures = new SvelteMap<string, Failure>();
	readonly #check: (variant: Variant, signal: AbortSignal) => Promise<Failure | null>;
	#run: AbortController | null = null;

	constructor(check: (variant: Variant, signal: AbortSignal) => Promise<Failure | null>) {
		this.#check = check;
	}

	/** One run at a time: while one is under way, another is not begun. */
	async run(variants: readonly Variant[]): Promise<void> {
		if (this.#run) return;
		const { signal } = (this.#run = new AbortController());
		const waiting = [...variants];
		const total = waiting.length;
		let done = 0;
		let failed = 0;
		this.status = { kind: 'running', done, total };
		const take = async () => {
			while (!signal.aborted) {
				const variant = waiting.shift();
				if (!variant) return;
				this.failures.delete(variant.id);
				const failure = await this.#check(variant, signal);
				if (failure?.kind === 'cancelled') continue;
				done++;
				if (failure) {
					failed++;
					this.failures.set(variant.id, failure);
				}
				this.status = { kind: 'running', done, total };
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, take));
		this.#run = null;
		this.status = { kind: 'ended', done, total, failed, cancelled: signal.aborted };
	}

	cancel() {
		this.#run?.abort();
	}
}
