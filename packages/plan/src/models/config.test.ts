import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChatConfig } from './config.ts';
import { FileError } from './file-error.ts';

const good = {
	model_type: 'qwen2',
	vocab_size: 151_936,
	context_window_size: 32_768,
	sliding_window_size: -1,
	attention_sink_size: -1,
	tokenizer_files: ['tokenizer.json', 'vocab.json'],
	temperature: 0.7,
	conv_template: {
		name: 'chatml',
		system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
		system_message: 'You are a helpful assistant.',
		roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant', tool: 'tool' },
		seps: ['<|im_end|>\n'],
		stop_str: ['<|im_end|>'],
		stop_token_ids: [151_643, 151_645]
	},
	model_config: {
		hidden_size: 896,
		intermediate_size: 4864,
		num_attention_heads: 14,
		num_hidden_layers: 24,
		num_key_value_heads: 2
	}
};

function refusal(value: unknown, overrides?: Record<string, number>): FileError {
	try {
		parseChatConfig(value, overrides);
	} catch (error) {
		if (error instanceof FileError) return error;
		throw error;
	}
	throw new Error('it was accepted');
}

/** The config without one field, named by its path. */
function without(path: string): unknown {
	const copy = structuredClone(good) as Record<string, unknown>;
	const [outer = '', inner] = path.split('.');
	if (inner) Reflect.deleteProperty(copy[outer] as object, inner);
	else Reflect.deleteProperty(copy, outer);
	return copy;
}

