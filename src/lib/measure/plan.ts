import type { Verdict } from '#plan/memory/verdict.ts';
import type { Asked, LeftOut } from './record.ts';
import { sets, testsWithin } from './speed-tests.ts';

/** A variant that was asked for, after its small files were read. */
export interface Candidate {
	variantId: string;
	/** At the window it would be loaded with: the asked one, or the most it holds. */
	contextWindow: number;
	verdict: Verdict;
	/** Bytes to download before it can be loaded; null: not known. */
	missingBytes: number | null;
	/** It is downloaded, or to be downloaded, for another purpose, too. */
	wantedAnyway: boolean;
	/** Why its files cannot be read; null: they can. */
	problem: string | null;
}

export interface RunPlan {
	/** In the order in which they are measured. */
	variantIds: readonly string[];
	leftOut: readonly LeftOut[];
	/** Bytes of all that are measured, and are not on the disk. */
	downloadBytes: number;
	/** How many of the downloads are of unknown size. */
	unknownSizes: number;
	/** Those that are not whole on the disk, and are not being downloaded for later. */
	fetchedIds: readonly string[];
	/** What the others are compared with: the asked one, or the first where that is left out. */
	baselineId: string | null;
}

/** What of a request for speed tests can be measured here. */
export const planRun = (asked: Asked, candidates: readonly Candidate[]): RunPlan =>
	planVariants(candidates, asked.baselineId, ({ contextWindow }) =>
		testsWithin(sets[asked.set], contextWindow).length > 0
			? null
			: `Its context window of ${contextWindow} tokens is too small for the tests.`
	);

/**
 * Which candidates can be run. A blocked variant is left out with its reason, and never loaded anyway. `whyNot`: a
 * further reason; null: there is none.
 */
export function planVariants(
	candidates: readonly Candidate[],
	baselineId: string | null,
	whyNot: (candidate: Candidate) => string | null
): RunPlan {
	const leftOut: LeftOut[] = [];
	const measured: Candidate[] = [];
	for (const candidate of candidates) {
		const reason = blockedWords(candidate) ?? whyNot(candidate);
		if (reason === null) measured.push(candidate);
		else leftOut.push({ variantId: candidate.variantId, reason });
	}
	const ids = measured.map(({ variantId }) => variantId);
	return {
		variantIds: ids,
		leftOut,
		downloadBytes: measured.reduce((sum, { missingBytes }) => sum + (missingBytes ?? 0), 0),
		unknownSizes: measured.filter(({ missingBytes }) => missingBytes === null).length,
		fetchedIds: measured
			.filter(({ missingBytes, wantedAnyway }) => missingBytes !== 0 && !wantedAnyway)
			.map(({ variantId }) => variantId),
		baselineId: ids.find((id) => id === baselineId) ?? ids[0] ?? null
	};
}

function blockedWords({ verdict, problem }: Candidate): string | null {
	if (problem !== null) return problem;
	if (verdict.kind !== 'blocked') return null;
	return verdict.reasons.map(({ sentence }) => sentence).join(' ') || 'It cannot run here.';
}
