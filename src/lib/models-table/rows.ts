import type { Confidence, Estimate } from '#plan/memory/estimate.ts';
import { judge, type Judgement, type Knowledge } from '#plan/memory/judge.ts';
import type { Situation, VerdictKind } from '#plan/memory/verdict.ts';
import type { Family, Variant } from '#plan/models/catalog.ts';
import { search } from '#plan/models/catalog-search.ts';
import { savedAgainst } from '#plan/models/families-size.ts';
import { NO_EXPERIENCE, tokensPerSecondOf, type Experience } from '../statistics/speed.ts';
import type { Standing } from '../quality/kept.ts';
import type { Download } from '../disk/on-disk.ts';

/** One variant as the table shows it. */
export interface Row extends Judgement, Experience {
	family: Family;
	/** Share of the weights' bytes saved against full precision. */
	savedRatio: number;
	/** Nothing more can be read before the weights: its library was, or it was measured here. */
	checked: boolean;
	/** How often its most likely next token is the most precise variant's; null: not measured here. */
	sameTokenRatio: number | null;
	/** What of it lies on disk; null: nothing. */
	download: Download | null;
}

/** null: each variant at the window its record asks for. */
export type WindowWish = number | null;

/** The wished window, or the model's own maximum where that is known and smaller. */
export function windowFor(variant: Variant, wish: WindowWish, { facts }: Knowledge): number {
	const most = facts?.config?.maxContextWindow ?? variant.maxContextWindow ?? Infinity;
	return Math.min(wish ?? variant.defaultContextWindow, most);
}

/** A row for every variant, in the catalogue's order. */
export function makeRows(
	families: readonly Family[],
	wish: WindowWish,
	knownOf: (variant: Variant) => Knowledge,
	situation: Situation,
	downloadOf: (variant: Variant) => Download | null,
	experienceOf: (variant: Variant, estimate: Estimate | null) => Experience = () => NO_EXPERIENCE,
	standingOf: (variant: Variant) => Standing | null = () => null
): Row[] {
	const weightBytes = (variant: Variant) => knownOf(variant).facts?.manifest?.gpuBytes ?? null;
	return families.flatMap((family) =>
		family.variants.map((variant): Row => {
			const known = knownOf(variant);
			const judged = judge(variant, windowFor(variant, wish, known), known, situation);
			return {
				...judged,
				...experienceOf(variant, judged.estimate),
				family,
				checked: Boolean(known.facts?.library) || judged.estimate?.confidence === 'measured',
				sameTokenRatio: sameTokenOf(standingOf(variant)),
				savedRatio: savedAgainst('q0f32', family, variant, weightBytes),
				download: downloadOf(variant)
			};
		})
	);
}

/** The reference is itself. */
function sameTokenOf(standing: Standing | null): number | null {
	if (standing === null) return null;
	return standing.kind === 'reference' ? 1 : standing.record.summary.sameToken.value;
}

export interface Filter {
	/** Words of the name, the quantization or what the model can do. */
	query: string;
	verdict: 'any' | 'fits' | 'not-blocked';
	compute: 'any' | 'f16' | 'f32';
	vision: boolean;
	thinking: boolean;
	/** Only what can be loaded without a download of weights. */
	onDisk: boolean;
	/** Largest peak; null: any. What is of unknown size does not pass. */
	mostBytes: number | null;
}

export const NO_FILTER: Filter = {
	query: '',
	verdict: 'any',
	compute: 'any',
	vision: false,
	thinking: false,
	onDisk: false,
	mostBytes: null
};

export function filterRows(rows: readonly Row[], filter: Filter): Row[] {
	return rows.filter((row) => passes(row, filter));
}

function passes({ family, variant, estimate, verdict, download }: Row, filter: Filter): boolean {
	if (filter.verdict === 'fits' && verdict.kind !== 'fits') return false;
	if (filter.verdict === 'not-blocked' && verdict.kind === 'blocked') return false;
	if (filter.compute !== 'any' && variant.quantization.compute !== filter.compute) return false;
	if (filter.vision && !variant.vision) return false;
	if (filter.thinking && !family.thinking) return false;
	if (filter.onDisk && download?.state !== 'complete') return false;
	if (filter.mostBytes !== null && !((estimate?.peakBytes ?? NaN) <= filter.mostBytes))
		return false;
	// A word may name the quantization, and then means this variant and not its family.
	return search([{ ...family, variants: [variant] }], filter.query).length > 0;
}

/** What can be sorted by, as it is called on the page. */
export const columnNames = {
	name: 'Model',
	size: 'GPU memory',
	verdict: 'Verdict',
	confidence: 'Confidence',
	saved: 'Saves',
	speed: 'Tokens/s',
	quality: 'Quality',
	firstToken: 'First token',
	answers: 'Answers',
	parameters: 'Parameters',
	disk: 'Downloaded'
} as const;
export type Column = keyof typeof columnNames;

export interface Order {
	column: Column;
	descending: boolean;
}

const VERDICTS: Record<VerdictKind, number> = { fits: 0, tight: 1, blocked: 2 };
const CONFIDENCES: Record<Confidence, number> = {
	measured: 0,
	library: 1,
	manifest: 3,
	declared: 4
};
/** A plan that is not verified stands behind those that are. */
const confidenceRank = ({ confidence, verified }: Estimate): number =>
	CONFIDENCES[confidence] + (confidence === 'library' && !verified ? 1 : 0);

/** A sorted copy. What is unknown comes last either way, and equals keep the catalogue's order. */
export function sortRows(rows: readonly Row[], { column, descending }: Order): Row[] {
	if (column === 'name') return descending ? [...rows].reverse() : [...rows];
	const figures = new Map(rows.map((row) => [row, figure(row, column)]));
	const sign = descending ? -1 : 1;
	return [...rows].sort((a, b) => {
		const [x, y] = [figures.get(a) ?? null, figures.get(b) ?? null];
		if (x === null || y === null) return Number(x === null) - Number(y === null);
		return sign * (x - y);
	});
}

function figure(row: Row, column: Exclude<Column, 'name'>): number | null {
	switch (column) {
		case 'parameters':
			return row.family.parametersBillion;
		case 'size':
			return row.estimate?.peakBytes ?? null;
		case 'saved':
			return row.savedRatio;
		case 'verdict':
			return VERDICTS[row.verdict.kind];
		case 'confidence':
			return row.estimate && confidenceRank(row.estimate);
		case 'speed':
			return row.speed && tokensPerSecondOf(row.speed);
		case 'quality':
			return row.sameTokenRatio;
		case 'firstToken':
			return row.firstTokenMs;
		case 'answers':
			return row.answers === 0 ? null : row.answers;
		case 'disk':
			return row.download?.bytes ?? null;
	}
}
