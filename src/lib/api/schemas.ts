import * as v from 'valibot';
import { matrixShape } from '#plan/adapt/matrix.ts';
import { paceSchema } from '#plan/adapt/pace.ts';
import { MODES } from '#plan/adapt/policy.ts';
import { PRIORITIES } from '#plan/adapt/wishes.ts';
import { MAX_NAME_CHARS } from '#plan/models/names.ts';
import {
	MAX_JSON_SCHEMA_CHARS,
	MAX_STOP_CHARS,
	MAX_STOPS,
	samplingRanges,
	type Range
} from '../engine/sampling.ts';
import { settingRanges } from '../settings/settings.svelte.ts';

/** Raised when a call changes so that a program written for the one before would break. */
export const API_VERSION = 1;

const MAX_TOKENS = 2 ** 20;
const MAX_MESSAGES = 2000;
const MAX_TEXT_CHARS = 4_000_000;

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MAX_NAME_CHARS));
const inputTokens = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_TOKENS));
const window = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_TOKENS));
const within = ({ min, max }: Pick<Range, 'min' | 'max'>) =>
	v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
const whole = (range: Pick<Range, 'min' | 'max'>) => v.pipe(within(range), v.integer());
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARS));
const quantizationName = v.pipe(v.string(), v.regex(/^q\d+f(?:16|32)(?:_\d)?$/));

const verdict = v.picklist(['fits', 'tight', 'blocked']);
/** Bytes, milliseconds, tokens and ratios, as their names say; null: not known. */
const figure = v.nullable(v.number());
const spread = v.nullable(
	v.object({
		count: v.number(),
		mean: v.number(),
		deviation: figure,
		min: v.number(),
		max: v.number()
	})
);

const deviceSchema = v.object({
	ready: v.boolean(),
	/** Why it is not; null: it is. */
	problem: v.nullable(v.string()),
	name: v.nullable(v.string()),
	vendor: v.nullable(v.string()),
	architecture: v.nullable(v.string()),
	shaderF16: v.boolean(),
	software: v.boolean(),
	maxBufferBytes: figure,
	maxBindingBytes: figure
});

const memorySchema = v.object({
	state: v.picklist(['comfortable', 'moderate', 'tight', 'critical', 'unknown']),
	sentence: v.nullable(v.string()),
	usedBytes: v.number(),
	peakBytes: v.number(),
	budgetBytes: figure,
	reserveBytes: figure,
	source: v.nullable(v.string())
});

const queueSchema = v.object({
	running: v.nullable(v.picklist(['chat', 'program', 'measurement'])),
	waiting: v.number(),
	waitingPrograms: v.number(),
	/** Why nothing is started; null: requests are. */
	held: v.nullable(v.string())
});

const loadedSchema = v.object({
	model: v.string(),
	family: v.string(),
	quantization: v.string(),
	contextWindow: v.number(),
	bytes: v.number(),
	/** Answers of this variant on this device, ever. */
	uses: v.number()
});

/** A server of the person's own: chat and generate ask it where `model` is the same. */
const serverSchema = v.object({
	model: v.string(),
	name: v.string(),
	contextWindow: figure,
	/** Conversations are answered by it now, not by this GPU. */
	answering: v.boolean()
});

const optionSchema = v.object({
	model: v.string(),
	family: v.string(),
	quantization: v.string(),
	bitsPerWeight: v.number(),
	contextWindow: v.number(),
	bytes: figure,
	marginRatio: figure,
	/** Where the bytes come from. */
	confidence: v.nullable(v.picklist(['declared', 'manifest', 'library', 'measured'])),
	/** Share of the weights' bytes saved. */
	savedOf32BitRatio: v.number(),
	savedOf16BitRatio: v.number(),
	verdict,
	reasons: v.array(v.string()),
	downloaded: v.boolean(),
	loaded: v.boolean(),
	tokensPerSecond: figure,
	/** The speed was measured here, not estimated. */
	measured: v.boolean(),
	answers: v.number()
});

const sampling = {
	temperature: v.optional(within(samplingRanges.temperature)),
	top_p: v.optional(within(samplingRanges.topP)),
	presence_penalty: v.optional(within(samplingRanges.presencePenalty)),
	frequency_penalty: v.optional(within(samplingRanges.frequencyPenalty)),
	max_tokens: v.optional(v.nullable(whole(samplingRanges.maxTokens))),
	seed: v.optional(v.nullable(whole(samplingRanges.seed))),
	stop: v.optional(
		v.nullable(
			v.union([
				v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_STOP_CHARS)),
				v.pipe(
					v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_STOP_CHARS))),
					v.maxLength(MAX_STOPS)
				)
			])
		)
	),
	/** Answer piece by piece: the call then returns the pieces. */
	stream: v.optional(v.boolean(), false)
};

