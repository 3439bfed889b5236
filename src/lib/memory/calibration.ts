import { bytes, percent } from '../ui/format.ts';
import { amountOf, bytesOf, causeOf, type Shape, type Term } from './causes.ts';
import { explain } from './explain.ts';
import {
	beyondMargin,
	evidenceOf,
	excessRatio,
	plannedPeak,
	type Moment,
	type Observation
} from './observation.ts';
import { PLAN_REVISION, type Plan } from './plan.ts';
import type { TokenSampling } from './sampling.ts';

/**
 * How far the plans of one kind of library can be trusted here, after its loads.
 * `verified`: they took what was planned. `confirmed`: several loads and the sizes of their buffers give one cause of
 * the difference. `told`: the sizes of one load do, or what several took in all. `undivided`: nothing tells the cause
 * yet. `contradicted`: no known cause fits all loads, so that nothing is corrected.
 */
export type Certainty = 'verified' | 'confirmed' | 'told' | 'undivided' | 'contradicted';

/** A term, and the most that it accounts for in a load: what is added where a variant's shape is not known. */
interface SizedTerm extends Term {
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

/** What the loads of one kind of library on one adapter say of the plans of the others. */
export interface Calibration {
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

/** What a calibration did to a plan. */
export interface Correction {
	certainty: Certainty;
	/** Added to the peak; below 0: taken from it. */
	bytes: number;
	sources: readonly Source[];
	assumed: boolean;
}

/** More of them would say nothing new. */
const MOST_LOADS = 12;

/** What loads of one kind of library, planned and measured, say of its other variants; null for none. */
export function calibrate(observations: readonly Observation[]): Calibration | null {
	const loads = [...observations].sort((a, b) => b.at - a.at).slice(0, MOST_LOADS);
	const [newest] = loads;
	if (!newest) return null;
	const sources = loads.map((load) => ({
		variantId: load.variantId,
		contextWindow: load.contextWindow,
		plannedBytes: plannedPeak(load),
		measuredBytes: load.measured.peakBytes,
		excessRatio: excessRatio(load)
	}));
	const kind = kindKey(newest.sampling, newest.generation);
	const known = { kind, sources, batch: newest.shape.batch, assumed: false };
	const nothing = { terms: { load: [], chat: [] }, slackRatio: { load: 0, chat: 0 } };
	if (!loads.some(beyondMargin)) return { ...known, ...nothing, certainty: 'verified' };

	const [load, chat] = [explained(loads, 'load'), explained(loads, 'chat')];
	if (!load || !chat) return { ...known, ...nothing, certainty: 'contradicted' };
	const certainty = worse(load.certainty, chat.certainty);
	return {
		...known,
		// Each moment within the margin, and both together above it.
		certainty: certainty === 'verified' ? 'undivided' : certainty,
		terms: { load: load.terms, chat: chat.terms },
		slackRatio: { load: load.slackRatio, chat: chat.slackRatio }
	};
}

const ORDER: readonly Certainty[] = ['verified', 'confirmed', 'told', 'undivided', 'contradicted'];
const worse = (a: Certainty, b: Certainty): Certainty =>
	ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;

/** The terms of one moment, with a slack under which no load took more than is then planned; null: nothing fits all loads. */
function explained(
	loads: readonly Observation[],
	moment: Moment
): { certainty: Certainty; terms: SizedTerm[]; slackRatio: number } | null {
	const evidence = loads.map((load) => evidenceOf(load, moment));
	const explanation = explain(evidence);
	if (explanation.kind === 'contradicted') return null;
	let certainty: Certainty = 'verified';
	if (explanation.kind === 'told') certainty = explanation.by === 'both' ? 'confirmed' : 'told';
	if (explanation.kind === 'undivided') certainty = 'undivided';
	let terms = explanation.kind === 'nothing' ? [] : explanation.terms;
	// A cache that shrinks as its window grows is none.
	if (terms.some(({ scale, bytesPer }) => bytesPer < 0 && causeOf(scale) === 'cache')) {
		terms = [];
		certainty = 'undivided';
	}
	const short = loads.map((load, i) => {
		const one = evidence[i];
		const missing = one ? one.excessBytes - bytesOf(terms, one.shape) : 0;
		return missing / Math.max(1, plannedPeak(load));
	});
	return {
		certainty,
		terms: terms.map((term) => ({
			...term,
			mostBytes: Math.max(...evidence.map(({ shape }) => bytesOf([term], shape)))
		})),
		slackRatio: Math.max(0, ...short)
	};
}

/** Calibrations by what loads have in common. */
export interface Calibrations {
	byKind: ReadonlyMap<string, Calibration>;
	/** Of folders in which only one kind of library was loaded. */
	byFolder: ReadonlyMap<string, Calibration>;
}

const kindKey = (sampling: TokenSampling, generation: string): string =>
	`${sampling} ${generation}`;

const folderKey = (sampling: TokenSampling, libraryUrl: string): string =>
	`${sampling} ${libraryUrl.slice(0, libraryUrl.lastIndexOf('/') + 1)}`;

/** All that the loads on one adapter say. Loads planned with other formulas are left out. */
export function calibrationsOf(
	observations: readonly Observation[],
	adapter: string
): Calibrations {
	const kinds = new Map<string, Observation[]>();
	const folders = new Map<string, Set<string>>();
	for (const load of observations) {
		if (load.adapter !== adapter || load.revision !== PLAN_REVISION) continue;
		const kind = kindKey(load.sampling, load.generation);
		const folder = folderKey(load.sampling, load.libraryUrl);
		kinds.set(kind, [...(kinds.get(kind) ?? []), load]);
		folders.set(folder, (folders.get(folder) ?? new Set()).add(kind));
	}
	const byKind = new Map<string, Calibration>();
	for (const [kind, loads] of kinds) {
		const calibration = calibrate(loads);
		if (calibration) byKind.set(kind, calibration);
	}
	const byFolder = new Map<string, Calibration>();
	for (const [folder, [kind = '', ...others]] of folders) {
		const calibration = byKind.get(kind);
		if (calibration && others.length === 0) byFolder.set(folder, { ...calibration, assumed: true });
	}
	return { byKind, byFolder };
}

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

/** Whether the loads speak for the plans of their kind, as they were or as corrected: no doubt of the kind is left then. */
export const isTrusted = (calibration: Calibration | null | undefined): boolean =>
	calibration !== null &&
	calibration !== undefined &&
	!calibration.assumed &&
	ORDER.indexOf(calibration.certainty) <= ORDER.indexOf('told');

/** By which share of itself a correction may be wrong. */
const DOUBT: Record<Certainty, number> = {
	verified: 0,
	confirmed: 0,
	told: 0.2,
	undivided: 1,
	contradicted: 1
};

/**
 * A plan with what the loads of its kind of library took more or less, part by part. What the catalogue declares is no
 * sum of parts, and stays.
 */
export function correct(
	plan: Plan | null,
	calibration: Calibration | null,
	shape: Shape | null
): { plan: Plan | null; correction: Correction | null } {
	if (!plan || !calibration || !shape || plan.confidence === 'declared')
		return { plan, correction: null };
	const { certainty, sources, assumed } = calibration;
	// An unread library is of the same kind, or the calibration does not hold for it.
	const own = assumed ? { ...shape, batch: calibration.batch } : shape;
	const load = additions(calibration.terms.load, own);
	const chat = additions(calibration.terms.chat, own);
	const slack = (moment: Moment) => calibration.slackRatio[moment] * peakOf(plan);
	const parts = {
		kvBytes: raised(plan.kvBytes, load.cache),
		runtimeBytes: raised(plan.runtimeBytes, load.vocabulary + load.constant + slack('load')),
		activationsBytes: raised(plan.activationsBytes, chat.cache + chat.constant + slack('chat')),
		samplingBytes: raised(plan.samplingBytes, chat.vocabulary)
	};
	const corrected = { ...plan, ...parts };
	const added = peakOf(corrected) - peakOf(plan);
	const correction = { certainty, bytes: added, sources, assumed };
	if (certainty === 'verified') return { plan, correction };

	const worst = Math.max(...sources.map((source) => Math.abs(source.excessRatio)));
	const sure = !assumed && certainty === 'confirmed';
	const unsure = assumed || certainty === 'undivided' || certainty === 'contradicted';
	const doubtful =
		unsure && added === 0 ? worst * peakOf(plan) : DOUBT[certainty] * Math.abs(added);
	return {
		plan: {
			...corrected,
			exactParts: plan.exactParts && sure,
			verified: plan.verified && sure,
			confidence: unsure ? 'manifest' : plan.confidence,
			marginBytes: plan.marginBytes + doubtful + (assumed ? Math.abs(added) : 0),
			note: [plan.note, noteOf(correction)].filter((note) => note !== null).join(' ')
		},
		correction
	};
}

function additions(terms: readonly SizedTerm[], shape: Shape) {
	const sums = { cache: 0, vocabulary: 0, constant: 0 };
	for (const term of terms) {
		const amount = amountOf(term.scale, shape);
		sums[causeOf(term.scale)] += amount > 0 ? term.bytesPer * amount : term.mostBytes;
	}
	return sums;
}

const raised = (partBytes: number, by: number): number => Math.max(0, Math.ceil(partBytes + by));

const peakOf = (plan: Plan): number =>
	plan.weightsBytes + plan.kvBytes + plan.runtimeBytes + plan.activationsBytes + plan.samplingBytes;

export const nameOfVariant = (variantId: string): string => variantId.replace(/-MLC$/, '');

const listed = (names: readonly string[]): string =>
	names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const namesOf = (sources: readonly Source[]): string =>
	listed([...new Set(sources.map(({ variantId }) => nameOfVariant(variantId)))].slice(0, 3));

/** "18 % more", "3 % less". */
export const difference = (ratio: number): string =>
	`${percent(Math.abs(ratio))} ${ratio < 0 ? 'less' : 'more'}`;

/** Where the correction of a plan comes from, as a sentence for a person. */
function noteOf({ certainty, bytes: added, sources, assumed }: Correction): string {
	const names = namesOf(sources);
	const newest = sources[0]?.excessRatio ?? 0;
	const kind = assumed
		? 'whose library lies in the same folder (this one was not read yet)'
		: 'with the same kind of library';
	if (certainty === 'contradicted')
		return `Not corrected: ${names}, ${kind}, differed from their plans here, and no known cause fits all of them.`;
	if (added === 0 && certainty === 'undivided')
		return `Not corrected: ${names}, ${kind}, took ${difference(newest)} than planned here, for a reason not known yet.`;
	const by = `${added < 0 ? 'Lowered' : 'Raised'} by ${bytes(Math.abs(added))}: ${names}, ${kind}, took ${difference(newest)} than planned here`;
	return certainty === 'undivided'
		? `${by}, for a reason not known yet, so the same bytes were added once.`
		: `${by}.`;
}
