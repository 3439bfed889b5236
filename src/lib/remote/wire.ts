import * as v from 'valibot';
import { Failure } from '../rpc/failure.ts';
import { isRecord } from '../kit/restore.ts';

/** A model as a server lists it; what it does not tell is null. */
export interface ListedModel {
	id: string;
	contextWindow: number | null;
	memoryBytes: number | null;
	images: boolean | null;
}

const MAX_MODELS = 500;
const tokens = v.fallback(
	v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1e9))),
	null
);
const bytes = v.fallback(
	v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 50))),
	null
);
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(300));

/**
 * `/v1/models`: `meta.n_ctx` and `models[].capabilities` are llama.cpp's, `max_model_len` is vLLM's. Throws a Failure for
 * anything that is no list.
 */
export function parseModels(raw: unknown): ListedModel[] {
	const data = isRecord(raw) ? raw.data : null;
	if (!Array.isArray(data)) throw unexpected('a list of models', raw);
	const able: unknown[] = isRecord(raw) && Array.isArray(raw.models) ? raw.models : [];
	return data.slice(0, MAX_MODELS).flatMap((each: unknown) => {
		if (!isRecord(each)) return [];
		const id = v.safeParse(name, each.id);
		if (!id.success) return [];
		const meta = isRecord(each.meta) ? each.meta : {};
		const window = v.parse(tokens, meta.n_ctx ?? each.max_model_len ?? null);
		const named = able.find((other) => isRecord(other) && other.model === id.output);
		const images = imagesOf(named);
		return [{ id: id.output, contextWindow: window, memoryBytes: null, images }];
	});
}

/** llama.cpp lists what a model can do; LM Studio gives it a type, which is 'vlm' for one that takes images. */
function imagesOf(told: unknown): boolean | null {
	if (!isRecord(told)) return null;
	if (Array.isArray(told.capabilities))
		return told.capabilities.some((each) => each === 'multimodal' || each === 'vision');
	return typeof told.type === 'string' ? told.type === 'vlm' : null;
}

/**
 * What the servers tell elsewhere of models that are loaded: Ollama's `/api/ps` and LM Studio's `/api/v0/models`. What
 * is not understood adds nothing.
 */
export function addLoaded(models: ListedModel[], raw: unknown): ListedModel[] {
	const lists = isRecord(raw) ? [raw.models, raw.data].filter(Array.isArray) : [];
	const told = new Map<string, Omit<ListedModel, 'id'>>();
	for (const each of lists.flat().slice(0, MAX_MODELS)) {
		if (!isRecord(each)) continue;
		const id = each.name ?? each.id ?? each.model;
		if (typeof id !== 'string') continue;
		told.set(id, {
			contextWindow: v.parse(tokens, each.context_length ?? each.loaded_context_length ?? null),
			memoryBytes: v.parse(bytes, each.size_vram ?? null),
			images: imagesOf(each)
		});
	}
	return models.map((model) => {
		const more = told.get(model.id);
		return {
			...model,
			contextWindow: model.contextWindow ?? more?.contextWindow ?? null,
			memoryBytes: more?.memoryBytes ?? null,
			images: model.images ?? more?.images ?? null
		};
	});
}

/** What one event of a stream adds. */
export interface Piece {
	text: string;
	reasoning: string;
	/** As the server names it; null: the answer goes on. */
	finish: string | null;
	usage: Usage | null;
	/** Measured by the server itself (llama.cpp), tokens per second. */
	timings: { prompt: number | null; decode: number | null } | null;
	model: string | null;
}

export interface Usage {
	promptTokens: number;
	completionTokens: number;
}

const text = v.fallback(v.nullish(v.string(), ''), '');
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1e12));
const speed = v.fallback(v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))), null);
const UsageSchema = v.fallback(
	v.nullable(
		v.pipe(
			v.object({ prompt_tokens: count, completion_tokens: v.fallback(count, 0) }),
			v.transform((read) => ({
				promptTokens: read.prompt_tokens,
				completionTokens: read.completion_tokens
			}))
		)
	),
	null
);

