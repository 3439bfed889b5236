import * as v from 'valibot';
import { parseShape } from '../models/json-file.ts';
import type { Difference } from './parameters.ts';

/** What of `mlc-chat-config.json` is fixed when a library is compiled; plain JSON values by name. */
export interface CompiledIn {
	modelType: string | null;
	quantization: string | null;
	fields: Readonly<Record<string, unknown>>;
}

const FIELDS = v.record(v.string(), v.unknown());
const schema = v.object({
	model_type: v.nullish(v.string()),
	quantization: v.nullish(v.string()),
	sliding_window_size: v.nullish(v.unknown()),
	model_config: v.nullish(FIELDS)
});

/** Other names of the same, by MLC's compilers and by the models they came from. */
const ALIASES: Readonly<Record<string, string>> = {
	position_embedding_base: 'rope_theta',
	rotary_emb_base: 'rope_theta',
	layer_norm_eps: 'rms_norm_eps',
	layer_norm_epsilon: 'rms_norm_eps',
	hidden_act: 'hidden_activation',
	activation_function: 'hidden_activation',
	sliding_window: 'sliding_window_size',
	n_embd: 'hidden_size',
	n_layer: 'num_hidden_layers',
	n_head: 'num_attention_heads',
	n_inner: 'intermediate_size'
};

/** Set when a model is loaded, found by the tensors' shapes alone, or of no weight for what is computed. */
const FREE = new Set([
	'vocab_size',
	'context_window_size',
	'prefill_chunk_size',
	'attention_sink_size',
	'max_position_embeddings',
	'max_batch_size',
	'max_history_size',
	'tensor_parallel_shards',
	'pipeline_parallel_stages',
	'disaggregation',
	'dtype',
	'torch_dtype',
	'weight_block_size',
	'bos_token_id',
	'eos_token_id',
	'pad_token_id',
	'kwargs',
	'use_cache',
	'transformers_version',
	'architectures',
	'initializer_range',
	'attention_dropout',
	'_name_or_path',
	'model_type'
]);

/** What the library's tensors depend on: a difference here makes reading the library needless. */
const SHAPES = [
	'hidden_size',
	'intermediate_size',
	'num_hidden_layers',
	'num_attention_heads',
	'num_key_value_heads',
	'head_dim'
];

/** The usual fields as a person knows them. */
const NAMES: Readonly<Record<string, string>> = {
	rope_theta: 'rope_theta (the base of the rotary positions)',
	rope_scaling: 'rope_scaling (how positions are stretched)',
	rms_norm_eps: 'rms_norm_eps (the epsilon of its norms)',
	hidden_activation: 'hidden_act (the activation)',
	sliding_window_size: 'sliding_window_size',
	tie_word_embeddings: 'tie_word_embeddings (input and output share their embeddings)',
	head_dim: 'head_dim (the size of a head)'
};
/** Compared first, in this order, so that the difference that is told is the one that counts. */
const FIRST = [...SHAPES, ...Object.keys(NAMES)];

/** Reads a configuration's compiled-in part. Throws FileError where it is none. */
export function compiledIn(value: unknown, file = 'mlc-chat-config.json'): CompiledIn {
	const raw = parseShape(file, schema, value);
	// Names are a stranger's: none may be found on a prototype.
	const fields = Object.create(null) as Record<string, unknown>;
	const all = {
		sliding_window_size: raw.sliding_window_size,
		...textModel(raw.model_config ?? {})
	};
	for (const [name, said] of Object.entries(all)) {
		const known = valueOf(ALIASES, name) ?? name;
		if (!FREE.has(known) && !isAbsent(said)) fields[known] = said;
	}
	const { hidden_size: hidden, num_attention_heads: heads } = fields;
	if (typeof hidden === 'number' && typeof heads === 'number') {
		fields['head_dim'] ??= hidden / heads;
		fields['num_key_value_heads'] ??= heads;
	}
	return {
		modelType: raw.model_type ?? null,
		quantization: raw.quantization ?? null,
		fields
	};
}

/** Vision models keep the part that writes text below a key of its own. */
function textModel(model: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	for (const key of ['text_config', 'language_config', 'llm_config']) {
		const inner = v.safeParse(FIELDS, model[key]);
		if (inner.success) return { ...model, ...inner.output, [key]: null };
	}
	return model;
}

/** null, false, -1 (no window) and what is empty say the same as nothing. */
const isAbsent = (said: unknown): boolean =>
	said === null ||
	said === undefined ||
	said === false ||
	said === -1 ||
	(typeof said === 'object' && Object.keys(said).length === 0);

/**
 * Everything compiled into a catalogue model's library in which an added model differs, the weightiest first. Empty:
 * as far as the configurations tell, the library computes what the added model was trained for.
 */
export function compiledDifferences(own: CompiledIn, library: CompiledIn): Difference[] {
	const found: Difference[] = [];
	if (own.modelType !== library.modelType)
		found.push(
			difference('model_type', 'model_type (the architecture)', own.modelType, library.modelType)
		);
	const names = new Set([...FIRST, ...Object.keys(own.fields), ...Object.keys(library.fields)]);
	for (const name of names) {
		const [mine, its] = [valueOf(own.fields, name), valueOf(library.fields, name)];
		if (canonical(mine) !== canonical(its))
			found.push(difference(name, valueOf(NAMES, name) ?? shortened(name), mine, its));
	}
	return found;
}

/** One that makes the tensors differ, so that the library need not be read; null: none does. */
export const shapeDifference = (differences: readonly Difference[]): Difference | null =>
	differences.find(({ what }) => what === 'model_type' || SHAPES.includes(what)) ?? null;

function difference(what: string, name: string, mine: unknown, its: unknown): Difference {
	const [found, expected] = [inWords(mine), inWords(its)];
	return {
		kind: 'compiled-in',
		what,
		expected,
		found,
		sentence: `${name}: the model has ${found}, the library was compiled for ${expected}.`
	};
}

function inWords(said: unknown): string {
	if (said === undefined || said === null) return 'none';
	const text = typeof said === 'string' ? said : canonical(said);
	return shortened(text);
}

const shortened = (text: string) => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

const valueOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
	Object.hasOwn(record, name) ? record[name] : undefined;

/** Equal for equal values, whatever the order of keys. */
function canonical(said: unknown): string {
	if (said === null || typeof said !== 'object') return JSON.stringify(said) ?? 'undefined';
	if (Array.isArray(said)) return `[${said.map(canonical).join(',')}]`;
	const named = new Map<string, unknown>(Object.entries(said));
	const members = [...named.keys()]
		.sort()
		.map((key) => `${JSON.stringify(key)}:${canonical(named.get(key))}`);
	return `{${members.join(',')}}`;
}
