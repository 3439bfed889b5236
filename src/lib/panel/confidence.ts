import type { Estimate } from '../memory/estimate.ts';

type Known = Pick<Estimate, 'confidence' | 'verified' | 'marginRatio'>;

/** How sure a figure is, in a word or three. */
export function confidenceLabel({ confidence, verified }: Known): string {
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
	const where =
		known.confidence === 'library' && !known.verified ? ', not yet measured on this device' : '';
	// Rounded up, but for what is only the error of a division.
	return `${label}${where}, ±${Math.ceil(known.marginRatio * 100 - 1e-6)}%`;
}
