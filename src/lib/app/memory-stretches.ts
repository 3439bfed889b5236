import type { MemoryPhase, Sample } from './memory-series.ts';

/** A stretch of one phase. */
export interface Stretch {
	phase: MemoryPhase;
	fromMs: number;
	toMs: number;
	peakBytes: number;
}

/** The stretches of the series, oldest first; the last one ends at `endMs`. */
export function stretches(samples: readonly Sample[], endMs: number): Stretch[] {
	const found: Stretch[] = [];
	for (const { atMs, bytes, phase } of samples) {
		const last = found.at(-1);
		if (last) last.toMs = atMs;
		if (last?.phase === phase) last.peakBytes = Math.max(last.peakBytes, bytes);
		else found.push({ phase, fromMs: atMs, toMs: atMs, peakBytes: bytes });
	}
	const last = found.at(-1);
	if (last) last.toMs = Math.max(last.toMs, endMs);
	return found;
}
