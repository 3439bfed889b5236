import type { Family, Variant } from '../models/catalog.ts';
import { bitsPerWeight, type Quantization } from '../models/quantization.ts';
import { bytes, tokens } from '../words.ts';
import { maxContextWindow } from './context-limit.ts';
import { judge, type Judgement, type Knowledge } from './judge.ts';
import type { Situation } from './verdict.ts';

export type Priority = 'quality' | 'balanced' | 'speed';

export interface Wish {
	priority: Priority;
	/** Nothing coarser is chosen; null: anything. */
	floor: Quantization | null;
	/** Tokens it should hold; a model made for fewer is taken at its maximum. */
	contextWindow: number;
}

/** What is suggested to a person who has wished for nothing yet. */
export const BALANCED: Wish = { priority: 'balanced', floor: null, contextWindow: 4096 };

export interface Choice extends Judgement {
	family: Family;
	/** Why this one, in a sentence. */
	sentence: string;
}

/**
 * The best variant with the verdict `fits`, or null. Candidates are put in an order that does not depend on the
 * budget, so more budget can only move the choice up in it. pocket is a demonstration and never chosen.
 */
export function bestThatFits(
	families: readonly Family[],
	wish: Wish,
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation
): Choice | null {
	for (const { family, variant } of ranked(families, wish)) {
		const known = knownOf(variant);
		const window = Math.min(wish.contextWindow, maxContextWindow(variant, known.facts));
		const judged = judge(variant, window, known, situation);
		if (judged.verdict.kind === 'fits' && judged.estimate)
			return { ...judged, family, sentence: explain(family, judged, wish, situation) };
	}
	return null;
}

export interface Candidate {
	family: Family;
	variant: Variant;
}

/** All candidates, best first for the wish, whatever fits; `vision` asks for models that take images. */
export function ranked(
	families: readonly Family[],
	{ priority, floor }: Wish,
	vision = false
): Candidate[] {
	return families
		.filter((family) => (vision ? family.vision : isGeneral(family)))
		.flatMap((family) => family.variants.map((variant) => ({ family, variant })))
		.filter(
			({ variant }) => variant.origin === 'prebuilt' && !undercuts(variant.quantization, floor)
		)
		.map((candidate) => ({ ...candidate, rank: rankOf(candidate, priority) }))
		.sort(
			(a, b) =>
				b.rank - a.rank ||
				a.variant.declaredBytes - b.variant.declaredBytes ||
				// Of names that differ only in a version the later one is the newer.
				b.variant.id.localeCompare(a.variant.id, 'en')
		)
		.map(({ family, variant }) => ({ family, variant }));
}

/** Trained for one thing, or not for chat at all: not what "a model for my GPU" means. */
const SPECIAL = /coder|math|-base\b|\bbase-|-jpn|vision|hermes/i;

const isGeneral = ({ id }: Family): boolean => !SPECIAL.test(id);

type Fineness = Pick<Quantization, 'weightBits' | 'computeBytes'>;

/** Coarser than the floor: fewer bits per weight, those of its scale included. */
export const undercuts = (quantization: Fineness, floor: Fineness | null): boolean =>
	floor !== null && bitsPerWeight(quantization) < bitsPerWeight(floor);

// A year of progress is worth about a third more parameters. Year of publication, newest names first.
const RELEASED: readonly (readonly [RegExp, number])[] = [
	[/^qwen3\.5|^gemma-?4/i, 2026],
	[/^qwen3|^gemma-?3|^ministral-3|^phi-4/i, 2025],
	// Distilled from newer answers, but still the models of that year.
	[/^llama-3|^qwen2|^gemma-2-|^smollm2|^phi-3|^stablelm-2|^olmo-2|^deepseek-r1/i, 2024]
];
const OLDEST = 2023;

function capability({ family, variant }: Candidate): number {
	const billions = family.parametersBillion ?? variant.declaredBytes / 2 ** 30;
	const year = RELEASED.find(([name]) => name.test(family.id))?.[1] ?? OLDEST;
	const bits = variant.quantization.weightBits || Infinity;
	// Below four bits answers suffer audibly; above, hardly.
	const fineness = bits < 4 ? 0.7 : bits === 4 ? 1 : 1.05;
	return billions * 1.35 ** (year - OLDEST) * fineness;
}

/** A model below this makes mistakes that its speed does not make up for. */
const USABLE = 1.5;

function rankOf(candidate: Candidate, priority: Priority): number {
	const able = capability(candidate);
	// A token reads all weights once: its time goes with their bytes.
	const gib = candidate.variant.declaredBytes / 2 ** 30 || 1;
	switch (priority) {
		case 'quality':
			return able;
		case 'balanced':
			// Best at about 4 GiB: beyond, reading slows down faster than answers improve.
			return able / (gib ** 1.5 + 4);
		case 'speed':
			return able >= USABLE ? 1000 - gib : able;
	}
}

const BECAUSE: Record<Priority, string> = {
	quality: 'the most capable model',
	balanced: 'the best trade between answers and speed',
	speed: 'the fastest model that still answers well'
};

function explain(
	family: Family,
	{ variant, contextWindow, estimate }: Judgement,
	{ priority, floor }: Wish,
	{ budget }: Situation
): string {
	const within = budget ? ` within the ${bytes(budget.bytes)} that may be used` : '';
	const finer = floor ? `, not coarser than ${floor.name}` : '';
	return `${family.name} as ${variant.quantization.name} is ${BECAUSE[priority]}${within}${finer}: it takes ${bytes(estimate?.peakBytes ?? NaN)} with ${tokens(contextWindow)}.`;
}
