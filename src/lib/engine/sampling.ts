import * as v from 'valibot';
import { restoreFields } from '../kit/restore.ts';

/** What one request asks of the engine. None of it needs a reload. */
export interface Sampling {
	temperature: number;
	topP: number;
	presencePenalty: number;
	frequencyPenalty: number;
	repetitionPenalty?: number;
	/** Of the answer; null: until the window is full. */
	maxTokens: number | null;
	/** null: a new seed for every answer. */
	seed: number | null;
	stop: string[];
	json: JsonMode;
	/** Only for models that can switch it; absent: the model's own default. */
	thinking?: boolean;
}

export interface JsonMode {
	mode: 'off' | 'json' | 'schema';
	/** JSON Schema as text; kept as typed, also while it is not valid yet. */
	schema: string;
}

// The engine (0.2.86) compiles the schema of every request for JSON, also where there is none; and it forbids every
// property that a schema does not speak of.
const ANY_OBJECT = '{"type":"object","additionalProperties":true}';

/** The JSON Schema that an answer is held to; null: it is free. */
export function schemaOf({ mode, schema }: JsonMode): string | null {
	switch (mode) {
		case 'off':
			return null;
		case 'json':
			return ANY_OBJECT;
		case 'schema':
			return schema;
	}
}

export interface Range {
	min: number;
	max: number;
	step: number;
}

/** Bounds of the engine (temperature, top_p, penalties) and of ours (tokens, seed). */
export const samplingRanges = {
	temperature: { min: 0, max: 2, step: 0.05 },
	topP: { min: 0.01, max: 1, step: 0.01 },
	presencePenalty: { min: -2, max: 2, step: 0.1 },
	frequencyPenalty: { min: -2, max: 2, step: 0.1 },
	repetitionPenalty: { min: 0.5, max: 2, step: 0.05 },
	maxTokens: { min: 1, max: 131_072, step: 1 },
	seed: { min: 0, max: 0x7fff_ffff, step: 1 }
} as const satisfies Record<string, Range>;

export const MAX_STOPS = 16;
export const MAX_STOP_CHARS = 200;
export const MAX_JSON_SCHEMA_CHARS = 100_000;

export const defaultSampling: Sampling = {
	temperature: 0.7,
	topP: 0.95,
	presencePenalty: 0,
	frequencyPenalty: 0,
	maxTokens: null,
	seed: null,
	stop: [],
	json: { mode: 'off', schema: '' }
};

const within = (range: Range) =>
	v.pipe(
		v.number(),
		v.finite(),
		v.transform((value) => Math.min(range.max, Math.max(range.min, value)))
	);
const whole = (range: Range) => v.pipe(within(range), v.transform(Math.round));

const PartialSampling = v.object({
	temperature: v.exactOptional(within(samplingRanges.temperature)),
	topP: v.exactOptional(within(samplingRanges.topP)),
	presencePenalty: v.exactOptional(within(samplingRanges.presencePenalty)),
	frequencyPenalty: v.exactOptional(within(samplingRanges.frequencyPenalty)),
	repetitionPenalty: v.exactOptional(within(samplingRanges.repetitionPenalty)),
	maxTokens: v.exactOptional(v.nullable(whole(samplingRanges.maxTokens))),
	seed: v.exactOptional(v.nullable(whole(samplingRanges.seed))),
	stop: v.exactOptional(
		v.pipe(
			v.array(v.pipe(v.string(), v.maxLength(MAX_STOP_CHARS))),
			// An empty stop string would end every answer at once.
			v.transform((stops) => [...new Set(stops)].filter((stop) => stop !== '').slice(0, MAX_STOPS))
		)
	),
	json: v.exactOptional(
		v.object({
			mode: v.picklist(['off', 'json', 'schema']),
			schema: v.pipe(v.string(), v.maxLength(MAX_JSON_SCHEMA_CHARS))
		})
	),
	thinking: v.exactOptional(v.boolean())
});

/** The fields of `raw` that are usable: numbers are brought into range, the rest is left out. */
export function parsePartialSampling(raw: unknown): Partial<Sampling> {
	return restoreFields(PartialSampling, raw);
}

/** What a conversation's own choices make of the defaults. */
export function parseSampling(raw: unknown, defaults: Sampling = defaultSampling): Sampling {
	return { ...defaults, ...parsePartialSampling(raw) };
}
