import type { Moment, Shape, Term } from './causes.ts';
import type { Plan } from './plan.ts';
import type { TokenSampling } from './sampling.ts';

/**
 * How far the plans of one kind of library can be trusted here, after its loads.
 * `verified`: they took what was planned. `confirmed`: several loads and the sizes of their buffers give one cause of
 * the difference. `told`: the sizes of one load do, or what several took in all. `undivided`: nothing tells the cause
 * yet. `contradicted`: no known cause fits all loads, so that nothing is corrected.
 */
export type Certainty = 'verified' | 'confirmed' | 'told' | 'undivided' | 'contradicted';

/** A term, and the most that it accounts for in a load: what is added where a variant's shape is not known. */
export interface SizedTerm extends Term {
	mostBytes: number;
}

/** A load that a calibration comes from. */
export interface Source {
	variantId: string;
	contextWindow: number;
	/** Peaks. */
	plannedBytes: number;
	measuredBytes: number;
	/** The measured one above the planned one, as a ratio of that; below 0: less. */
	excessRatio: number;
}

/** What was concluded from the loads of one kind of library on one adapter. */
export interface Conclusion {
	/** Who chose the tokens, and the libraries' fingerprint. */
	kind: string;
	certainty: Certainty;
	terms: Readonly<Record<Moment, readonly SizedTerm[]>>;
	/** What is then still missing in one of the loads, as a share of its planned peak: what was noise there is noise here. */
	slackRatio: Readonly<Record<Moment, number>>;
	/** Newest first. */
	sources: readonly Source[];
	/** Sequences the libraries were compiled for. */
	batch: number;
	/** The variant's own library was not read: its kind is taken from the folder it lies in. */
	assumed: boolean;
}

/** What these loads say of the plans of other variants. */
export interface Calibration extends Conclusion {
	/** They speak for the plans, as they were or as corrected: no doubt of this kind of library is left. */
	trusted: boolean;
	/** A plan with what the loads took more or less, part by part. */
	correct(plan: Plan, shape: Shape): { plan: Plan; correction: Correction | null };
}

/** What a calibration did to a plan. */
export interface Correction {
	certainty: Certainty;
	/** Added to the peak; below 0: taken from it. */
	bytes: number;
	sources: readonly Source[];
	assumed: boolean;
}

/** Calibrations by what loads have in common. */
export interface Calibrations {
	byKind: ReadonlyMap<string, Calibration>;
	/** Of folders in which only one kind of library was loaded. */
	byFolder: ReadonlyMap<string, Calibration>;
}

export const kindKey = (sampling: TokenSampling, generation: string): string =>
	`${sampling} ${generation}`;

export const folderKey = (sampling: TokenSampling, libraryUrl: string): string =>
	`${sampling} ${libraryUrl.slice(0, libraryUrl.lastIndexOf('/') + 1)}`;

/** Before anything was loaded. */
export const NO_CALIBRATIONS: Calibrations = { byKind: new Map(), byFolder: new Map() };

/**
 * What holds for a variant. Where its library was not read, that of the only kind of library that was loaded out of
 * the same folder: compilers publish the libraries of one release together, but not all with the same functions.
 */
export function calibrationFor(
	{ byKind, byFolder }: Calibrations,
	sampling: TokenSampling,
	library: { url: string; fingerprint: string | null }
): Calibration | null {
	const found =
		library.fingerprint === null
			? byFolder.get(folderKey(sampling, library.url))
			: byKind.get(kindKey(sampling, library.fingerprint));
	return found ?? null;
}
