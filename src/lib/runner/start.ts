import type { Failure } from '../rpc/failure.ts';
import type { Clock } from './clock.ts';
import type { CrashMarker } from './crash-marker.ts';
import type { Coming, GpuEngine } from '../engine/gpu-engine.ts';
import type { Journal } from './journal.ts';
import type { LoadPhase, LoadRequest, LoadResult, MeterReading } from '../engine/protocol.ts';
import type { Target } from './target.ts';

/** A device that was lost while loading: the engine has this long to say what it was doing. It may not come to it. */
const EXPLAIN_LIMIT_MS = 1_000;

export interface StartOptions {
	signal: AbortSignal;
	coming?: Coming | undefined;
	onPhase: (phase: LoadPhase | null) => void;
	onMeter: (reading: MeterReading) => void;
	beforeWeights: () => Promise<void>;
	marker: Pick<CrashMarker, 'write' | 'clear'>;
	journal: Journal;
	clock: Clock;
}

/**
 * Loads one engine and has it make a token. One that fails is ended. A mark says meanwhile what is being loaded, once all
 * of it is there: a tab may end for many reasons during a long download.
 */
export async function start(
	engine: GpuEngine,
	{ variant, contextWindow }: Target,
	request: LoadRequest,
	{ signal, coming, onPhase, onMeter, beforeWeights, marker, journal, clock }: StartOptions
): Promise<LoadResult> {
	let lost: Failure | null = null;
	let giveUp: (() => void) | null = null;
	engine.watch({
		meter: onMeter,
		lost: (failure) => {
			// Out of memory shows up as a lost device too, sometimes before it is told.
			if (!lost || failure.kind === 'out-of-memory') lost = failure;
			giveUp ??= clock.after(EXPLAIN_LIMIT_MS, () => engine.end(lost ?? failure));
		}
	});
	let marked: string | null = null;
	let quiet = (coming?.missing.length ?? 0) > 0;
	let over = false;
	const write = () => {
		if (!quiet && marked !== null)
			marker.write({ variantId: variant.id, contextWindow, phase: marked });
	};
	const mark = (phase: string) => {
		if (phase === marked) return;
		if (marked !== null) journal.note(phase);
		marked = phase;
		write();
	};
	coming?.fetched.then(
		() => {
			if (!quiet || over) return;
			quiet = false;
			write();
		},
		() => undefined
	);
	mark('starting');
	try {
		const result = await engine.load(request, {
			signal,
			coming,
			beforeWeights,
			onPhase: (phase) => {
				onPhase(phase);
				mark(phase.phase);
			}
		});
		if (lost) throw lost as Failure;
		return result;
	} catch (error) {
		engine.end();
		throw error;
	} finally {
		over = true;
		(giveUp as (() => void) | null)?.();
		marker.clear();
	}
}
