import type { ModelRecord } from '@mlc-ai/web-llm';
import type { GenerateRequest } from '../../src/lib/engine/protocol.ts';
import { WebLlmEngine } from '../../src/lib/engine/webllm/client.ts';

const { signal } = new AbortController();

/** The page's own engine as its benchmark uses it, outside of the page. */
export class SpeedTests {
	#engine: WebLlmEngine | null = null;

	async load(record: ModelRecord): Promise<void> {
		this.#engine = new WebLlmEngine();
		await this.#engine.load(
			{ record, overrides: {}, tokenSampling: 'engine', mayFallBack: true },
			{ signal, onPhase: () => {} }
		);
	}

	/** Milliseconds of one `tg` of so many tokens. */
	async generation(tokens: number): Promise<number> {
		if (!this.#engine) throw new Error('Nothing is loaded.');
		const test = { promptTokens: 0, generatedTokens: tokens, depthTokens: 0 };
		return (await this.#engine.measure(test, { signal })).ms;
	}

	/** An answer that nobody draws: its tokens, and milliseconds from the first text to the end. */
	async answer(request: GenerateRequest): Promise<{ tokens: number; streamMs: number }> {
		if (!this.#engine) throw new Error('Nothing is loaded.');
		let firstMs: number | null = null;
		const { completionTokens } = await this.#engine.generate(request, {
			signal,
			onText: () => (firstMs ??= performance.now())
		});
		return { tokens: completionTokens, streamMs: performance.now() - (firstMs ?? NaN) };
	}
}
