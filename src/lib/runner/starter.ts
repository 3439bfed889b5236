import type { LoadPhase } from '../engine/protocol.ts';
import { asFailure, type Failure } from '../rpc/failure.ts';
import type { CrashMarker } from './crash-marker.ts';
import type { Journal } from './journal.ts';
import type { PlannedHost } from './loader-host.ts';
import { gpuStaysAway } from './gpu-back.ts';
import type { Recoveries } from './recovery.ts';
import type { Slot } from './slot.svelte.ts';
import type { Spare } from './spare.ts';
import type { Standby } from './standby.svelte.ts';
import { cancelled } from './attempts.ts';
import type { Clock } from './clock.ts';
import type { Coming } from '../engine/gpu-engine.ts';
import { start } from './start.ts';
import type { Loaded, Read, Target } from './target.ts';

export interface Starting {
	signal: AbortSignal;
	onPhase: (phase: LoadPhase | null) => void;
	/** Lets go what must not be there beside the weights. */
	makeRoom?: () => Promise<void>;
	/** Where its files are still being fetched. */
	coming?: Coming | undefined;
}

export interface StarterParts {
	host: Pick<PlannedHost, 'request' | 'gpuGone'>;
	slot: Pick<Slot, 'freed' | 'measure'>;
	spare: Pick<Spare, 'take'>;
	standby: Pick<Standby, 'letGo'>;
	recoveries: Recoveries;
	marker: Pick<CrashMarker, 'write' | 'clear'>;
	/** True once the browser offers an adapter again, false if it does not in time. */
	gpuIsBack: (signal: AbortSignal) => Promise<boolean>;
	clock: Clock;
	journal: Journal;
}

/** Brings one engine so far that it has made a token; what becomes of it then is for others to say. */
export class Starter {
	readonly #parts: StarterParts;

	constructor(parts: StarterParts) {
		this.#parts = parts;
	}

	/** The same once more where the cause of a failure has passed. */
	async startOrRepeat(target: Target, read: Read, starting: Starting): Promise<Loaded> {
		const { recoveries, journal } = this.#parts;
		try {
			return await this.start(target, read, starting);
		} catch (thrown) {
			const failure = asFailure(thrown, 'engine');
			if (starting.signal.aborted) throw failure;
			await this.awaitGpu(failure, starting.signal);
			if (!recoveries.spend(failure, 'loading')) throw failure;
			journal.failure(failure);
			return await this.start(target, read, starting);
		}
	}

	async start(
		target: Target,
		{ facts, revision }: Read,
		{ signal, onPhase, makeRoom, coming }: Starting
	): Promise<Loaded> {
		if (signal.aborted) throw cancelled();
		onPhase(null);
		const { host, slot, spare, standby, marker, clock, journal } = this.#parts;
		const request = host.request(target, { facts, revision });
		const engine = spare.take(request);
		try {
			const result = await start(engine, target, request, {
				signal,
				coming,
				onPhase,
				onMeter: (reading) => slot.measure(engine, reading),
				beforeWeights: async () => {
					await slot.freed;
					await standby.letGo();
					await makeRoom?.();
				},
				marker,
				clock,
				journal
			});
			return { ...target, engine, facts, revision, result };
		} catch (error) {
			slot.measure(engine, null);
			throw error;
		}
	}

	/** Throws when the browser does not offer the GPU again. */
	async awaitGpu(cause: Failure, signal: AbortSignal) {
		if (cause.kind !== 'device-lost' && cause.kind !== 'no-adapter') return;
		const back = await this.#parts.gpuIsBack(signal);
		if (signal.aborted) throw cancelled();
		if (back) return;
		this.#parts.host.gpuGone();
		throw gpuStaysAway(cause);
	}
}
