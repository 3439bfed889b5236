import { MOST_SAMPLES, type Trace } from '#plan/adapt/trace.ts';
import type { Signal, SignalKind } from '#plan/adapt/pace.ts';

/** Records the requests of this visit, for the simulator. */
export class Recorder {
	samples = $state.raw<readonly Signal[]>([]);

	/** Keeps what differs from the sample before. */
	see({ waiting, running }: { waiting: number; running: boolean }, kind: SignalKind = 'look') {
		const last = this.samples.at(-1);
		if (kind === 'look' && last?.waiting === waiting && last.running === running) return;
		this.samples = [...this.samples, { kind, atMs: Date.now(), waiting, running }].slice(
			-MOST_SAMPLES
		);
	}

	/** Up to now: what has not changed since the last sample lasted until now. */
	trace(budgetBytes: number | null): Trace {
		const first = this.samples[0]?.atMs ?? 0;
		const last = this.samples.at(-1);
		const samples = last
			? [...this.samples, { ...last, kind: 'look' as const, atMs: Date.now() }]
			: [];
		return {
			version: 1,
			name: 'This visit',
			budgetBytes,
			samples: samples.map((sample) => ({ ...sample, atMs: Math.max(0, sample.atMs - first) }))
		};
	}
}
