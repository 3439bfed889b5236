import { expect, test } from 'vitest';
import { defaultSampling } from '../engine/sampling.ts';
import { Failure } from '../rpc/failure.ts';
import { ask, bodyOf, type Asked, type World } from './ask.ts';
import { ANSWER, LLAMA_CPP } from './documented.fixture.ts';

const server: Asked = {
	kind: 'llama.cpp',
	baseUrl: 'http://127.0.0.1:8080/v1',
	key: 'k-1',
	model: 'pocket'
};
const request = {
	messages: [{ role: 'user' as const, content: 'Hello' }],
	sampling: defaultSampling
};

/** A fake server: what it does with an answer, and with the question whether it lives. */
function world(
	answer: (init: RequestInit) => Response | Promise<Response>,
	alive: () => Response | Promise<Response> = () => new Response('{}')
) {
	const asked: { url: string; init: RequestInit }[] = [];
	const fake: World = {
		fetch: (async (url: string, init: RequestInit) => {
			asked.push({ url, init });
			return url.endsWith('/models') ? alive() : answer(init);
		}) as unknown as World['fetch'],
		now: () => performance.now(),
		silentMs: 20,
		aliveMs: 20
	};
	return { fake, asked };
}

/** Sends these, then waits until it is aborted. */
function hanging(
	sent: readonly string[],
	init: RequestInit,
	each?: (send: (text: string) => void) => void
) {
	const encoder = new TextEncoder();
	return new Response(
		new ReadableStream<Uint8Array>({
			start(controller) {
				for (const text of sent) controller.enqueue(encoder.encode(text));
				each?.((text) => controller.enqueue(encoder.encode(text)));
				init.signal?.addEventListener('abort', () =>
					controller.error(new DOMException('aborted', 'AbortError'))
				);
			}
		}),
		{ headers: { 'content-type': 'text/event-stream' } }
	);
}

async function run(
	fake: World,
	signal = new AbortController().signal,
	onText: (added: string) => void = () => {}
) {
	let text = '';
	const result = await ask(
		server,
		request,
		{
			signal,
			onText: (added) => {
				text += added;
				onText(added);
			}
		},
		fake
	).catch((thrown: unknown) => thrown as Failure);
	return { text, result };
}

const failed = (result: unknown): Failure => {
	expect(result).toBeInstanceOf(Failure);
	return result as Failure;
};

test('an answer is streamed with the server’s own counts, and the request carries nothing but the key', async () => {
	const { fake, asked } = world(() => new Response(LLAMA_CPP));
	const { text, result } = await run(fake);
	expect(text).toBe(ANSWER);
	expect(result).toMatchObject({
		finish: 'stop',
		promptTokens: 21,
		completionTokens: 7,
		prefillTokensPerSecond: 2000.5,
		decodeTokensPerSecond: 900.25
	});
	expect(asked).toHaveLength(1);
	expect(asked[0]?.url).toBe('http://127.0.0.1:8080/v1/chat/completions');
	expect(asked[0]?.init).toMatchObject({
		credentials: 'omit',
		referrerPolicy: 'no-referrer',
		redirect: 'error',
		headers: { authorization: 'Bearer k-1' }
	});
	expect(JSON.stringify(asked[0]?.init.body)).not.toContain('k-1');
});

test('bytes cut inside a character give the same text', async () => {
	const bytes = new TextEncoder().encode(LLAMA_CPP);
	const { fake } = world(
		() =>
			new Response(
				new ReadableStream<Uint8Array>({
					start(controller) {
						for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
						controller.close();
					}
				})
			)
	);
	expect((await run(fake)).text).toBe(ANSWER);
});

test('stopping keeps what was written and ends the request', async () => {
	const stop = new AbortController();
	const { fake, asked } = world((init) =>
		hanging(['data: {"choices":[{"delta":{"content":"One"}}]}\n\n'], init)
	);
	const { text, result } = await run(fake, stop.signal, () => stop.abort());
	expect(text).toBe('One');
	expect(result).toMatchObject({ finish: 'stopped' });
	expect(asked[0]?.init.signal?.aborted).toBe(true);
});

test('a server that only pings and no longer lists its models has fallen silent', async () => {
	let timer: ReturnType<typeof setInterval> | undefined;
	const { fake } = world(
		(init) =>
			hanging(['data: {"choices":[{"delta":{"content":"One"}}]}\n\n'], init, (send) => {
				timer = setInterval(() => send(':\n\n'), 5);
				init.signal?.addEventListener('abort', () => clearInterval(timer));
			}),
		() => Promise.reject(new TypeError('Failed to fetch'))
	);
	const { text, result } = await run(fake);
	clearInterval(timer);
	expect(text).toBe('One');
	expect(failed(result).detail.reason).toBe('silent');
});