describe('parseChatConfig', () => {
	it('reads windows, vocabulary and the shape of the attention', () => {
		expect(parseChatConfig(good, {})).toEqual({
			vocabSize: 151_936,
			contextWindowSize: 32_768,
			slidingWindowSize: null,
			maxContextWindow: 32_768,
			tokenizerFiles: ['tokenizer.json', 'vocab.json'],
			modelType: 'qwen2',
			attention: { layers: 24, queryHeads: 14, keyValueHeads: 2, headDim: 64 },
			hiddenSize: 896,
			intermediateSize: 4864,
			recurrent: null,
			imageTokens: null,
			replyHeader: '<|im_start|>assistant: ',
			template: expect.objectContaining({
				seps: ['<|im_end|>\n'],
				roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' }
			}) as unknown
		});
	});

	it('knows what a reply goes on from', () => {
		const assistant = '<|im_start|>assistant\n<think>';
		const conv_template = {
			...good.conv_template,
			roles: { ...good.conv_template.roles, assistant },
			role_empty_sep: '\n'
		};
		expect(parseChatConfig({ ...good, conv_template }).replyHeader).toBe(`${assistant}\n`);
	});

	it.each([
		'vocab_size',
		'context_window_size',
		'sliding_window_size',
		'tokenizer_files',
		'conv_template',
		'conv_template.system_template',
		'conv_template.roles',
		'conv_template.seps',
		'conv_template.stop_str',
		'conv_template.stop_token_ids'
	])('names the mandatory field %s when it is missing', (path) => {
		const error = refusal(without(path));
		expect(error.kind).toBe('wrong-shape');
		expect(error.file).toBe('mlc-chat-config.json');
		expect(error.expected).toContain(path);
		expect(error.found).toBe('undefined');
	});

	it.each([
		['windows that are both off', { ...good, context_window_size: -1 }],
		['windows that are both set', { ...good, sliding_window_size: 4096 }],
		['a window that is null', { ...good, sliding_window_size: null }],
		['a window of less than -1', { ...good, sliding_window_size: -2 }],
		['a context window of less than -1', { ...good, context_window_size: -2 }],
		['a sink of less than -1', { ...good, attention_sink_size: -2 }],
		['a vocabulary of nothing', { ...good, vocab_size: 0 }],
		['a window of 0', { ...good, context_window_size: 0 }],
		['no tokenizer among the files', { ...good, tokenizer_files: ['vocab.json'] }],
		['no separators', { ...good, conv_template: { ...good.conv_template, seps: [] } }],
		[
			'a sliding window without a sink',
			{ ...good, context_window_size: -1, sliding_window_size: 4096 }
		],
		[
			'a sliding window whose sink is null',
			{
				...good,
				context_window_size: -1,
				sliding_window_size: 4096,
				attention_sink_size: null
			}
		],
		['a vocabulary of half a token', { ...good, vocab_size: 0.5 }],
		['a list', []],
		['null', null]
	])('refuses %s', (_, value) => {
		expect(refusal(value, {}).kind).toBe('wrong-shape');
	});

	it.each([0, 4])('accepts a file made for sliding, with a sink of %d', (attention_sink_size) => {
		const sliding = { context_window_size: -1, sliding_window_size: 4096, attention_sink_size };
		expect(parseChatConfig({ ...good, ...sliding }, {})).toMatchObject({
			contextWindowSize: null,
			slidingWindowSize: 4096
		});
	});

	it('accepts sizes of one', () => {
		const model = { ...good.model_config, num_key_value_heads: 1 };
		const small = { vocab_size: 1, context_window_size: 1, model_config: model };
		expect(parseChatConfig({ ...good, ...small }, {})).toMatchObject({
			vocabSize: 1,
			contextWindowSize: 1,
			attention: { keyValueHeads: 1 }
		});
	});

	it('lets the record’s overrides choose between two windows', () => {
		const both = { ...good, sliding_window_size: 4096 };
		const config = parseChatConfig(both, { context_window_size: 4096, sliding_window_size: -1 });
		expect(config).toMatchObject({
			contextWindowSize: 4096,
			slidingWindowSize: null,
			maxContextWindow: 32_768
		});
	});

	it('accepts a file made for sliding where the record switches that off', () => {
		const made = { ...good, context_window_size: -1, sliding_window_size: 4096 };
		const model = { ...good.model_config, max_position_embeddings: 32_768 };
		const config = parseChatConfig({ ...made, model_config: model }, { sliding_window_size: -1 });
		expect(config).toMatchObject({
			contextWindowSize: null,
			slidingWindowSize: null,
			maxContextWindow: 32_768
		});
	});

	it('accepts two windows while the overrides are not known', () => {
		const config = parseChatConfig({ ...good, sliding_window_size: 4096 });
		expect(config).toMatchObject({ contextWindowSize: 32_768, slidingWindowSize: 4096 });
	});

	it('takes head dimension and key heads as written, or derives them', () => {
		const model = { ...good.model_config, head_dim: 128, num_key_value_heads: undefined };
		const config = parseChatConfig({ ...good, model_config: model });
		expect(config.attention).toMatchObject({ headDim: 128, keyValueHeads: 14 });
	});

	it('finds the attention of a vision model below text_config', () => {
		const config = parseChatConfig({
			...good,
			model_config: { text_config: good.model_config, mm_tokens_per_image: 256 }
		});
		expect(config.attention).toMatchObject({ layers: 24 });
		expect(config.imageTokens).toBe(256);
	});

	it('counts only attention layers of a hybrid model, and the state of the others', () => {
		const config = parseChatConfig({
			...good,
			model_config: {
				...good.model_config,
				full_attention_interval: 4,
				linear_num_value_heads: 16,
				linear_num_key_heads: 16,
				linear_key_head_dim: 128,
				linear_value_head_dim: 128,
				linear_conv_kernel_dim: 4
			}
		});
		expect(config.attention?.layers).toBe(6);
		expect(config.recurrent).toEqual({ layers: 18, elements: 16 * 128 * 128 + 3 * 3 * 16 * 128 });
	});

	const linear = {
		linear_num_value_heads: 16,
		linear_num_key_heads: 8,
		linear_key_head_dim: 128,
		linear_value_head_dim: 64
	};
	const recurrentOf = (fields: object) => {
		const { recurrent, attention } = parseChatConfig({
			...good,
			model_config: { ...good.model_config, ...fields }
		});
		return { recurrent, attention: attention?.layers ?? null };
	};

	it.each<[string, object, { layers: number; elements: number | null } | null, number | null]>([
		[
			'a list of its layers',
			{ layer_types: ['linear', 'full_attention', 'full_attention'] },
			{ layers: 22, elements: 16 * 128 * 64 },
			2
		],
		['no attention at all', {}, { layers: 24, elements: 16 * 128 * 64 }, null],
		[
			'more attention than layers',
			{ layer_types: Array.from({ length: 30 }, () => 'full_attention') },
			{ layers: 0, elements: 16 * 128 * 64 },
			24
		],
		[
			'heads of unknown size',
			{ linear_key_head_dim: null, full_attention_interval: 4 },
			{ layers: 18, elements: null },
			6
		],
		['no number of layers', { num_hidden_layers: null }, null, null]
	])('knows the layers of a hybrid model with %s', (_, fields, recurrent, attention) => {
		expect(recurrentOf({ ...linear, ...fields })).toEqual({ recurrent, attention });
	});

	it('knows that all layers of an RWKV model are recurrent, with a state of unknown size', () => {
		expect(recurrentOf({ rwkv_version: '6' })).toEqual({
			recurrent: { layers: 24, elements: null },
			attention: null
		});
	});

	it('knows no attention where the heads do not divide the model', () => {
		const model = { ...good.model_config, num_attention_heads: 13 };
		expect(parseChatConfig({ ...good, model_config: model }).attention).toBeNull();
	});

	it('knows no attention where the model’s configuration is damaged', () => {
		const model = { ...good.model_config, num_hidden_layers: -3 };
		expect(parseChatConfig({ ...good, model_config: model }).attention).toBeNull();
	});

	it('throws only FileError, whatever the value', () => {
		fc.assert(
			fc.property(fc.anything(), fc.constantFrom(...Object.keys(good)), (value, key) => {
				expect(refusal(value)).toBeInstanceOf(FileError);
				try {
					parseChatConfig({ ...good, [key]: value });
				} catch (error) {
					expect(error).toBeInstanceOf(FileError);
				}
			})
		);
	});
});
