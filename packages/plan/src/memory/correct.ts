import { bytes, percent } from '../words.ts';
import type {
	Calibration,
	Certainty,
	Conclusion,
	Correction,
	SizedTerm,
	Source
} from './calibration.ts';
import { amountOf, causeOf, type Moment, type Shape } from './causes.ts';
import type { Plan } from './plan.ts';

/** From the surest. */
export const ORDER: readonly Certainty[] = [
	'verified',
	'confirmed',
	'told',
	'undivided',
	'contradicted'
];

/** A conclusion that can be applied to plans. */
export const asCalibration = (conclusion: Conclusion): Calibration => ({
	...conclusion,
	trusted: !conclusion.assumed && ORDER.indexOf(conclusion.certainty) <= ORDER.indexOf('told'),
	correct: (plan, shape) => correct(conclusion, plan, shape)
});

/** By which share of itself a correction may be wrong. */
const DOUBT: Partial<Record<Certainty, number>> = { told: 0.2, undivided: 1 };

/**
 * A plan with what the loads of its kind of library took more or less, part by part. What the catalogue declares is no
 * sum of parts, and stays.
 */
function correct(
	calibration: Conclusion,
	plan: Plan,
	shape: Shape
): { plan: Plan; correction: Correction | null } {
	if (plan.confidence === 'declared') return { plan, correction: null };
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
		unsure && added === 0 ? worst * peakOf(plan) : (DOUBT[certainty] ?? 0) * Math.abs(added);
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
const difference = (ratio: number): string =>
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