test('a server that is slow but lists its models is waited for', async () => {
	const { fake, asked } = world((init) =>
		hanging([], init, (send) => {
			setTimeout(() => send(LLAMA_CPP), 150);
		})
	);
	expect((await run(fake)).text).toBe(ANSWER);
	expect(asked.filter(({ url }) => url.endsWith('/models')).length).toBeGreaterThan(1);
});

test('a connection that breaks in the middle is told apart from a server that is not there', async () => {
	const broken = world(() => {
		let sent = false;
		return new Response(
			new ReadableStream<Uint8Array>({
				pull(controller) {
					if (sent) return controller.error(new TypeError('network error'));
					sent = true;
					controller.enqueue(
						new TextEncoder().encode('data: {"choices":[{"delta":{"content":"One"}}]}\n\n')
					);
				}
			})
		);
	});
	const amid = await run(broken.fake);
	expect(amid.text).toBe('One');
	expect(failed(amid.result).detail.reason).toBe('broken-off');
	const none = world(() => Promise.reject(new TypeError('Failed to fetch')));
	expect(failed((await run(none.fake)).result).detail.reason).toBe('unreachable');
});

const refusals = [
	[
		'llama.cpp',
		401,
		'{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}',
		'server',
		'key'
	],
	['vLLM', 401, '{"error":"Unauthorized"}', 'server', 'key'],
	[
		'Ollama',
		404,
		'{"error":{"message":"model \'x\' not found","type":"not_found_error","param":null,"code":null}}',
		'server',
		'missing'
	],
	[
		'llama.cpp, loading',
		503,
		'{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
		'server',
		'not-ready'
	],
	[
		'llama.cpp, too long',
		400,
		'{"error":{"code":400,"message":"request (425 tokens) exceeds the available context size (256 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":425,"n_ctx":256}}',
		'context-full',
		undefined
	],
	[
		'vLLM, too long',
		400,
		'{"error":{"message":"This model\'s maximum context length is 4096 tokens. However, you requested 5000.","type":"BadRequestError","param":null,"code":400}}',
		'context-full',
		undefined
	],
	[
		'LM Studio, too long',
		400,
		'{"error":"The number of tokens to keep from the initial prompt is greater than the context length."}',
		'context-full',
		undefined
	],
	['a proxy', 502, '<html>Bad gateway</html>', 'server', 'error']
] as const;

test.each(refusals)('%s: status %i becomes a sentence', async (_, status, body, kind, reason) => {
	const { fake } = world(() => new Response(body, { status }));
	const failure = failed((await run(fake)).result);
	expect(failure.kind).toBe(kind);
	expect(failure.detail.reason).toBe(reason);
	expect(failure.message).toMatch(/^The .*\.$/);
});

test('what was counted too long is told in tokens', async () => {
	const { fake } = world(() => new Response(refusals[4][2], { status: 400 }));
	expect(failed((await run(fake)).result).detail).toEqual({
		promptTokens: 425,
		contextWindow: 256
	});
});

test('a server that does not stream gives its answer whole', async () => {
	const body = {
		model: 'm',
		choices: [{ message: { content: 'Yes.' }, finish_reason: 'stop' }],
		usage: { prompt_tokens: 3, completion_tokens: 2 }
	};
	const { fake } = world(() => Response.json(body));
	const { text, result } = await run(fake);
	expect(text).toBe('Yes.');
	expect(result).toMatchObject({ finish: 'stop', promptTokens: 3, completionTokens: 2 });
});

test('the body has what was set, under each kind’s name, and leaves out the rest', () => {
	const plain = bodyOf(server, request);
	expect(plain).toMatchObject({ model: 'pocket', stream: true, temperature: 0.7 });
	for (const field of ['max_tokens', 'seed', 'stop', 'response_format', 'repeat_penalty'])
		expect(plain).not.toHaveProperty(field);
	const sampling = {
		...defaultSampling,
		maxTokens: 5,
		seed: 1,
		stop: ['x'],
		repetitionPenalty: 1.1
	};
	expect(bodyOf(server, { ...request, sampling })).toMatchObject({
		max_tokens: 5,
		seed: 1,
		stop: ['x'],
		repeat_penalty: 1.1
	});
	expect(bodyOf({ ...server, kind: 'vllm' }, { ...request, sampling })).toMatchObject({
		repetition_penalty: 1.1
	});
	const json = { mode: 'schema' as const, schema: '{"type":"object"}' };
	expect(bodyOf(server, { ...request, sampling: { ...sampling, json } })).toMatchObject({
		response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } }
	});
});
