import type { Estimate } from '#plan/memory/estimate.ts';

type Known = Pick<Estimate, 'confidence' | 'verified' | 'marginRatio' | 'correction'>;

/** The figure is not what the files alone say; its note says by whose load. */
const isCorrected = ({ correction, verified }: Known): boolean =>
	(correction?.bytes ?? 0) !== 0 && !verified;

/** How sure a figure is, in a word or three. */
export function confidenceLabel(known: Known): string {
	const { confidence, verified } = known;
	if (confidence !== 'measured' && isCorrected(known)) return 'corrected';
	switch (confidence) {
		case 'declared':
			return 'estimate';
		case 'manifest':
			return 'weights exact';
		case 'library':
			return verified ? 'exact' : 'from the library';
		case 'measured':
			return 'measured';
	}
}

/** The same in full, with how far the truth may lie above or below. */
export function confidenceWords(known: Known): string {
	const label = confidenceLabel(known);
	// The two bounds of a declared figure differ, and stand in its note.
	if (known.confidence === 'declared') return label;
	const where = label === 'from the library' ? ', not yet measured on this device' : '';
	// Rounded up, but for what is only the error of a division.
	return `${label}${where}, ±${Math.ceil(known.marginRatio * 100 - 1e-6)}%`;
}
