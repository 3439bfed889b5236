import * as v from 'valibot';
import type { KeptPosition } from '../engine/position.ts';
import { isRecord } from '../kit/restore.ts';
import type { ReferenceAnswer } from './measure.ts';
import { KINDS, type Prompt } from './prompts.ts';
import { recordSchema } from './record.ts';

/** A run that is not over, as it lies on the disk, where everything is hostile until parsed. */

const MOST_VARIANTS = 200;
const MOST_PROMPTS = 1000;
const MOST_CHARS = 10_000;

const text = v.pipe(v.string(), v.maxLength(MOST_CHARS));
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const prompt = v.object({ kind: v.picklist(KINDS), text });

const row = v.variant('kind', [
	v.object({ kind: v.literal('measured'), variantId: id, record: recordSchema }),
	v.object({ kind: v.literal('too-few'), variantId: id, positions: count }),
	v.object({
		kind: v.literal('failed'),
		variantId: id,
		message: text,
		advice: v.nullable(text)
	})
]);

const openRun = v.object({
	asked: v.object({
		/** The most precise variant that fits. */
		referenceId: id,
		others: v.pipe(
			v.array(v.object({ variantId: id, unquantized: v.boolean() })),
			v.maxLength(MOST_VARIANTS),
			v.readonly()
		),
		prompts: v.pipe(v.array(prompt), v.minLength(1), v.maxLength(MOST_PROMPTS), v.readonly())
	}),
	/** Of the variants that are finished. */
	rows: v.pipe(v.array(row), v.maxLength(MOST_VARIANTS), v.readonly()),
	/** What was loaded before; null: nothing. */
	before: v.nullable(
		v.object({
			variantId: id,
			contextWindow: v.pipe(v.number(), v.safeInteger(), v.minValue(1))
		})
	)
});

export type Asked = v.InferOutput<typeof openRun>['asked'];
export type Row = v.InferOutput<typeof row>;
export type OpenRun = v.InferOutput<typeof openRun>;

export interface OpenRuns {
	version: 1;
	/** null: none is open. */
	run: OpenRun | null;
}

/** Whatever was stored. */
export function parseOpenRuns(raw: unknown): OpenRuns {
	const read =
		isRecord(raw) && raw.version === 1
			? v.safeParse(openRun, raw.run)
			: { success: false as const };
	return { version: 1, run: read.success ? read.output : null };
}

/** What the answers of a reference hold for. */
export interface ReferenceKey {
	referenceId: string;
	libraryUrl: string;
	adapter: string;
	prompts: readonly Prompt[];
}

const positionSchema = v.pipe(
	v.object({
		tokens: v.instance(Uint32Array),
		logits: v.instance(Float32Array),
		logTotal: v.number(),
		logRest: v.nullable(v.number()),
		token: count,
		logProbability: v.number(),
		lowerBound: v.boolean()
	}),
	v.check(({ tokens, logits }) => tokens.length === logits.length)
);
const storedSchema = v.object({
	version: v.literal(1),
	key: v.string(),
	answers: v.array(v.array(positionSchema))
});

const keyOf = ({ referenceId, libraryUrl, adapter, prompts }: ReferenceKey) =>
	JSON.stringify([referenceId, libraryUrl, adapter, prompts]);

/** The answers of a reference, to be stored; some megabytes. */
export const storedReference = (key: ReferenceKey, answers: readonly ReferenceAnswer[]) => ({
	version: 1,
	key: keyOf(key),
	answers: answers.map(({ kept }) => [...kept])
});

/** What was stored; null: nothing that holds for this key. */
export function readReference(raw: unknown, key: ReferenceKey): ReferenceAnswer[] | null {
	const read = v.safeParse(storedSchema, raw);
	if (!read.success || read.output.key !== keyOf(key)) return null;
	const answers: readonly (readonly KeptPosition[])[] = read.output.answers;
	if (answers.length !== key.prompts.length) return null;
	return key.prompts.map((prompt, i) => ({ prompt, kept: answers[i] ?? [] }));
}
