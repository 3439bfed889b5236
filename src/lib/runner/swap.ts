import type { LoadPhase } from '../engine/protocol.ts';
import { asFailure, fromWire, type Failure } from '../rpc/failure.ts';
import { cancelled, type Attempt } from './attempts.ts';
import type { Elsewhere } from './elsewhere.svelte.ts';
import type { Journal } from './journal.ts';
import type { PlannedHost } from './loader-host.ts';
import { obtain, type ObtainParts, type Obtaining } from './obtain.ts';
import type { Slot } from './slot.svelte.ts';
import type { Clock } from './clock.ts';
import type { Spare } from './spare.ts';
import type { Standby } from './standby.svelte.ts';
import type { Starter, Starting } from './starter.ts';
import { again, nameOf, type Loaded, type LoaderStatus, type Read, type Target } from './target.ts';
import type { Tenancy } from './tenancy.ts';
import { together } from './together.ts';

export interface SwapParts extends ObtainParts {
	host: PlannedHost;
	slot: Slot;
	starter: Starter;
	spare: Pick<Spare, 'compileAhead' | 'forgetPrepared'>;
	standby: Standby;
	tenancy: Pick<Tenancy, 'claim'>;
	elsewhere: Elsewhere;
	clock: Clock;
	journal: Journal;
	/** What an attempt that was superseded does is not shown any more. */
	say: (attempt: Attempt, status: LoaderStatus) => void;
}

export interface Failed {
	target: Target;
	failure: Failure;
}

/** Goes from what is loaded, if anything, to something else, and back where that fails. */
export class Swap {
	readonly #parts: SwapParts;

	constructor(parts: SwapParts) {
		this.#parts = parts;
	}