/** One `data:` of a stream; null: its end. Throws the server's error, or says that it is none of what was expected. */
export function parsePiece(data: string): Piece | null {
	if (data.trim() === '[DONE]') return null;
	const raw = parseJson(data);
	if (!isRecord(raw)) throw unexpected('a piece of an answer', data);
	if (raw.error !== undefined && raw.error !== null) throw failureOf(null, raw);
	const choices: unknown[] = Array.isArray(raw.choices) ? raw.choices : [];
	const first = isRecord(choices[0]) ? choices[0] : {};
	// A server that does not stream sends the message whole.
	const delta = isRecord(first.delta) ? first.delta : isRecord(first.message) ? first.message : {};
	const timings = isRecord(raw.timings) ? raw.timings : null;
	return {
		text: v.parse(text, delta.content) ?? '',
		reasoning: v.parse(text, delta.reasoning_content ?? delta.reasoning) ?? '',
		finish: typeof first.finish_reason === 'string' ? first.finish_reason : null,
		usage: v.parse(UsageSchema, raw.usage ?? null),
		timings: timings && {
			prompt: v.parse(speed, timings.prompt_per_second ?? null),
			decode: v.parse(speed, timings.predicted_per_second ?? null)
		},
		model: typeof raw.model === 'string' ? raw.model.slice(0, 300) : null
	};
}

/** What an answer that is no stream says went wrong. `status`: of HTTP; null: it came inside a stream. */
export function failureOf(status: number | null, raw: unknown): Failure {
	const error = isRecord(raw) ? raw.error : null;
	// An object by the documentation, a plain string in vLLM's 401 and some of LM Studio's.
	const said = typeof error === 'string' ? error : messageOf(isRecord(error) ? error : raw);
	const detail = isRecord(error) ? error : {};
	const quoted = said === '' ? '' : `: ${shortened(said)}`;
	if (status === 401 || status === 403)
		return new Failure('server', sentence(`The server refused the key${quoted}`), {
			reason: 'key',
			status,
			remedy: 'Correct the key under “Your own servers” in the settings.'
		});
	if (detail.type === 'exceed_context_size_error' || TOO_LONG.test(said))
		return new Failure(
			'context-full',
			sentence(`The conversation is too long for the server${quoted}`),
			{
				...figure('promptTokens', detail.n_prompt_tokens),
				...figure('contextWindow', detail.n_ctx)
			}
		);
	if (status === 404)
		return new Failure(
			'server',
			sentence(`The server does not have this model or address${quoted}`),
			{
				reason: 'missing',
				status,
				remedy:
					'Test the server under “Your own servers” in the settings, and choose a model from its list.'
			}
		);
	if (status === 503)
		return new Failure('server', sentence(`The server is not ready${quoted}`), {
			reason: 'not-ready',
			status,
			remedy: 'Try again when it has loaded its model.'
		});
	return new Failure(
		'server',
		sentence(
			`The server reported an error${quoted || (status === null ? '' : `: status ${status}`)}`
		),
		{
			reason: 'error',
			...(status !== null && { status }),
			remedy: 'Try again; the server’s own log says more.'
		}
	);
}

const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

const TOO_LONG =
	/exceeds? the (?:available )?context (?:size|length|window)|maximum context length|greater than the context length|context length exceeded/i;

const MAX_SAID = 300;
const shortened = (said: string) => (said.length > MAX_SAID ? `${said.slice(0, MAX_SAID)}…` : said);

function messageOf(raw: unknown): string {
	if (!isRecord(raw)) return '';
	for (const each of [raw.message, raw.detail]) if (typeof each === 'string') return each;
	return '';
}

function figure(name: string, value: unknown): Record<string, number> {
	const read = v.safeParse(count, value);
	return read.success ? { [name]: read.output } : {};
}

export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

export function unexpected(expected: string, found: unknown): Failure {
	const sample = typeof found === 'string' ? found : (JSON.stringify(found) ?? 'nothing');
	return new Failure('server', `The server did not send ${expected}.`, {
		reason: 'unexpected',
		expected,
		found: sample.slice(0, 200),
		remedy: 'Check that the address is that of an OpenAI-compatible server.'
	});
}
