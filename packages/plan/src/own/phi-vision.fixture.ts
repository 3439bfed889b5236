/**
 * `mlc-chat-config.json` of Phi 3.5 vision as far as it is read here, with the values that its publisher names; for tests.
 * No weights of it are in the tests.
 */
export const PHI_VISION = {
	version: '0.1.0',
	model_type: 'phi3_v',
	quantization: 'q4f16_1',
	model_config: {
		model_type: 'phi3_v',
		hidden_size: 3072,
		vocab_size: 32064,
		num_hidden_layers: 32,
		num_attention_heads: 32,
		intermediate_size: 8192,
		rms_norm_eps: 1e-5,
		num_key_value_heads: 32,
		max_position_embeddings: 131072,
		vision_config: {
			hidden_size: 1024,
			image_size: 336,
			intermediate_size: 4096,
			num_attention_heads: 16,
			num_hidden_layers: 24,
			patch_size: 14,
			projection_dim: 768,
			vocab_size: null,
			num_channels: 3,
			layer_norm_eps: 1e-5,
			kwargs: {}
		},
		img_processor: {
			image_dim_out: 1024,
			model_name: 'openai/clip-vit-large-patch14-336',
			name: 'clip_vision_model',
			num_img_tokens: 144
		},
		position_embedding_base: 10000,
		original_max_position_embeddings: 4096,
		context_window_size: 131072,
		prefill_chunk_size: 2048,
		head_dim: 96,
		tensor_parallel_shards: 1,
		max_batch_size: 80
	},
	vocab_size: 32064,
	context_window_size: 131072,
	sliding_window_size: -1,
	prefill_chunk_size: 2048,
	attention_sink_size: -1,
	tokenizer_files: ['tokenizer.json', 'tokenizer_config.json'],
	conv_template: {
		name: 'phi-3-vision',
		system_template: '{system_message}',
		system_message: '\n',
		system_prefix_token_ids: [1],
		add_role_after_system_message: true,
		roles: { user: '<|user|>', assistant: '<|assistant|>' },
		role_templates: {
			user: '{user_message}',
			assistant: '{assistant_message}',
			tool: '{tool_message}'
		},
		messages: [],
		seps: ['<|end|>\n'],
		role_content_sep: '\n',
		role_empty_sep: '\n',
		stop_str: ['<|endoftext|>'],
		stop_token_ids: [2, 32000, 32001, 32007]
	}
};
