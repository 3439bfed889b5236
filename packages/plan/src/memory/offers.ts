import type { Family, Variant } from '../models/catalog.ts';
import { bytes, tokens } from '../words.ts';
import { ranked } from './choice.ts';
import { largestContext } from './context.ts';
import { maxContextWindow } from './context-limit.ts';
import { judge, type Judgement, type Knowledge } from './judge.ts';
import type { Offer, Reason, Situation } from './verdict.ts';

const MOST_QUANTIZATIONS = 2;
const MOST_FAMILIES = 2;

/** Where a smaller budget, not the GPU itself, is in the way. */
const MEMORY: ReadonlySet<Reason['code']> = new Set([
	'over-budget',
	'over-threshold',
	'near-threshold',
	'failed-here-before'
]);
const CONTEXT: ReadonlySet<Reason['code']> = new Set([
	'over-budget',
	'over-threshold',
	'near-threshold',
	'failed-here-before',
	'context-above-model',
	'tensor-above-binding',
	'tensor-above-buffer'
]);

/**
 * What would help where a variant is tight or blocked, computed for this device, most useful first. Each offered
 * load was judged and has the verdict `fits`. pocket is a demonstration and never offered.
 */
export function offers(
	judged: Judgement,
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation
): Offer[] {
	const { variant, verdict, estimate } = judged;
	if (verdict.kind === 'fits') return [];
	// Nothing loads without a GPU.
	if (situation.reading && situation.reading.kind !== 'ready') return [];
	const codes = verdict.reasons.map((reason) => reason.code);
	const forMemory = codes.some((code) => MEMORY.has(code));
	const list: Offer[] = [];
	if (forMemory && situation.budget?.source === 'assumed')
		list.push({
			kind: 'declare-gpu',
			sentence: `Set the GPU memory: ${bytes(situation.budget.totalBytes)} is only assumed.`
		});
	const readable = !knownOf(variant).facts?.library && estimate?.confidence !== 'measured';
	if (readable && (forMemory || codes.includes('estimate-uncertain') || codes.includes('may-fit')))
		list.push({
			kind: 'check-exactly',
			sentence:
				'Check exactly: read the library (a few MB). The figure so far may be far too high or too low.'
		});
	list.push(...otherQuantizations(judged, families, knownOf, situation));
	if (codes.some((code) => CONTEXT.has(code)))
		list.push(...smallerWindow(judged, knownOf(variant), situation));
	list.push(...otherFamilies(judged, families, knownOf, situation));
	if (verdict.kind === 'blocked' && verdict.overridable)
		list.push({
			kind: 'load-once-anyway',
			sentence: 'Load it anyway. The GPU may be lost, and other programs may slow down.'
		});
	return list;
}

const fits = ({ verdict, estimate }: Judgement): boolean =>
	verdict.kind === 'fits' && estimate !== null;

/** The largest window that fits, no larger than asked for; a window that is no number asks for nothing. */
function largestUpTo(
	asked: number,
	variant: Variant,
	known: Knowledge,
	situation: Situation
): Judgement | null {
	const most = Math.min(asked, maxContextWindow(variant, known.facts));
	return most >= 1 ? largestContext(variant, known, situation, 'fits', most) : null;
}

const peakOf = ({ estimate }: Judgement): number => estimate?.peakBytes ?? NaN;

/** Best quality first, at the same window; where none fits there, each at the largest window that does. */
function otherQuantizations(
	{ variant, contextWindow }: Judgement,
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation
): Offer[] {
	const family = families.find(({ id }) => id === variant.familyId);
	const others = family?.variants.filter(({ id }) => id !== variant.id) ?? [];
	const same = others
		.map((other) => judge(other, contextWindow, knownOf(other), situation))
		.filter(fits);
	const found = same.length
		? same
		: others
				.map((other) => largestUpTo(contextWindow, other, knownOf(other), situation))
				.filter((judged) => judged !== null)
				.filter(fits);
	return found.slice(0, MOST_QUANTIZATIONS).map((judged) => ({
		kind: 'variant',
		variantId: judged.variant.id,
		contextWindow: judged.contextWindow,
		peakBytes: peakOf(judged),
		sentence: `${judged.variant.quantization.name} fits: ${bytes(peakOf(judged))} with ${tokens(judged.contextWindow)}.`
	}));
}

function smallerWindow(
	{ variant, contextWindow }: Judgement,
	known: Knowledge,
	situation: Situation
): Offer[] {
	const best = largestUpTo(contextWindow, variant, known, situation);
	if (!best || !fits(best) || best.contextWindow >= contextWindow) return [];
	return [
		{
			kind: 'context',
			contextWindow: best.contextWindow,
			peakBytes: peakOf(best),
			sentence: `A window of ${tokens(best.contextWindow)} fits: ${bytes(peakOf(best))}.`
		}
	];
}

/** The most capable families that are no larger, each in its best variant that fits. */
function otherFamilies(
	{ variant, contextWindow }: Judgement,
	families: readonly Family[],
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation
): Offer[] {
	const own = families.find(({ id }) => id === variant.familyId);
	const size = own && variant.origin !== 'pocket' ? sizeOf(own) : Infinity;
	const wish = { priority: 'quality', floor: null, contextWindow } as const;
	const found: Offer[] = [];
	const seen = new Set([variant.familyId]);
	for (const { family, variant: other } of ranked(families, wish, variant.vision)) {
		if (found.length === MOST_FAMILIES) break;
		if (seen.has(family.id) || sizeOf(family) > size) continue;
		const known = knownOf(other);
		const window = Math.min(contextWindow, maxContextWindow(other, known.facts));
		const judged = judge(other, window, known, situation);
		if (!fits(judged)) continue;
		seen.add(family.id);
		found.push({
			kind: 'variant',
			variantId: other.id,
			contextWindow: judged.contextWindow,
			peakBytes: peakOf(judged),
			sentence: `${family.name} as ${other.quantization.name} fits: ${bytes(peakOf(judged))} with ${tokens(judged.contextWindow)}.`
		});
	}
	return found;
}

const sizeOf = (family: Family): number =>
	family.parametersBillion ?? (family.variants[0]?.declaredBytes ?? 0) / 2 ** 30;
