import { MLCEngine, type ChatCompletionRequestStreaming, type ModelRecord } from '@mlc-ai/web-llm';

/** What the page asks of the bare engine, one at a time. */
export type Ask =
	| { kind: 'start'; records: ModelRecord[] }
	| { kind: 'load'; id: string; contextWindow: number }
	/** A load and one token. */
	| { kind: 'reload'; id: string; contextWindow: number }
	| { kind: 'generate'; request: ChatCompletionRequestStreaming }
	| { kind: 'unload' };

export interface Answer {
	/** The whole of it. */
	ms: number;
	/** Of a reload: making its one token. */
	tokenMs: number;
	/** From the first text to the end. */
	streamMs: number;
	tokens: number;
	/** As the engine itself counts, which leaves out everything between two tokens. */
	engineTokensPerSecond: number;
	text: string;
}

let engine: MLCEngine;
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
	const nothing = { streamMs: 0, tokenMs: 0, tokens: 0, engineTokensPerSecond: 0, text: '' };
	switch (ask.kind) {
		case 'start':
			engine = new MLCEngine({
				appConfig: { model_list: ask.records, cacheBackend: 'cache' },
				logLevel: 'ERROR'
			});
			break;
		case 'load':
			await engine.reload(ask.id, { context_window_size: ask.contextWindow });
			break;
		case 'reload':
			await engine.reload(ask.id, { context_window_size: ask.contextWindow });
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
			return stream(ask.request);
		case 'unload':
			await engine.unload();
	}
	return { ...nothing, ms: performance.now() - startMs };
}

async function stream(request: ChatCompletionRequestStreaming): Promise<Answer> {
	const startMs = performance.now();
	let firstMs = startMs;
	let text = '';
	let tokens = 0;
	let engineTokensPerSecond = 0;
	for await (const chunk of await engine.chat.completions.create(request)) {
		const added = chunk.choices[0]?.delta.content;
		if (added) {
			if (text === '') firstMs = performance.now();
			text += added;
		}
		if (chunk.usage) {
			tokens = chunk.usage.completion_tokens;
			engineTokensPerSecond = chunk.usage.extra.decode_tokens_per_s;
		}
	}
	const endMs = performance.now();
	return {
		ms: endMs - startMs,
		tokenMs: 0,
		streamMs: endMs - firstMs,
		tokens,
		engineTokensPerSecond,
		text
	};
}
