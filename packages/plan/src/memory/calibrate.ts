import { bytesOf, causeOf, type Moment } from './causes.ts';
import {
	folderKey,
	kindKey,
	type Calibration,
	type Calibrations,
	type Certainty,
	type Conclusion,
	type SizedTerm
} from './calibration.ts';
import { asCalibration, ORDER } from './correct.ts';
import { explain } from './explain.ts';
import type { Observation } from './observation.ts';
import { beyondMargin, evidenceOf, excessRatio, plannedPeak } from './observe.ts';
import { PLAN_REVISION } from './plan.ts';

/**
 * A load that takes more than so many times its plan was planned for something else: times a large plan it would be more
 * bytes than a number holds exactly.
 */
const MOST_SLACK_RATIO = 1_000;
/** More of them would say nothing new. */
const MOST_LOADS = 12;

/** What loads of one kind of library, planned and measured, say of its other variants; null for none. */
export function calibrate(observations: readonly Observation[]): Calibration | null {
	const conclusion = conclude(observations);
	return conclusion && asCalibration(conclusion);
}

function conclude(observations: readonly Observation[]): Conclusion | null {
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
	const short = loads.map((load) => {
		const { excessBytes, shape } = evidenceOf(load, moment);
		return (excessBytes - bytesOf(terms, shape)) / Math.max(1, plannedPeak(load));
	});
	return {
		certainty,
		terms: terms.map((term) => ({
			...term,
			mostBytes: Math.max(...evidence.map(({ shape }) => bytesOf([term], shape)))
		})),
		slackRatio: Math.min(MOST_SLACK_RATIO, Math.max(0, ...short))
	};
}

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
		if (calibration && others.length === 0)
			byFolder.set(folder, asCalibration({ ...calibration, assumed: true }));
	}
	return { byKind, byFolder };
}
