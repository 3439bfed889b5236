import { bytes } from '#plan/words.ts';
import { distributionOf, rateOf, ratioTo } from './figures.ts';
import { markLines } from './words.ts';
import { measuredRows, type MeasuredRow, type Run, type TestResult } from './record.ts';
import { DECODE_TEST, nameOf, tokensOf } from './speed-tests.ts';

/** In what these figures differ from llama-bench's. Written into every export. */
export const DIFFERENCES =
	'As llama-bench: synthetic tokens, a first run that is not counted, mean ± sample deviation. Other than there, every token is also sampled and read back, and the browser and WebGPU are included.';

export const ratesOf = ({ test, samplesMs }: TestResult): number[] =>
	samplesMs.map((ms) => rateOf(tokensOf(test), ms));

export const resultOf = ({ tests }: MeasuredRow, name: string): TestResult | null =>
	tests.find(({ test }) => nameOf(test) === name) ?? null;

/** Mean tokens per second of a test; null: it was not run. */
export function speedOf(row: MeasuredRow, name = DECODE_TEST): number | null {
	const result = resultOf(row, name);
	return result && (distributionOf(ratesOf(result))?.mean ?? null);
}

/** Generated tokens per second over the baseline's; null: one of the two is missing. */
export function speedUp(run: Run, row: MeasuredRow): number | null {
	const baseline = measuredRows(run).find(({ variantId }) => variantId === run.baselineId);
	return ratioTo(speedOf(row), baseline ? speedOf(baseline) : null);
}

const typeOf = ({ label, quantization }: { label: string; quantization: string }) =>
	`${label} ${quantization}`;
const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** llama-bench's columns, as far as they mean something here, and lines that say what was measured where. */
export function toMarkdown(run: Run): string {
	const heads = ['model', 'size', 'params', 'backend', 'test', 't/s'];
	const lines = [heads, ['---', '---:', '---:', '---', '---:', '---:']];
	for (const row of measuredRows(run))
		for (const result of row.tests) {
			const spread = distributionOf(ratesOf(result));
			if (!spread) continue;
			const { mean, deviation } = spread;
			lines.push([
				typeOf(row),
				row.weightsBytes === null ? '' : bytes(row.weightsBytes),
				row.parametersBillion === null ? '' : `${row.parametersBillion.toFixed(2)} B`,
				'WebGPU',
				nameOf(result.test),
				`${mean.toFixed(2)} ± ${(deviation ?? 0).toFixed(2)}`
			]);
		}
	const table = lines.map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
	const notes = [
		...(run.device ? [`${run.device.name}, ${run.device.platform}.`] : []),
		DIFFERENCES,
		...measuredRows(run).flatMap((row) =>
			markLines(row.marks, row).map((line) => `${typeOf(row)}: ${line}`)
		),
		...run.rows.flatMap((row) =>
			row.kind === 'failed' ? [`${typeOf(row)}: failed. ${row.failure.message}`] : []
		),
		...run.leftOut.map(({ variantId, reason }) => `${variantId}: left out. ${reason}`)
	];
	return `${table}\n\n${notes.map((note) => `- ${line(note)}`).join('\n')}\n`;
}

/** Names and messages come from files and may hold anything. */
const line = (text: string) => text.replace(/\s+/g, ' ').trim();
const cell = (text: string) => line(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|');

/** One test of one variant. Names from llama-bench where they mean the same; the others are ours. */
function resultFields(run: Run, row: MeasuredRow, result: TestResult) {
	const { promptTokens, generatedTokens, depthTokens } = result.test;
	const rates = distributionOf(ratesOf(result));
	const ns = distributionOf(result.samplesMs.map(toNs));
	return {
		gpu_info: run.device?.name ?? '',
		backends: 'WebGPU',
		model_filename: row.variantId,
		model_type: typeOf(row),
		model_size: row.weightsBytes,
		model_n_params: row.parametersBillion === null ? null : Math.round(row.parametersBillion * 1e9),
		n_ubatch: row.prefillChunkTokens,
		n_prompt: promptTokens,
		n_gen: generatedTokens,
		n_depth: depthTokens,
		test_time: time(row.at),
		avg_ns: Math.round(ns?.mean ?? 0),
		stddev_ns: Math.round(ns?.deviation ?? 0),
		avg_ts: rates?.mean ?? 0,
		stddev_ts: rates?.deviation ?? 0,
		context_window: row.contextWindow,
		token_sampling: row.tokenSampling,
		load_ms: row.loadMs,
		first_token_ms: row.firstTokenMs,
		answer_tokens_per_second: row.answerTokensPerSecond,
		planned_peak_bytes: row.plannedPeakBytes,
		measured_peak_bytes: row.measuredPeakBytes
	};
}

const toNs = (ms: number) => Math.round(ms * 1e6);

/** `samples_*` only in the JSON, as llama-bench has it. */
export function toCsv(run: Run): string {
	const records = measuredRows(run).flatMap((row) =>
		row.tests.map((result) => ({
			...resultFields(run, row, result),
			marks: row.marks
				.filter(({ test }) => test === null || test === nameOf(result.test))
				.map(({ code }) => code)
				.join(' ')
		}))
	);
	const [first] = records;
	if (!first) return '';
	const heads = Object.keys(first);
	const rows = records.map((record) => Object.values(record).map(csvField).join(','));
	return `${heads.join(',')}\n${rows.join('\n')}\n`;
}

/** Spreadsheets compute a text that begins like a formula. */
function csvField(value: string | number | null): string {
	if (value === null) return '';
	if (typeof value === 'number') return String(value);
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return `"${safe.replaceAll('"', '""')}"`;
}

export const SCHEMA = 'headroom-measure';
export const SCHEMA_VERSION = 1;

export function toJson(run: Run): string {
	return `${JSON.stringify(
		{
			schema: SCHEMA,
			version: SCHEMA_VERSION,
			started: time(run.startedAt),
			set: run.asked.set,
			context_window_asked: run.asked.contextWindow,
			baseline: run.baselineId,
			complete: run.state === 'done',
			device: run.device,
			note: DIFFERENCES,
			results: measuredRows(run).flatMap((row) =>
				row.tests.map((result) => ({
					...resultFields(run, row, result),
					samples_ns: result.samplesMs.map(toNs),
					samples_ts: ratesOf(result),
					repeated: result.repeated,
					marks: row.marks.filter(({ test }) => test === null || test === nameOf(result.test))
				}))
			),
			failed: run.rows.flatMap((row) =>
				row.kind === 'failed'
					? [{ model_filename: row.variantId, model_type: typeOf(row), failure: row.failure }]
					: []
			),
			left_out: run.leftOut.map(({ variantId, reason }) => ({ model_filename: variantId, reason }))
		},
		null,
		'\t'
	)}\n`;
}

export const FORMATS = {
	markdown: { name: 'Markdown', extension: 'md', type: 'text/markdown', write: toMarkdown },
	csv: { name: 'CSV', extension: 'csv', type: 'text/csv', write: toCsv },
	json: { name: 'JSON', extension: 'json', type: 'application/json', write: toJson }
} as const;
export type Format = keyof typeof FORMATS;