const part = v.strictObject({ type: v.literal('text'), text });
const content = v.union([text, v.pipe(v.array(part), v.maxLength(MAX_MESSAGES))]);
const message = v.object({
	role: v.picklist(['system', 'user', 'assistant']),
	content
});

/** Tokens. A server that does not count: 0 for the prompt, about as many as came for the answer. */
const usage = v.object({
	prompt_tokens: v.number(),
	completion_tokens: v.number(),
	total_tokens: v.number()
});
const finish = v.picklist(['stop', 'length']);

const settings = {
	/** Ratio of the budget above which loading is blocked; null: the check is off, which only a person sets. */
	thresholdRatio: within(settingRanges.thresholdRatio),
	leanSampling: v.picklist(['automatic', 'always', 'never']),
	afterFailure: v.picklist(['stop', 'ask', 'fallback']),
	idleUnloadMinutes: v.nullable(whole(settingRanges.idleUnloadMinutes))
};
const settingsOutput = v.object({
	...settings,
	thresholdRatio: figure,
	reserveBytes: v.number(),
	/** What is chosen to be loaded next. */
	model: v.string(),
	quantization: v.string(),
	contextWindow: v.number()
});

/** When automatic swaps happen. Memory thresholds are ratios of the budget, load thresholds waiting requests. */
const policy = {
	mode: v.picklist(MODES),
	matrix: matrixShape,
	pace: paceSchema,
	priority: v.picklist(PRIORITIES),
	/** Nothing coarser is loaded automatically; null: no floor. */
	floor: v.nullable(quantizationName),
	allowWindow: v.boolean(),
	allowFamily: v.boolean()
};
const policyOutput = v.object(policy);

const statisticsRow = v.object({
	model: v.string(),
	answers: v.object({
		begun: v.number(),
		complete: v.number(),
		stopped: v.number(),
		failed: v.number(),
		/** Complete of those that completed or failed. */
		successRatio: figure
	}),
	loads: v.object({ begun: v.number(), complete: v.number(), failed: v.number() }),
	decodeTokensPerSecond: spread,
	prefillTokensPerSecond: spread,
	firstTokenMs: spread,
	loadMs: spread
});

/** A name of a model, and what it was taken for. */
const understood = v.nullable(v.string());

const call = <I extends v.GenericSchema, O extends v.GenericSchema, const N extends string | null>(
	what: string,
	needs: N,
	input: I,
	output: O
) => ({ what, needs, input, output });

/**
 * Every call: what it takes and what it answers. `needs`: what a person must have allowed. From these come the checks,
 * the types, and what is published of them.
 */
