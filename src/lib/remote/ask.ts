import { schemaOf } from '../engine/sampling.ts';
import type { GenerateRequest, GenerateResult } from '../engine/protocol.ts';
import { Failure } from '../rpc/failure.ts';
import { AnswerStream } from './answer-stream.ts';
import type { Server } from './record.ts';
import { failureOf, parseJson } from './wire.ts';

/** What is known of a server when something is asked of it. */
export type Asked = Pick<Server, 'kind' | 'baseUrl' | 'key' | 'model'>;

export interface World {
	fetch: typeof fetch;
	now: () => number;
	/** Without a `data:` line for so long, the server is asked whether it still lives. */
	silentMs: number;
	/** The time it has to say so. */
	aliveMs: number;
}

export const browserWorld: World = {
	fetch: (...args) => fetch(...args),
	now: () => performance.now(),
	// llama.cpp's pings are 30 s apart, and say nothing: a deadlocked server sends them too.
	silentMs: 5_000,
	aliveMs: 3_000
};

/** A queue or a model that is being loaded keeps the first byte back for long; a few lost calls are no proof then. */
const LOST_BEFORE_BYTES = 6;
const LOST_AMID = 2;

const MAX_ERROR_CHARS = 100_000;

/** What every request has in common: no cookies, no referrer, and no way to another address. */
export const plain = {
	credentials: 'omit',
	referrerPolicy: 'no-referrer',
	redirect: 'error',
	cache: 'no-store'
} as const satisfies RequestInit;

export const headersFor = ({ key }: Pick<Asked, 'key'>): Record<string, string> =>
	key === '' ? {} : { authorization: `Bearer ${key}` };

/** The body of a request, in the fields that all kinds of servers know, and each kind's name for the others. */
export function bodyOf({ kind, model }: Asked, { messages, sampling, ignoreEos }: GenerateRequest) {
	const schema = schemaOf(sampling.json);
	const { repetitionPenalty, thinking } = sampling;
	const repeated = kind === 'vllm' ? 'repetition_penalty' : 'repeat_penalty';
	return {
		model,
		messages,
		stream: true,
		stream_options: { include_usage: true },
		temperature: sampling.temperature,
		top_p: sampling.topP,
		presence_penalty: sampling.presencePenalty,
		frequency_penalty: sampling.frequencyPenalty,
		...(repetitionPenalty !== undefined && { [repeated]: repetitionPenalty }),
		...(sampling.maxTokens !== null && { max_tokens: sampling.maxTokens }),
		...(sampling.seed !== null && { seed: sampling.seed }),
		...(sampling.stop.length > 0 && { stop: sampling.stop }),
		...(sampling.json.mode === 'json' && { response_format: { type: 'json_object' } }),
		...(sampling.json.mode === 'schema' && {
			response_format: {
				type: 'json_schema',
				json_schema: { name: 'answer', strict: true, schema: parseJson(schema ?? '{}') }
			}
		}),
		...(thinking !== undefined &&
			(kind === 'vllm' || kind === 'llama.cpp') && {
				chat_template_kwargs: { enable_thinking: thinking }
			}),
		...(ignoreEos && { ignore_eos: true })
	};
}

/**
 * Asks for an answer and streams it. Aborting resolves with what was written and `stopped`. Throws a Failure of kind
 * `server` or `context-full`.
 */
