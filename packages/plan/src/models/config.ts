import * as v from 'valibot';
import { FileError } from './file-error.ts';
import { parseShape } from './json-file.ts';
import type { Attention } from './library.ts';
import { replyHeaderOf, templateSchema, type ChatTemplate } from './template.ts';

/** What the page needs of `mlc-chat-config.json`, with a record's overrides merged in; plain data. */
export interface ChatConfig {
	vocabSize: number;
	/** Of the two windows one is a number of tokens, the other is null (-1 in the file); both where the record decides. */
	contextWindowSize: number | null;
	slidingWindowSize: number | null;
	/** Tokens the model was made for; null where the file does not say. */
	maxContextWindow: number | null;
	tokenizerFiles: readonly string[];
	modelType: string | null;
	attention: Attention | null;
	hiddenSize: number | null;
	intermediateSize: number | null;
	/** Layers that keep a state in place of keys and values; `attention` then counts the others only. */
	recurrent: Recurrent | null;
	/** Tokens an image takes, where that is fixed. */
	imageTokens: number | null;
	/** What the template ends a prompt with, for the model to go on from. */
	replyHeader: string;
	/** null: it is not known. */
	template: ChatTemplate | null;
}

export interface Recurrent {
	layers: number;
	/** Numbers one layer keeps; null where the configuration does not tell. */
	elements: number | null;
}

const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const nonZero = v.check<number, string>((tokens) => tokens !== 0, 'tokens, or -1');
// WebLLM compares with -1: a window that is left out or null counts as set, and fails late.
const windowSize = v.pipe(v.number(), v.safeInteger(), v.minValue(-1), nonZero);

const schema = v.object({
	model_type: v.nullish(v.string()),
	vocab_size: positive,
	context_window_size: windowSize,
	sliding_window_size: windowSize,
	attention_sink_size: v.nullish(v.pipe(v.number(), v.safeInteger(), v.minValue(-1))),
	tokenizer_files: v.pipe(
		v.array(v.string()),
		v.check(
			(files) => files.includes('tokenizer.json') || files.includes('tokenizer.model'),
			'tokenizer.json or tokenizer.model'
		)
	),
	conv_template: templateSchema,
	model_config: v.nullish(v.record(v.string(), v.unknown()))
});

/**
 * Parses `mlc-chat-config.json` as WebLLM will use it: `overrides` (of the record) replace fields first. Where
 * they are not known, both windows may be set: records use an override to choose. Throws FileError naming the
 * field that is missing or wrong.
 */
export function parseChatConfig(
	value: unknown,
	overrides?: Readonly<Record<string, number>>,
	file = 'mlc-chat-config.json'
): ChatConfig {
	const own = parseShape(file, v.record(v.string(), v.unknown()), value);
	const raw = parseShape(file, schema, { ...own, ...overrides });
	const context = raw.context_window_size;
	const sliding = raw.sliding_window_size;
	const both = context !== -1 && sliding !== -1;
	// Records that switch sliding off set the context window themselves when they are loaded.
	const switchedOff = overrides?.['sliding_window_size'] === -1;
	if ((context === -1 && sliding === -1 && !switchedOff) || (both && overrides))
		throw new FileError(
			'wrong-shape',
			file,
			'exactly one of context_window_size and sliding_window_size to differ from -1',
			`${context} and ${sliding}`
		);
	const sink = raw.attention_sink_size ?? null;
	if (sliding !== -1 && !both && (sink === null || sink < 0))
		throw new FileError(
			'wrong-shape',
			file,
			'attention_sink_size of 0 or more beside a sliding window',
			String(raw.attention_sink_size)
		);
	const model = textModel(raw.model_config ?? {});
	const template = raw.conv_template;
	return {
		vocabSize: raw.vocab_size,
		contextWindowSize: context === -1 ? null : context,
		slidingWindowSize: sliding === -1 ? null : sliding,
		maxContextWindow: maxContext(own['context_window_size'], model, context),
		tokenizerFiles: raw.tokenizer_files,
		modelType: raw.model_type ?? null,
		attention: attentionOf(model),
		hiddenSize: field(model, 'hidden_size', 'n_embd'),
		intermediateSize: field(model, 'intermediate_size', 'n_inner'),
		recurrent: recurrentOf(model),
		imageTokens: field(model, 'mm_tokens_per_image', 'vision_soft_tokens_per_image'),
		replyHeader: replyHeaderOf(template),
		template
	};
}

type Fields = Readonly<Record<string, unknown>>;

/** Vision models keep the part that writes text below a key of its own. */
function textModel(model: Fields): Fields {
	for (const key of ['text_config', 'language_config', 'llm_config']) {
		const inner = v.safeParse(v.record(v.string(), v.unknown()), model[key]);
		if (inner.success) return { ...model, ...inner.output };
	}
	return model;
}

function field(fields: Fields, ...names: readonly string[]): number | null {
	for (const name of names) {
		const result = v.safeParse(positive, fields[name]);
		if (result.success) return result.output;
	}
	return null;
}

function attentionOf(model: Fields): Attention | null {
	const all = field(model, 'num_hidden_layers', 'n_layer', 'num_layers');
	const layers = all === null ? null : all - (recurrentOf(model)?.layers ?? 0);
	const queryHeads = field(model, 'num_attention_heads', 'n_head');
	const hidden = field(model, 'hidden_size', 'n_embd');
	if (!layers || !queryHeads) return null;
	const headDim = field(model, 'head_dim') ?? (hidden ? hidden / queryHeads : null);
	if (!headDim || !Number.isInteger(headDim)) return null;
	return {
		layers,
		queryHeads,
		keyValueHeads: field(model, 'num_key_value_heads', 'n_head_kv') ?? queryHeads,
		headDim
	};
}

/** Gated linear attention as Qwen3.5 has it: a matrix per value head, and the last inputs of a convolution. */
function recurrentOf(model: Fields): Recurrent | null {
	const layers = field(model, 'num_hidden_layers', 'n_layer', 'num_layers');
	if (layers === null) return null;
	if ('rwkv_version' in model) return { layers, elements: null };
	const valueHeads = field(model, 'linear_num_value_heads');
	if (valueHeads === null) return null;
	const keyHeads = field(model, 'linear_num_key_heads');
	const keyDim = field(model, 'linear_key_head_dim');
	const valueDim = field(model, 'linear_value_head_dim');
	const kernel = field(model, 'linear_conv_kernel_dim') ?? 1;
	const types = v.safeParse(v.array(v.string()), model['layer_types']);
	const interval = field(model, 'full_attention_interval');
	const attention = types.success
		? types.output.filter((type) => type === 'full_attention').length
		: interval
			? Math.floor(layers / interval)
			: 0;
	return {
		layers: Math.max(0, layers - attention),
		elements:
			keyHeads && keyDim && valueDim
				? valueHeads * keyDim * valueDim +
					(kernel - 1) * (2 * keyHeads * keyDim + valueHeads * valueDim)
				: null
	};
}

/** The file's own window is what the model was made for; a record may ask for more, and then that counts. */
function maxContext(own: unknown, model: Fields, merged: number): number | null {
	const trained =
		field({ own }, 'own') ?? field(model, 'max_position_embeddings', 'context_window_size');
	return trained === null ? null : Math.max(trained, merged);
}