	/** null: it is loaded. */
	async run(wanted: Target, attempt: Attempt): Promise<Failed | null> {
		const { host, slot, spare, standby, tenancy, elsewhere, clock, journal, say } = this.#parts;
		const { signal } = attempt;
		let target = wanted;
		const swapping = slot.loaded !== null;
		const beforeBytes = slot.meter.liveBytes;
		const outgoing = slot.loaded ?? slot.owed;
		slot.owed = null;
		let gapStartMs: number | null = null;
		journal.note(`Load ${nameOf(target)}`);
		try {
			if (!(await tenancy.claim())) throw await elsewhere.refusal(signal);
			if (signal.aborted) throw cancelled();
			const release = async () => {
				say(attempt, { kind: 'releasing', target });
				await host.stopWriters();
				if (signal.aborted) throw cancelled();
				gapStartMs = clock.now();
			};
			const filled = (loaded: Loaded) => {
				slot.fill(loaded);
				slot.swapGapMs = swapping && gapStartMs !== null ? clock.now() - gapStartMs : null;
				const afterBytes = loaded.result.afterFirstTokenBytes + standby.bytes;
				if (swapping) slot.change = { kind: 'swap', beforeBytes, afterBytes };
			};
			if (standby.suits(target)) {
				await release();
				// It may be lost while the writers stop.
				const back = standby.take();
				if (back) {
					filled(back);
					journal.note(`Back to ${nameOf(back)}`);
					host.switched();
					return null;
				}
			}
			spare.compileAhead(host.source(wanted.variant).libraryUrl);
			say(attempt, { kind: 'downloading', target: wanted, progress: null });
			const loaded = await this.#load(wanted, attempt, {
				onWithin: (within) => (target = within),
				release: async () => {
					await release();
					await slot.empty();
				}
			});
			if (slot.loaded) await release().catch((error: unknown) => this.#abandon(loaded, error));
			// It may be lost while the rest of its files, or the writers, are waited for.
			if (loaded.engine.failure) this.#abandon(loaded, loaded.engine.failure);
			filled(loaded);
			this.#note(loaded);
			host.loaded(loaded);
			return null;
		} catch (thrown) {
			spare.forgetPrepared();
			let failure = signal.aborted ? cancelled() : asFailure(thrown, 'engine');
			if (failure.kind === 'lean-unavailable') failure = host.withoutLean(target, failure);
			// Released for the new one, or lost meanwhile.
			if (outgoing && !slot.loaded) {
				if (attempt.ending === 'superseded') slot.owed = outgoing;
				if (attempt.ending === null || attempt.ending === 'cancelled')
					failure = await this.#rollBack(target, outgoing, failure, attempt);
			}
			// Beside nothing that is used, nothing stands by.
			if (!slot.loaded) await standby.letGo();
			return { target, failure };
		}
	}

	/** Fetches and loads. What is loaded is released only when every file is there, and just before the weights go. */
	async #load(
		wanted: Target,
		attempt: Attempt,
		{ onWithin, release }: Pick<Obtaining, 'onWithin'> & { release: () => Promise<void> }
	): Promise<Loaded> {
		const { host, slot, starter, standby, say } = this.#parts;
		const either = new AbortController();
		const signal = AbortSignal.any([attempt.signal, either.signal]);
		let target = wanted;
		const { ahead, whole } = await obtain(this.#parts, wanted, {
			signal,
			onProgress: (progress) => {
				if (!signal.aborted) say(attempt, { kind: 'downloading', target: wanted, progress });
			},
			onWithin: (within) => onWithin((target = within))
		});
		let latest: LoadPhase | null = null;
		let fetching = true;
		const sayPhase = (phase: LoadPhase | null) => {
			latest = phase;
			if (!fetching) say(attempt, { kind: 'loading', target, phase });
		};
		const fetched = whole.then((read) => {
			fetching = false;
			sayPhase(latest);
			return read;
		});
		const load = (read: Read) =>
			starter.startOrRepeat(target, read, {
				signal,
				coming: { missing: ahead.missing, fetched },
				onPhase: sayPhase,
				makeRoom: async () => {
					if (!slot.loaded || host.fitsBeside(target, read.facts)) return;
					await fetched;
					await release();
				}
			});
		// To a GPU that is empty they go as they come; a download may take long, and what is loaded answers meanwhile.
		const waits = ahead.missing.length > 0 && (slot.loaded ?? standby.loaded) !== null;
		const loading = waits ? fetched.then(load) : load(ahead);
		try {
			return await together(loading, fetched, () => either.abort());
		} catch (thrown) {
			const loaded = await loading.catch(() => null);
			// With every file there it may still be refused, or not be wanted any more.
			if (loaded) this.#abandon(loaded, thrown);
			throw thrown;
		}
	}

	#note({ result, ...target }: Loaded) {
		const { tokenSampling, leanProblem } = result;
		const { journal } = this.#parts;
		journal.note(
			`Loaded ${nameOf(target)}${tokenSampling === 'lean' ? ', sampling on the CPU' : ''}`
		);
		if (leanProblem) journal.failure(fromWire(leanProblem));
	}

	/** What was loaded is not wanted any more. */
	#abandon({ engine }: Loaded, error: unknown): never {
		engine.end();
		this.#parts.slot.measure(engine, null);
		throw error;
	}

	/** Returns the failure to explain: that nothing could be brought back is only worth it where the GPU is gone. */
	async #rollBack(
		target: Target,
		to: Loaded,
		failure: Failure,
		attempt: Attempt
	): Promise<Failure> {
		attempt.proceed();
		const { slot, starter, journal, say } = this.#parts;
		const { signal } = attempt;
		const onPhase: Starting['onPhase'] = (phase) =>
			say(attempt, { kind: 'rolling-back', target, to, failure, phase });
		onPhase(null);
		journal.failure(failure);
		journal.note(`Bring ${nameOf(to)} back`);
		try {
			await starter.awaitGpu(failure, signal);
			slot.fill(await starter.startOrRepeat(again(to), to, { signal, onPhase }));
			return failure;
		} catch (thrown) {
			if (attempt.ending === 'superseded') slot.owed = to;
			if (signal.aborted) return failure;
			const second = asFailure(thrown, 'engine');
			journal.failure(second);
			return second.kind === 'no-adapter' ? second : failure;
		}
	}
}
