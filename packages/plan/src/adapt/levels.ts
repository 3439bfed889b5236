import type { Family, Variant } from '../models/catalog.ts';
import { bitsPerWeight, type Quantization } from '../models/quantization.ts';
import { maxContextWindow } from '../memory/context-limit.ts';
import { judge, type Judgement, type Knowledge } from '../memory/judge.ts';
import type { Situation } from '../memory/verdict.ts';
import { cellBitsOf } from './matrix.ts';

/** What can be loaded in place of something finer; plain data, fit for storage. */
export interface Level {
	variantId: string;
	quantization: Pick<Quantization, 'name' | 'weightBits' | 'computeBytes'>;
	contextWindow: number;
	/** What makes it coarser than the level before. */
	by: 'quantization' | 'window' | 'family';
	/** Compared with the bits of a cell: below 3 for a smaller window, below 1 for a smaller family. */
	rank: number;
	/** Bytes it would take at most while chatting. */
	peakBytes: number;
	/** Why it cannot be loaded here, as a sentence; null: it can. */
	barred: string | null;
	/** All its files are on disk. */
	onDisk: boolean;
	/** Measured here while answering; null: not measured. */
	tokensPerSecond: number | null;
	/** Ratio of positions at which it has the same most likely token as the most precise variant; null: not measured. */
	sameToken: number | null;
}

/** Smaller windows are tried down to here: less holds no conversation worth the name. */
export const LEAST_LEVEL_WINDOW = 1024;
const WINDOW_RANKS = [2, 1] as const;
const MOST_FAMILIES = 2;

export interface LevelsParts {
	knownOf: (variant: Variant) => Knowledge;
	situation: Situation;
	onDisk: (variant: Variant) => boolean;
	tokensPerSecondOf: (variant: Variant) => number | null;
	sameTokenOf: (variant: Variant) => number | null;
}

/**
 * The levels of a family at a window, finest to coarsest: its quantizations, then the coarsest one with half and a
 * quarter of the window, then the usual quantization of smaller families. Levels of unknown size are left out, and so
 * are those that take no less than a finer one: nothing would be gained by them.
 */
export function levelsOf(
	family: Family,
	contextWindow: number,
	smallerFamilies: readonly Family[],
	parts: LevelsParts
): Level[] {
	const finestFirst = [...family.variants].sort(
		(a, b) => bitsPerWeight(b.quantization) - bitsPerWeight(a.quantization)
	);
	const level = (variant: Variant, window: number, by: Level['by'], rank: number): Level[] => {
		const known = parts.knownOf(variant);
		const within = Math.min(window, maxContextWindow(variant, known.facts));
		const judged = judge(variant, within, known, parts.situation);
		if (!judged.estimate) return [];
		const { name, weightBits, computeBytes } = variant.quantization;
		return [
			{
				variantId: variant.id,
				quantization: { name, weightBits, computeBytes },
				contextWindow: within,
				by,
				rank,
				peakBytes: judged.estimate.peakBytes,
				barred: barOf(judged),
				onDisk: parts.onDisk(variant),
				tokensPerSecond: parts.tokensPerSecondOf(variant),
				sameToken: parts.sameTokenOf(variant)
			}
		];
	};
	const quantizations = finestFirst.flatMap((variant) =>
		level(variant, contextWindow, 'quantization', cellBitsOf(variant.quantization))
	);
	// What cannot run here at any window says nothing of the windows.
	const coarsest = finestFirst
		.filter((variant) =>
			quantizations.some((each) => each.variantId === variant.id && !hardBar(variant, parts))
		)
		.at(-1);
	const windows = coarsest
		? WINDOW_RANKS.flatMap((rank, i) => {
				const window = Math.floor(contextWindow / 2 ** (i + 1));
				return window < LEAST_LEVEL_WINDOW ? [] : level(coarsest, window, 'window', rank);
			})
		: [];
	const families = smallerFamilies.slice(0, MOST_FAMILIES).flatMap((smaller, i) => {
		const variant = usualOf(smaller, parts);
		return variant ? level(variant, contextWindow, 'family', 0 - i) : [];
	});
	return descending([...quantizations, ...windows, ...families]);
}

const hardBar = (variant: Variant, { knownOf, situation }: LevelsParts): boolean => {
	const { verdict } = judge(variant, LEAST_LEVEL_WINDOW, knownOf(variant), situation);
	return verdict.kind === 'blocked' && !verdict.overridable;
};

/** Four bits where there are, 16-bit compute where it runs here. */
const usualOf = ({ variants }: Family, parts: LevelsParts): Variant | undefined =>
	[...variants]
		.filter((variant) => !hardBar(variant, parts))
		.sort((a, b) => offUsual(a) - offUsual(b))[0];

/** By how many bits per weight a variant is off four bits with 16-bit scales. */
const offUsual = ({ quantization }: Variant): number => Math.abs(bitsPerWeight(quantization) - 4.5);

/** Each takes less than every finer one that may be loaded. */
function descending(levels: readonly Level[]): Level[] {
	let least = Infinity;
	return levels.filter(({ peakBytes, barred }) => {
		if (peakBytes >= least) return false;
		if (!barred) least = peakBytes;
		return true;
	});
}

function barOf({ verdict }: Judgement): string | null {
	const failed = verdict.reasons.find(({ code }) => code === 'failed-here-before');
	if (failed) return failed.sentence;
	return verdict.kind === 'blocked' ? (verdict.reasons[0]?.sentence ?? 'It is blocked.') : null;
}

/** Families of the same kind with fewer parameters, the largest first. */
export function smallerThan(family: Family, families: readonly Family[]): Family[] {
	const own = family.parametersBillion;
	if (own === null) return [];
	const vendor = (id: string) => id.split(/[-_\d]/)[0]?.toLowerCase();
	return families
		.filter(
			({ id, parametersBillion, vision, variants }) =>
				parametersBillion !== null &&
				parametersBillion < own &&
				vision === family.vision &&
				vendor(id) === vendor(family.id) &&
				variants.some(({ origin }) => origin !== 'pocket')
		)
		.sort((a, b) => (b.parametersBillion ?? 0) - (a.parametersBillion ?? 0));
}

export interface LevelKey {
	variantId: string;
	contextWindow: number;
}

export const sameLevel = (a: LevelKey, b: LevelKey): boolean =>
	a.variantId === b.variantId && a.contextWindow === b.contextWindow;
