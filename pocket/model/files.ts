import { createHash } from 'node:crypto';
import { architecture as a, type VariantName, variants } from './architecture.ts';
import { weightBytes } from './metadata.ts';
import { type Tokenizer, toJSON } from './tokenizer.ts';
import { type Checkpoint, tensors } from './weights.ts';

/**
 * How WebLLM writes a conversation as text; the training writes the same tokens. `<|end|>` ends every message, but
 * the template has it begin the next one: WebLLM never feeds back the `<|end|>` that a model ends its answer with, so
 * that a separator after the answer would be there only when an old conversation is read again.
 */
export const conversation = {
	name: 'pocket',
	system_template: '<|system|>{system_message}',
	system_message: 'You are pocket, the demonstration model of Headroom.',
	system_prefix_token_ids: null,
	add_role_after_system_message: true,
	roles: { user: '<|end|><|user|>', assistant: '<|assistant|>', tool: '<|end|><|user|>' },
	role_templates: {
		user: '{user_message}',
		assistant: '{assistant_message}',
		tool: '{tool_message}'
	},
	messages: [],
	seps: ['<|end|>', ''], // after a question, after an answer
	role_content_sep: '',
	role_empty_sep: '',
	stop_str: [],
	stop_token_ids: [0],
	function_string: '',
	use_function_calling: false
};

/** The files of a variant beside its library (pocket/ABI.md, 9), by name. */
export function modelFiles(
	name: VariantName,
	checkpoint: Checkpoint,
	tokenizer: Tokenizer
): Map<string, Buffer> {
	const { records } = tensors(a, variants[name], checkpoint);
	let at = 0;
	const entries = records.map(({ bytes, ...record }) => {
		const entry = { ...record, nbytes: bytes.length, byteOffset: at };
		at += bytes.length;
		return entry;
	});
	const shard = Buffer.concat(records.map((r) => r.bytes));
	const gpuBytes = weightBytes(a, variants[name]);
	const parameters = records.reduce(
		(n, r) =>
			n +
			r.shape.reduce((x, y) => x * y, 1) *
				(r.dtype === 'uint32' ? 8 : r.name.endsWith('.q_scale') ? 0 : 1),
		0
	);
	const json = (value: unknown) => Buffer.from(JSON.stringify(value));
	return new Map([
		['params_shard_0.bin', shard],
		[
			'tensor-cache.json',
			json({
				metadata: {
					ParamSize: entries.length,
					ParamBytes: gpuBytes,
					BitsPerParam: (8 * gpuBytes) / parameters
				},
				records: [
					{
						dataPath: 'params_shard_0.bin',
						format: 'raw-shard',
						nbytes: at,
						md5sum: createHash('md5').update(shard).digest('hex'),
						records: entries
					}
				]
			})
		],
		['tokenizer.json', json(toJSON(tokenizer))],
		[
			'mlc-chat-config.json',
			json({
				version: '0.1.0',
				model_type: 'llama',
				quantization: name,
				model_config: {
					hidden_size: a.hidden,
					intermediate_size: a.intermediate,
					num_hidden_layers: a.layers,
					num_attention_heads: a.heads,
					num_key_value_heads: a.kvHeads,
					head_dim: a.headDim,
					vocab_size: a.vocab,
					prefill_chunk_size: a.prefillChunk,
					context_window_size: a.contextWindow
				},
				vocab_size: a.vocab,
				context_window_size: a.contextWindow,
				sliding_window_size: -1,
				attention_sink_size: -1,
				prefill_chunk_size: a.prefillChunk,
				tensor_parallel_shards: 1,
				temperature: 0,
				top_p: 0.95,
				presence_penalty: 0,
				frequency_penalty: 0,
				repetition_penalty: 1,
				tokenizer_files: ['tokenizer.json'],
				tokenizer_info: {
					token_postproc_method: 'byte_level',
					prepend_space_in_encode: false,
					strip_space_in_decode: false
				},
				conv_template: conversation,
				pad_token_id: 0,
				bos_token_id: 0,
				eos_token_id: 0
			})
		]
	]);
}
