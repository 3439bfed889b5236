import type { App } from './app.svelte.ts';
import { kindReports, reportSentence, type KindReport } from '#plan/memory/corrections.ts';
import type { Variant } from '#plan/models/catalog.ts';

/** What the loads of each kind of library on this adapter changed in the catalogue. */
export const reportsOf = (app: App): KindReport[] =>
	kindReports(
		app.experience.calibrations,
		app.catalog.families.flatMap(({ variants }) => variants),
		(variant) => app.experience.knownOf(variant)
	);

/** What the load of a variant said of the plans of its kind; null: it was not loaded here, or took what was planned. */
export function loadSentence(app: App, variant: Variant): string | null {
	const sentences = reportsOf(app).map((report) => reportSentence(report, variant.id));
	return sentences.find((sentence) => sentence !== null) ?? null;
}
