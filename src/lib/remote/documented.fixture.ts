/** Streams in the shapes that each server documents, written by hand. */

const sse = (...events: (string | object)[]) =>
	events
		.map((event) => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}`))
		.map((block) => `${block}\n\n`)
		.join('');

const chunk = (model: string, delta: object, more: object = {}) => ({
	id: 'chatcmpl-1',
	object: 'chat.completion.chunk',
	created: 1_790_000_000,
	model,
	choices: [{ index: 0, delta, finish_reason: null, ...more }]
});

export const ANSWER = 'The 🦙 answers: “yes”.';

/** llama-server 0.7.0: first a null, pings as comments, timings, and the usage in a chunk without choices. */
export const LLAMA_CPP = sse(
	chunk('pocket', { role: 'assistant', content: null }),
	chunk('pocket', { content: 'The 🦙' }),
	':',
	chunk('pocket', { content: ' answers: “yes”.' }),
	chunk('pocket', {}, { finish_reason: 'stop' }),
	{
		choices: [],
		model: 'pocket',
		object: 'chat.completion.chunk',
		usage: { completion_tokens: 7, prompt_tokens: 21, total_tokens: 28 },
		timings: {
			prompt_n: 21,
			prompt_per_second: 2000.5,
			predicted_n: 7,
			predicted_per_second: 900.25
		}
	},
	'data: [DONE]'
);

/** vLLM with a reasoning parser. */
export const VLLM_THINKING = sse(
	chunk('Qwen/Qwen3-8B', { role: 'assistant', content: '' }),
	chunk('Qwen/Qwen3-8B', { reasoning_content: 'Is it ' }),
	chunk('Qwen/Qwen3-8B', { reasoning_content: 'so?' }),
	chunk('Qwen/Qwen3-8B', { content: 'The 🦙 answers: ' }),
	chunk('Qwen/Qwen3-8B', { content: '“yes”.' }, { finish_reason: 'stop', stop_reason: null }),
	{ choices: [], usage: { prompt_tokens: 30, total_tokens: 41, completion_tokens: 11 } },
	'data: [DONE]'
);

/** Ollama: the role in every delta, thoughts in `reasoning`. */
export const OLLAMA_THINKING = sse(
	chunk('qwen3:8b', { role: 'assistant', content: '', reasoning: 'Is it so?' }),
	chunk('qwen3:8b', { role: 'assistant', content: ANSWER }),
	chunk('qwen3:8b', { role: 'assistant', content: '' }, { finish_reason: 'stop' }),
	{ choices: [], usage: { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 } },
	'data: [DONE]'
);

/** LM Studio, lines ended as on Windows, an answer that reached its limit. */
export const LM_STUDIO_CUT = sse(
	chunk('granite', { role: 'assistant', content: 'The 🦙 ' }),
	chunk('granite', { content: 'answers: “yes”.' }),
	chunk('granite', {}, { finish_reason: 'length' }),
	'data: [DONE]'
).replaceAll('\n', '\r\n');

export const VLLM_ERROR = sse(
	chunk('m', { role: 'assistant', content: 'The' }),
	{
		error: {
			message: 'EngineCore encountered an issue.',
			type: 'InternalServerError',
			param: null,
			code: 500
		}
	},
	'data: [DONE]'
);

export const MODELS = {
	'llama.cpp': {
		models: [{ name: 'pocket', model: 'pocket', capabilities: ['completion'] }],
		object: 'list',
		data: [
			{
				id: 'pocket',
				object: 'model',
				owned_by: 'llamacpp',
				meta: { n_ctx: 2048, n_ctx_train: 2048 }
			}
		]
	},
	vllm: {
		object: 'list',
		data: [
			{
				id: 'Qwen/Qwen3-8B',
				object: 'model',
				owned_by: 'vllm',
				root: 'Qwen/Qwen3-8B',
				parent: null,
				max_model_len: 40960
			}
		]
	},
	ollama: {
		object: 'list',
		data: [
			{ id: 'qwen3:8b', object: 'model', created: 1, owned_by: 'library' },
			{ id: 'gemma3:4b', object: 'model', created: 1, owned_by: 'library' }
		]
	},
	ollamaLoaded: {
		models: [
			{ name: 'qwen3:8b', model: 'qwen3:8b', size: 6e9, size_vram: 5e9, context_length: 4096 }
		]
	},
	lmStudioLoaded: {
		object: 'list',
		data: [
			{
				id: 'granite',
				type: 'llm',
				state: 'loaded',
				max_context_length: 131072,
				loaded_context_length: 8192
			},
			{ id: 'qwen2-vl', type: 'vlm', state: 'not-loaded', max_context_length: 32768 }
		]
	}
} as const;