export const CALLS = {
	status: call(
		'The GPU, its memory, the queue, what is loaded, the person’s own servers, and what is recommended.',
		null,
		v.strictObject({}),
		v.object({
			version: v.number(),
			device: deviceSchema,
			memory: memorySchema,
			queue: queueSchema,
			loader: v.string(),
			loaded: v.array(loadedSchema),
			servers: v.array(serverSchema),
			recommended: v.nullable(
				v.object({
					model: v.string(),
					contextWindow: v.number(),
					bytes: figure,
					sentence: v.string()
				})
			),
			/** Loading, deleting, changing settings and asking the person's own servers is allowed. */
			permitted: v.boolean()
		})
	),
	prediction: call(
		'Whether a request of so many tokens fits the context window, and what it takes.',
		null,
		v.strictObject({ model: v.optional(name), inputTokens, outputTokens: inputTokens }),
		v.object({
			model: v.string(),
			understood,
			contextWindow: v.number(),
			totalTokens: v.number(),
			/** Tokens left of the window; negative: so many are too many. */
			marginTokens: v.number(),
			fits: v.boolean(),
			/** From the speeds measured on this device. */
			seconds: figure,
			/** GPU memory of the model with that window, at its peak. */
			bytes: figure,
			verdict
		})
	),
	options: call(
		'The quantizations of a family, or of all: memory, savings, verdict, speed.',
		null,
		v.strictObject({ model: v.optional(name), contextWindow: v.optional(window) }),
		v.object({ understood, options: v.array(optionSchema) })
	),
	calculate: call(
		'What a model of a size takes in each quantization, or the best model of the catalogue for a wish.',
		null,
		v.strictObject({
			parametersBillion: v.optional(within({ min: 0.001, max: 10_000 })),
			model: v.optional(name),
			priority: v.optional(v.picklist(['quality', 'balanced', 'speed']), 'balanced'),
			/** Nothing coarser. */
			floor: v.optional(quantizationName),
			contextWindow: v.optional(window, 4096)
		}),
		v.object({
			understood,
			/** Of the given size; empty where none was given. */
			sizes: v.array(
				v.object({
					quantization: v.string(),
					weightsBytes: v.number(),
					kvBytes: v.number(),
					bytes: v.number(),
					mostBytes: v.number(),
					/** Within the budget at the threshold; null: no budget is known. */
					fits: v.nullable(v.boolean())
				})
			),
			/** null: none fits, or a size was asked about. */
			best: v.nullable(
				v.object({
					model: v.string(),
					quantization: v.string(),
					contextWindow: v.number(),
					bytes: figure,
					sentence: v.string()
				})
			)
		})
	),
	reload: call(
		'Loads a model, or the one that is chosen with another quantization. What the plan blocks is refused.',
		'permission',
		v.strictObject({
			model: v.optional(name),
			quantization: v.optional(quantizationName),
			bits: v.optional(v.picklist([3, 4, 16, 32])),
			contextWindow: v.optional(window)
		}),
		v.object({
			model: v.string(),
			understood,
			quantization: v.string(),
			contextWindow: v.number(),
			bytes: v.number(),
			loadMs: v.number()
		})
	),
	cache: call(
		'What lies on disk.',
		null,
		v.strictObject({}),
		v.object({
			models: v.array(
				v.object({
					/** null: the catalogue no longer has it. */
					model: v.nullable(v.string()),
					state: v.picklist(['complete', 'partial', 'damaged', 'plan']),
					bytes: v.number(),
					freedBytes: v.number(),
					files: v.number(),
					uses: v.number(),
					lastUsedAt: figure,
					inUse: v.boolean()
				})
			),
			totalBytes: v.number(),
			usedBytes: figure,
			quotaBytes: figure
		})
	),
	clearCache: call(
		'Deletes a model’s files, or all. What a tab uses is refused.',
		'permission',
		v.union([v.strictObject({ model: name }), v.strictObject({ all: v.literal(true) })]),
		v.object({ understood, freedBytes: v.number() })
	),
	statistics: call(
		'Answers and loads counted on this device.',
		null,
		v.strictObject({ model: v.optional(name) }),
		v.object({ understood, models: v.array(statisticsRow) })
	),
	clearStatistics: call(
		'Clears the statistics. A person can undo it on the page.',
		'permission',
		v.strictObject({}),
		v.object({ cleared: v.number() })
	),
	comparison: call(
		'Variants side by side: memory and speed, against the first.',
		null,
		v.strictObject({ models: v.pipe(v.array(name), v.minLength(1), v.maxLength(50)) }),
		v.object({
			baseline: v.string(),
			models: v.array(
				v.object({
					model: v.string(),
					understood: v.string(),
					bytes: figure,
					savedBytes: figure,
					tokensPerSecond: figure,
					measured: v.boolean(),
					/** Its speed in times of the first one’s. */
					speedUp: figure,
					firstTokenMs: figure,
					successRatio: figure,
					answers: v.number()
				})
			)
		})
	),
	settings: call(
		'What is chosen, and the settings that decide what is loaded.',
		null,
		v.strictObject({}),
		settingsOutput
	),
	setSettings: call(
		'Changes settings; what is not named stays.',
		'permission',
		v.strictObject({
			thresholdRatio: v.exactOptional(settings.thresholdRatio),
			leanSampling: v.exactOptional(settings.leanSampling),
			afterFailure: v.exactOptional(settings.afterFailure),
			idleUnloadMinutes: v.exactOptional(settings.idleUnloadMinutes)
		}),
		settingsOutput
	),
	memory: call('How much GPU memory is used, of how much.', null, v.strictObject({}), memorySchema),
	policy: call(
		'When the page swaps to another quantization by itself: thresholds, pace, mode.',
		null,
		v.strictObject({}),
		policyOutput
	),
	setPolicy: call(
		'Changes when the page swaps by itself; what is not named stays.',
		'permission',
		v.strictObject({
			mode: v.exactOptional(policy.mode),
			matrix: v.exactOptional(policy.matrix),
			pace: v.exactOptional(policy.pace),
			priority: v.exactOptional(policy.priority),
			floor: v.exactOptional(policy.floor),
			allowWindow: v.exactOptional(policy.allowWindow),
			allowFamily: v.exactOptional(policy.allowFamily)
		}),
		policyOutput
	),
	models: call(
		'All models of the catalogue, then those of the person’s own servers, as OpenAI lists them.',
		null,
		v.strictObject({}),
		v.object({
			object: v.literal('list'),
			data: v.array(
				v.object({
					id: v.string(),
					object: v.literal('model'),
					created: v.number(),
					owned_by: v.string(),
					family: v.string(),
					/** Empty for a server's. */
					quantization: v.string(),
					/** Of a server: conversations are answered by it now. */
					loaded: v.boolean()
				})
			)
		})
	),
	exists: call(
		'Whether a model of the catalogue, or one of the person’s own servers, has that name, and which.',
		null,
		v.strictObject({ model: name }),
		v.object({
			exists: v.boolean(),
			model: v.nullable(v.string()),
			understood: v.string(),
			candidates: v.array(v.string())
		})
	),
	chat: call(
		'Answers messages, in OpenAI’s shape. Another model than the loaded one, or a server of the person’s own, needs permission.',
		null,
		v.object({
			model: v.optional(name),
			messages: v.pipe(v.array(message), v.minLength(1), v.maxLength(MAX_MESSAGES)),
			...sampling,
			max_completion_tokens: v.optional(v.nullable(whole(samplingRanges.maxTokens))),
			response_format: v.optional(
				v.variant('type', [
					v.object({ type: v.literal('text') }),
					v.object({ type: v.literal('json_object') }),
					v.object({
						type: v.literal('json_schema'),
						json_schema: v.object({ schema: v.record(v.string(), v.unknown()) })
					})
				])
			)
		}),
		v.object({
			id: v.string(),
			object: v.literal('chat.completion'),
			created: v.number(),
			model: v.string(),
			/** What the name was taken for. */
			understood,
			choices: v.array(
				v.object({
					index: v.number(),
					message: v.object({
						role: v.literal('assistant'),
						content: v.string(),
						reasoning_content: v.exactOptional(v.string())
					}),
					finish_reason: finish
				})
			),
			usage
		})
	),
	generate: call(
		'Answers a prompt, in the shape of OpenAI’s completions. Needs permission where chat does.',
		null,
		v.object({ model: v.optional(name), prompt: text, ...sampling }),
		v.object({
			id: v.string(),
			object: v.literal('text_completion'),
			created: v.number(),
			model: v.string(),
			understood,
			choices: v.array(v.object({ index: v.number(), text: v.string(), finish_reason: finish })),
			usage
		})
	)
};

