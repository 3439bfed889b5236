import * as v from 'valibot';
import { isRecord } from '../kit/restore.ts';
import { MARK_CODES } from './guards.ts';
import { SET_NAMES } from './speed-tests.ts';

/** The run as it lies on the disk, where everything is hostile until parsed. */

export const MOST_VARIANTS = 200;
const MOST_SAMPLES = 100;
const MOST_CHARS = 2_000;
/** Far above any time or rate. */
const MOST = 1e15;

export const text = v.pipe(v.string(), v.maxLength(MOST_CHARS));
export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
export const figure = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MOST));
const positive = v.pipe(figure, v.gtValue(0));
export const whole = v.pipe(figure, v.safeInteger());
export const perhaps = v.nullable(figure);
const ids = v.pipe(v.array(id), v.maxLength(MOST_VARIANTS));

const speedTest = v.pipe(
	v.object({ promptTokens: whole, generatedTokens: whole, depthTokens: whole }),
	v.check(({ promptTokens, generatedTokens }) => promptTokens + generatedTokens > 0)
);

const mark = v.object({ code: v.picklist(MARK_CODES), test: v.nullable(text) });

/** What the computer told of itself; for whoever reads the figures elsewhere. */
const device = v.object({
	name: text,
	software: v.boolean(),
	platform: text,
	browser: text
});

const testResult = v.object({
	test: speedTest,
	/** Milliseconds of every counted repetition, in their order. */
	samplesMs: v.pipe(v.array(positive), v.minLength(1), v.maxLength(MOST_SAMPLES)),
	/** Repetitions that were run again because the tab was hidden. */
	repeated: whole
});

/** As written with the row, since the catalogue may have changed when it is read. */
export const named = { variantId: id, label: text, quantization: text };

const measuredRow = v.object({
	kind: v.literal('measured'),
	...named,
	/** Milliseconds since 1970. */
	at: figure,
	contextWindow: whole,
	tokenSampling: v.picklist(['engine', 'lean']),
	weightsBytes: perhaps,
	parametersBillion: perhaps,
	prefillChunkTokens: perhaps,
	/** From disk until the first token can be asked for. */
	loadMs: figure,
	/** Of a chat answer. */
	firstTokenMs: perhaps,
	answerTokensPerSecond: perhaps,
	plannedPeakBytes: perhaps,
	measuredPeakBytes: figure,
	tests: v.pipe(v.array(testResult), v.minLength(1), v.maxLength(20)),
	marks: v.pipe(v.array(mark), v.maxLength(100))
});

export const failedRow = v.object({
	kind: v.literal('failed'),
	...named,
	at: figure,
	failure: v.object({ kind: text, message: text })
});

const row = v.variant('kind', [measuredRow, failedRow]);

const leftOut = v.object({ variantId: id, reason: text });

export const askedVariants = {
	variantIds: ids,
	contextWindow: v.pipe(whole, v.minValue(1))
};

const asked = v.object({
	...askedVariants,
	set: v.picklist(SET_NAMES),
	baselineId: v.nullable(id)
});

/** What every run over variants keeps of itself. */
export const runBase = {
	id,
	startedAt: figure,
	/** Those that are run, in this order: what was asked for, without the ones left out. */
	variantIds: ids,
	leftOut: v.fallback(v.array(leftOut), []),
	/** Variants that were not on the disk before this run. */
	fetched: v.fallback(ids, []),
	/** What was loaded before; null: nothing. */
	before: v.nullable(v.object({ variantId: id, contextWindow: v.pipe(whole, v.minValue(1)) })),
	/** Being loaded or run: where its page ended, if it did; null: between two rows. */
	currentId: v.fallback(v.nullable(id), null),
	/** `open`: it is under way, was paused, or its page was closed. */
	state: v.picklist(['open', 'done', 'stopped']),
	rows: v.array(v.unknown())
};

const run = v.object({
	...runBase,
	asked,
	baselineId: v.nullable(id),
	device: v.nullable(device)
});

export type MeasuredRow = v.InferOutput<typeof measuredRow>;
export type FailedRow = v.InferOutput<typeof failedRow>;
export type Row = MeasuredRow | FailedRow;
export type TestResult = v.InferOutput<typeof testResult>;
export type LeftOut = v.InferOutput<typeof leftOut>;
export type Asked = v.InferOutput<typeof asked>;
export type DeviceInfo = v.InferOutput<typeof device>;
export type Run = Omit<v.InferOutput<typeof run>, 'rows'> & { rows: readonly Row[] };

export interface KeptRow {
	variantId: string;
}
export interface AskedVariants {
	variantIds: string[];
	contextWindow: number;
}
export type RunBase = Omit<v.InferOutput<v.ObjectSchema<typeof runBase, undefined>>, 'rows'> & {
	asked: AskedVariants;
	rows: readonly KeptRow[];
};

export interface Measurements {
	version: 1;
	/** The last one; null: none. */
	run: Run | null;
}

export const NO_MEASUREMENTS: Measurements = { version: 1, run: null };

/** Whatever was stored. A row that cannot be one is left out, so that its variant is measured again. */
export function parseMeasurements(raw: unknown): Measurements {
	if (!isRecord(raw) || raw.version !== 1) return NO_MEASUREMENTS;
	const parsed = v.safeParse(run, raw.run);
	if (!parsed.success) return NO_MEASUREMENTS;
	const rows = readRows(row, parsed.output);
	return { version: 1, run: { ...parsed.output, rows } };
}

/** Rows of a stored run, one for each of its variants at most; what cannot be one is left out. */
export function readRows<W extends KeptRow>(
	schema: v.GenericSchema<unknown, W>,
	{ variantIds, rows }: { variantIds: readonly string[]; rows: readonly unknown[] }
): W[] {
	const planned = new Set(variantIds);
	const found = new Map<string, W>();
	for (const each of rows.slice(0, MOST_VARIANTS)) {
		const read = v.safeParse(schema, each);
		if (read.success && planned.has(read.output.variantId))
			found.set(read.output.variantId, read.output);
	}
	return [...found.values()];
}

/** Variants without a row. */
export function restOf({ variantIds, rows }: Pick<RunBase, 'variantIds' | 'rows'>): string[] {
	const done = new Set(rows.map(({ variantId }) => variantId));
	return variantIds.filter((each) => !done.has(each));
}

/** With a finished row. */
export const withRow = <R extends { rows: readonly KeptRow[] }>(
	run: R,
	row: R['rows'][number]
): R => ({
	...run,
	currentId: null,
	rows: [...run.rows.filter(({ variantId }) => variantId !== row.variantId), row]
});

export const measuredRows = ({ rows }: Run): MeasuredRow[] =>
	rows.filter((each): each is MeasuredRow => each.kind === 'measured');
