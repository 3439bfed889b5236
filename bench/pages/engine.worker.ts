import {
	MLCEngine,
	type ChatCompletionRequestStreaming,
	type LogitProcessor,
	type ModelRecord
} from '@mlc-ai/web-llm';
import { Chooser } from '../../src/lib/engine/webllm/lean/choose.ts';
import { LeanSampling } from '../../src/lib/engine/webllm/lean/lean-sampling.ts';
import { adjust } from '../../src/lib/engine/webllm/lean/logits.ts';
import { median } from '../median.ts';

/** What the page asks of the bare engine, one at a time. */
export type Ask =
	/**
	 * `lean`: what is loaded is sampled on the CPU, as the site does it; `reading`: every step's logits are read back, and
	 * nothing is done with them.
	 */
	| { kind: 'start'; records: ModelRecord[]; lean?: boolean; reading?: boolean }
	| { kind: 'load'; id: string; contextWindow: number }
	/** A load and one token. */
	| { kind: 'reload'; id: string; contextWindow: number }
	/** `fresh`: on an empty context. */
	| { kind: 'generate'; request: ChatCompletionRequestStreaming; fresh?: boolean }
	/** A request and, as soon as it is answered, another question: in the same conversation if it follows. */
	| { kind: 'two'; request: ChatCompletionRequestStreaming; question: string; follows: boolean }
	/** Token after token from an empty context, as the page's speed test does it, written apart. */
	| { kind: 'tg'; tokens: number }
	| { kind: 'unload' }
	/** Tokens chosen on the CPU from logits of this size; `ms` is the median of one choice. */
	| { kind: 'choose'; vocabulary: number; draws: number };

export interface Answer {
	/** The whole of it. */
	ms: number;
	/** Of a reload: making its one token. */
	tokenMs: number;
	/** From the first text to the end. */
	streamMs: number;
	/** Of two: from the end of the first answer to the first text of the second. */
	gapMs: number;
	/** That were read: of two, for the second. */
	promptTokens: number;
	tokens: number;
	/** As the engine itself counts, which leaves out everything between two tokens. */
	engineTokensPerSecond: number;
	text: string;
}

let engine: MLCEngine;
let leanly = false;
const READER: LogitProcessor = {
	processLogits: (logits) => logits,
	processSampledToken: () => {},
	resetState: () => {}
};
const scope = globalThis as unknown as {
	onmessage: (event: MessageEvent<Ask>) => void;
	postMessage(answer: Answer | string): void;
};
scope.onmessage = ({ data }) => {
	answer(data).then(
		(value) => scope.postMessage(value),
		(thrown: unknown) => scope.postMessage(String(thrown))
	);
};

async function answer(ask: Ask): Promise<Answer> {
	const startMs = performance.now();
	const nothing = {
		streamMs: 0,
		tokenMs: 0,
		gapMs: 0,
		promptTokens: 0,
		tokens: 0,
		engineTokensPerSecond: 0,
		text: ''
	};
	switch (ask.kind) {
		case 'start':
			leanly = ask.lean ?? false;
			engine = new MLCEngine({
				appConfig: { model_list: ask.records, cacheBackend: 'cache' },
				logLevel: 'ERROR'
			});
			if (ask.reading)
				engine.setLogitProcessorRegistry(
					new Map(ask.records.map((each) => [each.model_id, READER]))
				);
			break;
		case 'load':
			await load(ask);
			break;
		case 'reload':
			await load(ask);
			nothing.tokenMs = (
				await stream({
					messages: [{ role: 'user', content: 'Hi' }],
					max_tokens: 1,
					temperature: 0,
					stream: true
				})
			).ms;
			break;
		case 'generate':
			if (ask.fresh) await engine.resetChat();
			return stream(ask.request);
		case 'two': {
			const { request, question, follows } = ask;
			const first = await stream(request);
			const asked = { role: 'user' as const, content: question };
			const messages = follows
				? [...request.messages, { role: 'assistant' as const, content: first.text }, asked]
				: [asked];
			const second = await stream({ ...request, messages });
			return { ...second, gapMs: second.firstMs - first.endMs };
		}
		case 'tg':
			return { ...nothing, ms: await generationMs(ask.tokens), tokens: ask.tokens };
		case 'unload':
			await engine.unload();
			break;
		case 'choose':
			return { ...nothing, ms: choiceMs(ask) };
	}
	return { ...nothing, ms: performance.now() - startMs };
}

async function load({ id, contextWindow }: { id: string; contextWindow: number }) {
	const lean = leanly ? new LeanSampling() : null;
	if (lean) engine.setLogitProcessorRegistry(new Map([[id, lean.processor]]));
	await engine.reload(id, { context_window_size: contextWindow });
	const problem = lean?.install(engine, id);
	if (problem) throw problem;
}

async function generationMs(tokens: number): Promise<number> {
	await engine.resetChat();
	const startMs = performance.now();
	for (let n = 0; n < tokens; n++) await engine.forwardTokensAndSample([(n * 37) % 200], false);
	const ms = performance.now() - startMs;
	await engine.resetChat();
	return ms;
}

const normal = () =>
	Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

/** Penalties on 500 generated tokens and the default temperature and top_p, on logits as language models have them. */
function choiceMs({ vocabulary, draws }: { vocabulary: number; draws: number }): number {
	const chooser = new Chooser();
	const counts = new Map(Array.from({ length: 500 }, (_, i) => [i * 13, 1 + (i % 3)]));
	const penalties = { presencePenalty: 0.5, frequencyPenalty: 0.5, repetitionPenalty: 1.1 };
	const choices: number[] = [];
	for (let draw = 0; draw < draws; draw++) {
		// Some twenty tokens stand out from the rest.
		const logits = Float32Array.from(
			{ length: vocabulary },
			(_, i) => 3 * normal() + (i % 7001 === 0 ? 15 : 0)
		);
		const startMs = performance.now();
		adjust(logits, { ...penalties, logitBias: null, counts });
		chooser.choose(logits, { temperature: 0.7, topP: 0.95, uniform: Math.random() });
		choices.push(performance.now() - startMs);
	}
	return median(choices);
}

async function stream(
	request: ChatCompletionRequestStreaming
): Promise<Answer & { firstMs: number; endMs: number }> {
	const startMs = performance.now();
	let firstMs = startMs;
	let text = '';
	let promptTokens = 0;
	let tokens = 0;
	let engineTokensPerSecond = 0;
	for await (const chunk of await engine.chat.completions.create(request)) {
		const added = chunk.choices[0]?.delta.content;
		if (added) {
			if (text === '') firstMs = performance.now();
			text += added;
		}
		if (chunk.usage) {
			promptTokens = chunk.usage.prompt_tokens;
			tokens = chunk.usage.completion_tokens;
			engineTokensPerSecond = chunk.usage.extra.decode_tokens_per_s;
		}
	}
	const endMs = performance.now();
	return {
		ms: endMs - startMs,
		tokenMs: 0,
		gapMs: 0,
		streamMs: endMs - firstMs,
		firstMs,
		endMs,
		promptTokens,
		tokens,
		engineTokensPerSecond,
		text
	};
}
