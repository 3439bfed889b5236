import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm';
import { openedBy } from '#plan/models/thinking-marks.ts';
import type { App } from '../app/app.svelte.ts';
import { openedFor, partThinking, samplingFor } from '../chat/thinking.ts';
import type { Engine } from '../engine/engine.ts';
import type { GenerateResult } from '../engine/protocol.ts';
import { defaultSampling, type Sampling } from '../engine/sampling.ts';
import { uuid } from '../kit/uuid.ts';
import { asFailure } from '../rpc/failure.ts';
import { cancelled } from '../runner/attempts.ts';
import { answererFor, needsLeave, type Asking } from './answerer.ts';
import { ApiError } from './error.ts';
import { answererNamed } from './models.ts';
import { MAX_SCHEMA_CHARS, type Chunk, type Input, type Output } from './schemas.ts';
import { inTurn } from './turn.ts';

interface Written {
	id: string;
	created: number;
	model: string;
	understood: string | null;
	text: string;
	thinking: string | null;
	finish: 'stop' | 'length';
	usage: Output<'chat'>['usage'];
}

/** A piece of an answer; the first one has neither. */
interface Piece {
	id: string;
	created: number;
	model: string;
	text: string;
	thinking: string;
}

export async function chat(
	app: App,
	input: Input<'chat'>,
	asking: Asking,
	push: (chunk: Chunk<'chat'>) => void
): Promise<Output<'chat'>> {
	const messages = input.messages.map(({ role, content }) => ({ role, content: plain(content) }));
	if (messages.at(-1)?.role !== 'user')
		throw new ApiError('invalid_input', 'Expected the last message to be the user’s.', 'messages');
	if (messages.slice(1).some(({ role }) => role === 'system'))
		throw new ApiError('invalid_input', 'Expected a system message first, or none.', 'messages');
	let told = false;
	const written = await write(
		app,
		{ model: input.model, messages, sampling: samplingOf(input) },
		asking,
		({ id, created, model, text, thinking }) => {
			push({
				id,
				object: 'chat.completion.chunk',
				created,
				model,
				choices: [
					{
						index: 0,
						delta: {
							...(!told && { role: 'assistant' as const }),
							...((!told || text !== '') && { content: text }),
							...(thinking !== '' && { reasoning_content: thinking })
						},
						finish_reason: null
					}
				]
			});
			told = true;
		}
	);
	const { id, created, model, understood, finish, usage, text, thinking } = written;
	push({
		id,
		object: 'chat.completion.chunk',
		created,
		model,
		choices: [{ index: 0, delta: {}, finish_reason: finish }],
		usage
	});
	return {
		id,
		object: 'chat.completion',
		created,
		model,
		understood,
		choices: [
			{
				index: 0,
				message: {
					role: 'assistant',
					content: text,
					...(thinking !== null && { reasoning_content: thinking })
				},
				finish_reason: finish
			}
		],
		usage
	};
}

export async function generate(
	app: App,
	input: Input<'generate'>,
	asking: Asking,
	push: (chunk: Chunk<'generate'>) => void
): Promise<Output<'generate'>> {
	const messages = [{ role: 'user' as const, content: input.prompt }];
	const { id, created, model, understood, text, finish, usage } = await write(
		app,
		{ model: input.model, messages, sampling: samplingOf(input) },
		asking,
		({ id, created, model, text }) => {
			if (text === '') return;
			const choices = [{ index: 0, text, finish_reason: null }];
			push({ id, object: 'text_completion', created, model, choices });
		}
	);
	const head = { id, object: 'text_completion' as const, created, model };
	push({ ...head, choices: [{ index: 0, text: '', finish_reason: finish }], usage });
	return { ...head, understood, choices: [{ index: 0, text, finish_reason: finish }], usage };
}

type Content = Input<'chat'>['messages'][number]['content'];

const plain = (content: Content): string =>
	typeof content === 'string' ? content : content.map(({ text }) => text).join('');