export async function ask(
	server: Asked,
	request: GenerateRequest,
	{ signal, onText }: { signal: AbortSignal; onText: (added: string) => void },
	world: World = browserWorld
): Promise<GenerateResult> {
	const beganMs = world.now();
	let firstMs: number | null = null;
	const stream = new AnswerStream((added) => {
		firstMs ??= world.now();
		onText(added);
	});
	const silence = watchSilence(server, () => stream.events, signal, world);
	const result = (finish: GenerateResult['finish']): GenerateResult => {
		const endMs = world.now();
		const promptTokens = stream.usage?.promptTokens ?? 0;
		// A server that does not count has sent an event for each token, more or less.
		const completionTokens = stream.usage?.completionTokens ?? stream.events;
		const timeToFirstTokenMs = (firstMs ?? endMs) - beganMs;
		const decodeMs = endMs - (firstMs ?? endMs);
		return {
			finish,
			promptTokens,
			completionTokens,
			prefillTokensPerSecond:
				stream.timings?.prompt ?? rate(promptTokens, Math.max(1, timeToFirstTokenMs)),
			decodeTokensPerSecond:
				stream.timings?.decode ?? rate(Math.max(0, completionTokens - 1), Math.max(1, decodeMs)),
			timeToFirstTokenMs
		};
	};
	try {
		const response = await world.fetch(`${server.baseUrl}/chat/completions`, {
			...plain,
			method: 'POST',
			headers: { ...headersFor(server), 'content-type': 'application/json' },
			body: JSON.stringify(bodyOf(server, request)),
			signal: silence.signal
		});
		if (!response.ok || !response.body)
			throw failureOf(response.status, parseJson(await briefly(response)));
		if (/^application\/json/i.test(response.headers.get('content-type') ?? '')) {
			// It does not stream: the answer comes whole.
			const raw = JSON.stringify(parseJson(await response.text()));
			stream.feed(`data: ${raw}\n\n`);
		} else {
			const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
			for (;;) {
				const { done, value } = await reader.read();
				if (done) break;
				stream.feed(value);
				if (stream.done) {
					void reader.cancel().catch(() => undefined);
					break;
				}
			}
		}
		return result(stream.end());
	} catch (thrown) {
		if (signal.aborted) return result('stopped');
		if (silence.failure) throw silence.failure;
		if (thrown instanceof Failure) throw thrown;
		throw stream.events > 0
			? new Failure('server', 'The connection to the server broke in the middle of the answer.', {
					reason: 'broken-off',
					remedy:
						'What was written is kept. Ask again, or continue the answer, once the server runs.'
				})
			: new Failure('server', 'The server cannot be reached.', {
					reason: 'unreachable',
					remedy:
						'Start it, or test it under “Your own servers” in the settings to see what is wrong.'
				});
	} finally {
		silence.end();
	}
}

const rate = (tokens: number, ms: number) => (tokens / ms) * 1000;

async function briefly(response: Response): Promise<string> {
	return (await response.text().catch(() => '')).slice(0, MAX_ERROR_CHARS);
}

/**
 * Aborts a request whose server has died without a word: an ended llama.cpp keeps its streams open for 30 s and more,
 * and may hang behind a healthy `/health`, but it no longer lists its models.
 */
function watchSilence(server: Asked, events: () => number, outer: AbortSignal, world: World) {
	const controller = new AbortController();
	const stop = () => controller.abort();
	outer.addEventListener('abort', stop, { once: true });
	if (outer.aborted) stop();
	const watched = {
		signal: controller.signal,
		failure: null as Failure | null,
		end() {
			clearTimeout(timer);
			ended = true;
			outer.removeEventListener('abort', stop);
		}
	};
	let ended = false;
	let seen = 0;
	let lost = 0;
	let timer = setTimeout(look, world.silentMs);
	function look() {
		const now = events();
		if (now > seen) {
			seen = now;
			lost = 0;
			again();
			return;
		}
		void alive(server, world).then((answers) => {
			if (ended || controller.signal.aborted) return;
			lost = answers || events() > seen ? 0 : lost + 1;
			if (lost < (seen > 0 ? LOST_AMID : LOST_BEFORE_BYTES)) return again();
			watched.failure = new Failure('server', 'The server has fallen silent.', {
				reason: 'silent',
				remedy: 'What was written is kept. Restart the server, then ask again.'
			});
			controller.abort();
		});
	}
	function again() {
		timer = setTimeout(look, world.silentMs);
	}
	return watched;
}

async function alive(server: Asked, world: World): Promise<boolean> {
	try {
		await world.fetch(`${server.baseUrl}/models`, {
			...plain,
			headers: headersFor(server),
			signal: AbortSignal.timeout(world.aliveMs)
		});
		return true;
	} catch {
		return false;
	}
}
