import type { Variant } from '../models/catalog.ts';
import { percent } from '../words.ts';
import type { Calibration, Calibrations, Certainty, Conclusion } from './calibration.ts';
import { nameOfVariant } from './correct.ts';
import { estimate } from './estimate.ts';
import type { Knowledge } from './judge.ts';

/** What the loads of one kind of library changed. */
export interface KindReport {
	calibration: Conclusion;
	/** Other variants whose figures were corrected. */
	corrected: number;
}

/** Each kind of library that was loaded here, with how many variants of the catalogue its loads corrected. */
export function kindReports(
	{ byKind }: Calibrations,
	variants: readonly Variant[],
	knownOf: (variant: Variant) => Knowledge
): KindReport[] {
	return [...byKind.values()].map((calibration) => ({
		calibration,
		corrected: changes(calibration)
			? variants.filter((variant) => isCorrected(variant, calibration, knownOf)).length
			: 0
	}));
}

const changes = ({ terms, slackRatio }: Conclusion): boolean =>
	terms.load.length + terms.chat.length > 0 || slackRatio.load + slackRatio.chat > 0;

function isCorrected(
	variant: Variant,
	{ kind, sources }: Calibration,
	knownOf: (variant: Variant) => Knowledge
): boolean {
	if (sources.some(({ variantId }) => variantId === variant.id)) return false;
	const known = knownOf(variant);
	if (known.calibration?.kind !== kind) return false;
	const made = estimate(variant, variant.defaultContextWindow, known.facts, [], known);
	return (made?.correction?.bytes ?? 0) !== 0;
}

/**
 * What the load of a variant showed, as a sentence for a person: "Measured 18 % above its plan: figures of 37 variants
 * with the same kind of library were corrected." null where it took what was planned.
 */
export function reportSentence(
	{ calibration, corrected }: KindReport,
	variantId: string
): string | null {
	const { certainty, sources } = calibration;
	const own = sources.find((source) => source.variantId === variantId);
	if (certainty === 'verified' || !own) return null;
	const ratio = own.excessRatio;
	const measured =
		percent(Math.abs(ratio)) === percent(0)
			? 'Measured as planned in all, but not part by part'
			: `Measured ${percent(Math.abs(ratio))} ${ratio < 0 ? 'below' : 'above'} its plan`;
	if (certainty === 'contradicted')
		return `${measured}. Other loads with the same kind of library do not agree, so no figures were corrected.`;
	if (!changes(calibration))
		return `${measured}, for a reason not known yet. No other figures were corrected.`;
	if (corrected === 0)
		return `${measured}. Figures of variants with the same kind of library are corrected once their library is read.`;
	return `${measured}: figures of ${corrected} ${corrected === 1 ? 'variant' : 'variants'} with the same kind of library were corrected.`;
}

const BASIS: Record<Certainty, string> = {
	verified: 'as planned',
	confirmed: 'several loads and their buffers agree',
	told: 'told by the sizes of the buffers, or by what several loads took in all',
	undivided: 'cause not known, added once',
	contradicted: 'loads disagree, nothing corrected'
};

/** One kind of library for a report, to the byte: its loads, and what was concluded from them. */
export function kindLines({ calibration, corrected }: KindReport): [string, string][] {
	const { kind, certainty, terms, sources, batch } = calibration;
	return [
		[`kind ${kind}`, `${BASIS[certainty]}; batch ${batch}; ${corrected} variants corrected`],
		...(['load', 'chat'] as const).flatMap((moment) =>
			terms[moment].map(({ scale, bytesPer, mostBytes }): [string, string] => [
				moment === 'load' ? 'after loading' : 'with the first token',
				`${Number(bytesPer.toPrecision(9))} bytes per ${scale}, at most ${Math.round(mostBytes)} bytes`
			])
		),
		...sources.map(
			({ variantId, contextWindow, plannedBytes, measuredBytes }): [string, string] => [
				`${nameOfVariant(variantId)} at ${contextWindow}`,
				`peak planned ${plannedBytes}, measured ${measuredBytes}`
			]
		)
	];
}