/** What is not said is the site's default, not what the person set for their own chats. */
function samplingOf(input: Input<'chat'> | Input<'generate'>): Sampling {
	const { temperature, top_p, presence_penalty, frequency_penalty, seed, stop } = input;
	const limit =
		('max_completion_tokens' in input ? input.max_completion_tokens : null) ?? input.max_tokens;
	return {
		...defaultSampling,
		...(temperature !== undefined && { temperature }),
		...(top_p !== undefined && { topP: top_p }),
		...(presence_penalty !== undefined && { presencePenalty: presence_penalty }),
		...(frequency_penalty !== undefined && { frequencyPenalty: frequency_penalty }),
		maxTokens: limit ?? null,
		seed: seed ?? null,
		stop: typeof stop === 'string' ? [stop] : (stop ?? []),
		json: jsonOf('response_format' in input ? input.response_format : undefined)
	};
}

function jsonOf(format: Input<'chat'>['response_format']): Sampling['json'] {
	if (format?.type === 'json_object') return { mode: 'json', schema: '' };
	if (format?.type !== 'json_schema') return { mode: 'off', schema: '' };
	const schema = JSON.stringify(format.json_schema.schema);
	if (schema.length > MAX_SCHEMA_CHARS)
		throw new ApiError(
			'invalid_input',
			`Expected a schema of at most ${MAX_SCHEMA_CHARS} characters, found ${schema.length}.`,
			'response_format'
		);
	return { mode: 'schema', schema };
}

interface Question {
	model: string | undefined;
	messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[];
	sampling: Sampling;
}

async function write(
	app: App,
	{ model, messages, sampling: asked }: Question,
	asking: Asking,
	push: (piece: Piece) => void
): Promise<Written> {
	// Before it waits: what cannot be answered at all is refused at once.
	if (needsLeave(app, model === undefined ? null : answererNamed(app, model)))
		await asking.permit();
	return inTurn(app, asking.signal, async (signal) => {
		const { engine, config, understood } = await answererFor(app, model, asking, signal);
		const sampling = samplingFor(engine.can, asked);
		const opened = openedFor(config, sampling);
		const close = config && openedBy(config.replyHeader)?.close[0];
		const prompt = messages.map(({ role, content }): ChatCompletionMessageParam => ({
			role,
			content: role === 'assistant' && close ? `\n${close}\n\n${content}` : content
		}));
		const head = {
			id: `chatcmpl-${uuid()}`,
			created: Math.floor(Date.now() / 1000),
			model: engine.id
		};
		let raw = '';
		const sent = { text: '', thinking: '' };
		const say = (ended: boolean) => {
			const { answer, thinking } = partThinking(raw, { opened, ended });
			const piece = {
				...head,
				text: added(sent, 'text', answer),
				thinking: added(sent, 'thinking', thinking ?? '')
			};
			if (piece.text !== '' || piece.thinking !== '') push(piece);
			return { text: answer, thinking };
		};
		const result = await told(app, engine, () =>
			engine.generate(
				{ messages: prompt, sampling },
				{
					signal,
					undrawn: true,
					onText: (text) => {
						raw += text;
						say(false);
					}
				}
			)
		);
		if (result.finish === 'stopped') throw cancelled();
		return {
			...head,
			understood,
			...say(true),
			finish: result.finish,
			usage: {
				prompt_tokens: result.promptTokens,
				completion_tokens: result.completionTokens,
				total_tokens: result.promptTokens + result.completionTokens
			}
		};
	});
}

/** What a text that grew has more than was sent of it; nothing where it changed before that. */
function added<K extends string>(sent: Record<K, string>, key: K, now: string): string {
	if (!now.startsWith(sent[key])) return '';
	const more = now.slice(sent[key].length);
	sent[key] = now;
	return more;
}

/** Counts it among the answers of this device, however it ends; a server's are not counted. */
async function told(
	app: App,
	engine: Engine,
	generate: () => Promise<GenerateResult>
): Promise<GenerateResult> {
	const began = performance.now();
	const rest = () => ({ answerMs: performance.now() - began, at: Date.now() });
	try {
		const { finish, ...figures } = await generate();
		const kind = finish === 'stopped' ? 'stopped' : 'complete';
		app.answering.answered(engine.id, { ending: { kind }, ...figures, ...rest() });
		return { finish, ...figures };
	} catch (thrown) {
		const { kind: failure } = asFailure(thrown);
		app.answering.answered(engine.id, {
			ending: failure === 'cancelled' ? { kind: 'stopped' } : { kind: 'failed', failure },
			promptTokens: null,
			completionTokens: null,
			prefillTokensPerSecond: null,
			decodeTokensPerSecond: null,
			timeToFirstTokenMs: null,
			...rest()
		});
		throw thrown;
	}
}