/** A piece of an answer that is streamed. The last one has the reason of its end and the usage. */
export const CHUNKS = {
	chat: v.object({
		id: v.string(),
		object: v.literal('chat.completion.chunk'),
		created: v.number(),
		model: v.string(),
		choices: v.array(
			v.object({
				index: v.number(),
				delta: v.object({
					role: v.exactOptional(v.literal('assistant')),
					content: v.exactOptional(v.string()),
					reasoning_content: v.exactOptional(v.string())
				}),
				finish_reason: v.nullable(finish)
			})
		),
		usage: v.exactOptional(usage)
	}),
	generate: v.object({
		id: v.string(),
		object: v.literal('text_completion'),
		created: v.number(),
		model: v.string(),
		choices: v.array(
			v.object({ index: v.number(), text: v.string(), finish_reason: v.nullable(finish) })
		),
		usage: v.exactOptional(usage)
	})
};

/** What is told without being asked. */
export const EVENTS = {
	loaded: v.object({ model: v.string(), contextWindow: v.number(), bytes: v.number() }),
	swapped: v.object({ model: v.string(), from: v.string(), gapMs: figure }),
	unloaded: v.object({ model: v.string() }),
	meter: v.object({ usedBytes: v.number(), peakBytes: v.number() }),
	queue: queueSchema,
	failure: v.object({ code: v.string(), message: v.string(), model: v.string() })
};

/** OpenAI's shape. */
export const errorSchema = v.object({
	error: v.object({
		message: v.string(),
		type: v.string(),
		code: v.string(),
		param: v.nullable(v.string())
	})
});

export const MAX_SCHEMA_CHARS = MAX_JSON_SCHEMA_CHARS;

export type CallName = keyof typeof CALLS;
export type Input<N extends CallName> = v.InferOutput<(typeof CALLS)[N]['input']>;
export type Output<N extends CallName> = v.InferOutput<(typeof CALLS)[N]['output']>;
export type Streamed = keyof typeof CHUNKS;
export type Chunk<N extends Streamed> = v.InferOutput<(typeof CHUNKS)[N]>;
export type EventName = keyof typeof EVENTS;
export type EventDetail<N extends EventName> = v.InferOutput<(typeof EVENTS)[N]>;
