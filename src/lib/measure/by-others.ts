import * as v from 'valibot';
import { SCHEMA, SCHEMA_VERSION } from './export.ts';
import { DECODE_TEST, nameOf, PREFILL_TEST } from './speed-tests.ts';

/** One variant on somebody else's machine. */
export interface OthersRow {
	gpu: string;
	software: boolean;
	variantId: string;
	contextWindow: number;
	/** Tokens per second; null: that test was not run. */
	prefill: number | null;
	decode: number | null;
	loadMs: number;
	/** Null: the plan or the count was not there. */
	plannedPeakBytes: number | null;
	measuredPeakBytes: number | null;
}

const count = v.pipe(v.number(), v.minValue(0));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** What the table reads of the JSON that the page Measure exports; the rest of it is kept for later. */
const exported = v.object({
	schema: v.literal(SCHEMA),
	version: v.literal(SCHEMA_VERSION),
	complete: v.literal(true),
	device: v.object({ name, software: v.boolean(), platform: name, browser: name }),
	results: v.pipe(
		v.array(
			v.object({
				model_filename: name,
				n_prompt: count,
				n_gen: count,
				n_depth: count,
				avg_ts: v.pipe(count, v.gtValue(0)),
				context_window: count,
				load_ms: count,
				planned_peak_bytes: v.nullable(count),
				measured_peak_bytes: v.nullable(count)
			})
		),
		v.minLength(1)
	)
});

/**
 * The rows of one file of `docs/hardware`.
 * @throws ValiError that names the field, if it is not the export of a complete run.
 */
export function rowsOf(file: unknown): OthersRow[] {
	const { device, results } = v.parse(exported, file);
	const variantIds = [...new Set(results.map((result) => result.model_filename))];
	return variantIds.flatMap((variantId) => {
		const own = results.filter((result) => result.model_filename === variantId);
		const [first] = own;
		if (!first) return [];
		const speedOf = (test: string) =>
			own.find(
				({ n_prompt, n_gen, n_depth }) =>
					nameOf({ promptTokens: n_prompt, generatedTokens: n_gen, depthTokens: n_depth }) === test
			)?.avg_ts ?? null;
		return [
			{
				gpu: device.name,
				software: device.software,
				variantId,
				contextWindow: first.context_window,
				prefill: speedOf(PREFILL_TEST),
				decode: speedOf(DECODE_TEST),
				loadMs: first.load_ms,
				plannedPeakBytes: first.planned_peak_bytes,
				measuredPeakBytes: first.measured_peak_bytes
			}
		];
	});
}

/** Every row of `docs/hardware`, by GPU; its files come with the script of this table. */
export async function measuredByOthers(): Promise<OthersRow[]> {
	const files = import.meta.glob<unknown>('/docs/hardware/*.json', { import: 'default' });
	const read = await Promise.all(Object.values(files).map((load) => load()));
	return read.flatMap(rowsOf).sort((a, b) => a.gpu.localeCompare(b.gpu, 'en'));
}
