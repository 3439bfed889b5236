import type { ChatCompletionMessageParam, ModelRecord } from '@mlc-ai/web-llm';
import type { KeptPosition } from '../../src/lib/engine/position.ts';
import { WebLlmEngine } from '../../src/lib/engine/webllm/client.ts';

const { signal } = new AbortController();

/** The page's own engine as it measures quality, outside of the page. */
export class ForcedAnswers {
	#engine: WebLlmEngine | null = null;
	#messages: ChatCompletionMessageParam[] = [];
	#kept: KeptPosition[] = [];

	/** Loads, and keeps an answer; resolves with its positions. */
	async keep(record: ModelRecord, question: string, mostTokens: number): Promise<number> {
		const engine = (this.#engine = new WebLlmEngine());
		await engine.load(
			{ record, overrides: {}, tokenSampling: 'engine', mayFallBack: true },
			{ signal, onPhase: () => {} }
		);
		this.#messages = [{ role: 'user', content: question }];
		this.#kept = await engine.keepAnswer({ messages: this.#messages, mostTokens }, { signal });
		return this.#kept.length;
	}

	/** Milliseconds for the first positions of the answer, forced and compared. */
	async compare(positions: number): Promise<number> {
		if (!this.#engine) throw new Error('Nothing is loaded.');
		const kept = this.#kept.slice(0, positions);
		const startMs = performance.now();
		await this.#engine.compareAnswer({ messages: this.#messages, kept }, { signal });
		return performance.now() - startMs;
	}
}
